#include "app/downloads/source_record.h"

#include <exception>
#include <span>
#include <string>

#include <QCoreApplication>
#include <QFile>
#include <QFileInfo>
#include <nlohmann/json.hpp>

#include "app/checkpoints/file_path.h"
#include "app/downloads/listed_files.h"
#include "app/fetch/messages/names.h"
#include "engine/base/error.h"
#include "engine/files/bounded_json.h"
#include "engine/files/new_file.h"

namespace alcove {
namespace {

struct SourceText {
    Q_DECLARE_TR_FUNCTIONS(alcove::SourceRecord)
};

constexpr engine::JsonLimits kSourceLimits = {.bytes = 4 << 20, .depth = 5, .values = 100'000, .text = 4096};

QString textAt(const nlohmann::json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? QString::fromStdString(found->get<std::string>()) : QString();
}

QString folderOf(const QString& location) {
    const QFileInfo info(location);
    return info.isDir() ? location : info.absolutePath();
}

}  // namespace

QString sourceFile(const QString& location) {
    const QFileInfo info(location);
    return info.isDir() ? location + QStringLiteral("/.alcove-source.json")
                        : info.absolutePath() + QStringLiteral("/.%1.alcove-source.json").arg(info.fileName());
}

std::optional<SourceRecord> readSource(const QString& location) {
    try {
        const engine::JsonDocument document = engine::readJsonObject(toPath(sourceFile(location)), kSourceLimits);
        const auto rows = document->find("files");
        std::optional<QList<ListedFile>> files = rows == document->end() ? std::nullopt : filesInJson(*rows);
        SourceRecord record{.repository = textAt(*document, "repository"),
                            .revision = textAt(*document, "revision"),
                            .commit = textAt(*document, "commit"),
                            .base = textAt(*document, "base"),
                            .files = {}};
        if (!files || !isRepository(record.repository) || !isRevision(record.revision)) {
            return std::nullopt;
        }
        record.files = *files;
        return record;
    } catch (const std::exception&) {
        return std::nullopt;
    }
}

void writeSource(const QString& location, const SourceRecord& record) {
    const nlohmann::json object = {{"repository", record.repository.toStdString()},
                                   {"revision", record.revision.toStdString()},
                                   {"commit", record.commit.toStdString()},
                                   {"base", record.base.toStdString()},
                                   {"files", jsonOfFiles(record.files)}};
    const std::string text = object.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
    engine::NewFile file(toPath(sourceFile(location)), 0, true);
    file.append(std::as_bytes(std::span(text)));
    file.commit();
}

QStringList verifyFiles(const QString& location, const SourceRecord& record,
                        const std::function<void(qint64)>& progress, const engine::Cancellation& cancel) {
    QStringList problems;
    qint64 done = 0;
    for (const ListedFile& listed : record.files) {
        QFile file(folderOf(location) + u'/' + listed.name);
        if (!file.exists()) {
            problems << SourceText::tr("%1 is missing.").arg(file.fileName());
            continue;
        }
        if (!file.open(QIODevice::ReadOnly)) {
            problems << SourceText::tr("%1 cannot be read: %2.").arg(file.fileName(), file.errorString());
            continue;
        }
        if (file.size() != listed.content.size) {
            problems << SourceText::tr("%1 has another size than it had.").arg(file.fileName());
            continue;
        }
        ContentHash hash(listed.content.kind, listed.content.size);
        constexpr qint64 kSlice = engine::kBytesBetweenQuestions;
        for (QByteArray slice = file.read(kSlice); !slice.isEmpty(); slice = file.read(kSlice)) {
            cancel.check(ALCOVE_TEXT("engine", "Verifying was stopped."));
            hash.add(slice);
            done += slice.size();
            progress(done);
        }
        if (hash.hex() != listed.content.hex) {
            problems << SourceText::tr("%1 is damaged: its content is not what it was.").arg(file.fileName());
        }
    }
    return problems;
}

}  // namespace alcove
