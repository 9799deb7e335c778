#include "app/fetch/hub.h"

#include <exception>
#include <stdexcept>

#include <QSet>
#include <nlohmann/json.hpp>

#include "app/fetch/messages/names.h"
#include "engine/files/bounded_json.h"
#include "engine/files/file_errors.h"

namespace alcove {
namespace {

using Json = nlohmann::json;

constexpr engine::JsonLimits kPageLimits = {.bytes = 4 << 20, .depth = 6, .values = 300'000, .text = 4096};
constexpr qint64 kLargestFile = qint64{1} << 44;

class BadListing : public std::runtime_error {
public:
    explicit BadListing(const std::string& what) : std::runtime_error(what) {}
};

QString encoded(const QString& path) {
    QStringList parts = path.split(u'/');
    for (QString& part : parts) {
        part = QString::fromLatin1(QUrl::toPercentEncoding(part));
    }
    return parts.join(u'/');
}

QUrl below(const QUrl& base, const QString& encodedPath) {
    QUrl url = base;
    QString path = base.path(QUrl::FullyEncoded);
    while (path.endsWith(u'/')) {
        path.chop(1);
    }
    url.setPath(path + encodedPath, QUrl::TolerantMode);
    return url;
}

std::string quoted(const QString& name) {
    return engine::shown(name.toStdString());
}

std::string textAt(const Json& row, const char* key) {
    const auto found = row.find(key);
    return found != row.end() && found->is_string() ? found->get<std::string>() : std::string();
}

qint64 sizeAt(const Json& row, const QString& name) {
    const auto found = row.find("size");
    if (found == row.end() || !found->is_number_integer()) {
        throw BadListing(quoted(name) + " has no size");
    }
    const auto size = found->get<qint64>();
    if (size < 0 || size > kLargestFile) {
        throw BadListing(quoted(name) + " has an impossible size");
    }
    return size;
}

ContentIdentity contentOf(const Json& row, const QString& name) {
    ContentIdentity content;
    content.size = sizeAt(row, name);
    const auto lfs = row.find("lfs");
    const bool large = lfs != row.end() && lfs->is_object();
    content.kind = large ? HashKind::Sha256 : HashKind::GitBlob;
    content.hex = QByteArray::fromStdString(textAt(large ? *lfs : row, "oid")).toLower();
    if (content.hex.startsWith("sha256:")) {
        content.hex.remove(0, qstrlen("sha256:"));
    }
    if (!isHash(content.kind, content.hex)) {
        throw BadListing(quoted(name) + " has no hash");
    }
    if (large && sizeAt(*lfs, name) != content.size) {
        throw BadListing(quoted(name) + " has two sizes");
    }
    return content;
}

bool isHidden(const QString& name) {
    return name.startsWith(u'.') || name.contains(QLatin1String("/."));
}

void addRow(const Json& row, QList<ListedFile>& files) {
    if (!row.is_object()) {
        throw BadListing("a row is no object");
    }
    const QString name = QString::fromStdString(textAt(row, "path"));
    if (!isSafeName(name)) {
        throw BadListing("the name \"" + quoted(name) + "\"");
    }
    if (textAt(row, "type") == "directory" || isHidden(name)) {
        return;
    }
    files << ListedFile{name, contentOf(row, name)};
}

// A name twice, or a file where another one has a folder.
void requireDistinct(const QList<ListedFile>& files) {
    QSet<QString> names;
    for (const ListedFile& file : files) {
        if (names.contains(file.name)) {
            throw BadListing(quoted(file.name) + " is listed twice");
        }
        names.insert(file.name);
    }
    for (const ListedFile& file : files) {
        for (qsizetype slash = file.name.indexOf(u'/'); slash >= 0; slash = file.name.indexOf(u'/', slash + 1)) {
            if (names.contains(file.name.left(slash))) {
                throw BadListing(quoted(file.name.left(slash)) + " is a file and a folder");
            }
        }
    }
}

}  // namespace

QUrl fileAddress(const QUrl& base, const QString& repository, const QString& revision, const QString& file) {
    // A slash in a revision belongs to its name.
    return below(base, u'/' + encoded(repository) + QStringLiteral("/resolve/") +
                           QString::fromLatin1(QUrl::toPercentEncoding(revision)) + u'/' + encoded(file));
}

QUrl listAddress(const QUrl& base, const QString& repository, const QString& revision) {
    QUrl url = below(base, QStringLiteral("/api/models/") + encoded(repository) + QStringLiteral("/tree/") +
                               QString::fromLatin1(QUrl::toPercentEncoding(revision)));
    url.setQuery(QStringLiteral("recursive=true"));
    return url;
}

std::optional<FetchFailure> readListingPage(const QByteArray& page, QList<ListedFile>& files) {
    try {
        const engine::JsonDocument document =
            engine::parseJsonObject("{\"rows\":" + page.toStdString() + "}", kPageLimits,
                                    [](const engine::Sentence& clause) { throw BadListing(clause.english()); });
        const Json& rows = document->at("rows");
        if (!rows.is_array()) {
            throw BadListing("it is no list");
        }
        if (rows.size() > static_cast<std::size_t>(kMostListedFiles) ||
            files.size() + static_cast<qsizetype>(rows.size()) > kMostListedFiles) {
            return FetchFailure{.kind = FetchFailureKind::ListingTooLarge};
        }
        for (const Json& row : rows) {
            addRow(row, files);
        }
        requireDistinct(files);
        return std::nullopt;
    } catch (const BadListing& bad) {
        return FetchFailure{.kind = FetchFailureKind::UnsafeListing, .detail = QString::fromUtf8(bad.what())};
    }
}

QUrl nextPage(const QByteArray& linkHeader) {
    for (const QByteArray& link : linkHeader.split(',')) {
        const qsizetype begin = link.indexOf('<');
        const qsizetype end = link.indexOf('>', begin);
        if (begin >= 0 && end > begin && link.mid(end).contains("rel=\"next\"")) {
            return QUrl(QString::fromLatin1(link.mid(begin + 1, end - begin - 1)), QUrl::StrictMode);
        }
    }
    return {};
}

}  // namespace alcove
