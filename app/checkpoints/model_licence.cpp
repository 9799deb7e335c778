#include "app/checkpoints/model_licence.h"

#include <exception>

#include <QDir>
#include <QRegularExpression>

#include "app/checkpoints/file_path.h"
#include "engine/checkpoint/location.h"
#include "engine/files/small_file.h"

namespace alcove {
namespace {

constexpr std::uint64_t kLargestLicence = 1 << 16;
constexpr qsizetype kLongestLicence = 60;

QString readLicenceText(const QString& path) {
    try {
        const std::string bytes = engine::readSmallFile(toPath(path), kLargestLicence);
        const QString text = QString::fromUtf8(bytes.data(), static_cast<qsizetype>(bytes.size()));
        return text.contains(QChar::Null) ? QString() : text;
    } catch (const std::exception&) {  // engine::Error, or the file system's
        return {};
    }
}

// The value of `license:` between the two lines "---" that a model's card begins with.
QString nameInCard(const QString& card) {
    static const QRegularExpression head("\\A---\\r?\\n(.*?)\\r?\\n---",
                                         QRegularExpression::DotMatchesEverythingOption);
    static const QRegularExpression entry("^license:[ \\t]*[\"']?([A-Za-z0-9.+_ -]+)",
                                          QRegularExpression::MultilineOption);
    const QRegularExpressionMatch between = head.match(card);
    return between.hasMatch() ? entry.match(between.captured(1)).captured(1).trimmed().left(kLongestLicence)
                              : QString();
}

}  // namespace

ModelLicence readModelLicence(const QString& location) {
    ModelLicence licence;
    try {
        const QDir folder(fromPath(engine::folderOfLocation(toPath(location))));
        licence.name = nameInCard(readLicenceText(folder.filePath(QStringLiteral("README.md"))));
        const QStringList patterns = {"LICENSE*", "LICENCE*", "COPYING*", "*-LICENSE", "*-LICENCE"};
        const QStringList names = folder.entryList(patterns, QDir::Files | QDir::Readable, QDir::Name);
        for (const QString& name : names.mid(0, 4)) {
            const QString path = folder.filePath(name);
            if (const QString text = readLicenceText(path); !text.trimmed().isEmpty()) {
                licence.file = path;
                licence.text = text;
                break;
            }
        }
    } catch (const std::exception&) {
    }
    return licence;
}

}  // namespace alcove
