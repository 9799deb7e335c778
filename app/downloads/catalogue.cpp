#include "app/downloads/catalogue.h"

#include <algorithm>
#include <initializer_list>
#include <string>

#include <QFile>
#include <QSet>
#include <QUrl>
#include <nlohmann/json.hpp>

#include "app/fetch/messages/names.h"
#include "engine/base/error.h"
#include "engine/files/bounded_json.h"
#include "engine/files/file_errors.h"

void initCatalogueResource() {
    Q_INIT_RESOURCE(catalogue);
}

namespace alcove {
namespace {

using Json = nlohmann::json;

constexpr engine::JsonLimits kCatalogueLimits = {.bytes = 1 << 20, .depth = 6, .values = 50'000, .text = 1000};
constexpr const char* kCatalogueName = "catalogue.json";
constexpr qint64 kMostOfAnything = qint64{1} << 44;

[[noreturn]] void failCatalogue(const std::string& key, engine::TranslatableText what) {
    engine::failDamaged(kCatalogueName, ALCOVE_TEXT("engine", "%1 is not %2"), engine::shown(key), what);
}

void allowOnly(const Json& object, std::initializer_list<const char*> keys) {
    for (const auto& item : object.items()) {
        const std::string& key = item.key();
        if (std::none_of(keys.begin(), keys.end(), [&key](const char* each) { return key == each; })) {
            failCatalogue(key, ALCOVE_TEXT("engine", "a member of a catalogue"));
        }
    }
}

QString textOf(const Json& object, const char* key, bool required, qsizetype longest) {
    const auto found = object.find(key);
    if (found == object.end() && !required) {
        return {};
    }
    if (found == object.end() || !found->is_string()) {
        failCatalogue(key, ALCOVE_TEXT("engine", "a text"));
    }
    QString text = QString::fromStdString(found->get<std::string>());
    const bool plain = std::all_of(text.begin(), text.end(), [](QChar c) { return c.isPrint(); });
    if (text.isEmpty() || text.size() > longest || !plain) {
        failCatalogue(key, ALCOVE_TEXT("engine", "a text"));
    }
    return text;
}

qint64 numberOf(const Json& object, const char* key, qint64 most) {
    const auto found = object.find(key);
    if (found == object.end()) {
        return 0;
    }
    if (!found->is_number_unsigned() || found->get<quint64>() == 0 ||
        found->get<quint64>() > static_cast<quint64>(most)) {
        failCatalogue(key, ALCOVE_TEXT("engine", "a number in its range"));
    }
    return found->get<qint64>();
}

ListedFile fileOf(const Json& row) {
    if (!row.is_object()) {
        failCatalogue("files", ALCOVE_TEXT("engine", "a list of files"));
    }
    allowOnly(row, {"name", "size", "sha256", "blob"});
    ListedFile file;
    file.name = textOf(row, "name", true, 200);
    file.content.size = numberOf(row, "size", kMostOfAnything);
    file.content.kind = row.contains("sha256") ? HashKind::Sha256 : HashKind::GitBlob;
    const char* key = file.content.kind == HashKind::Sha256 ? "sha256" : "blob";
    file.content.hex = textOf(row, key, true, 64).toLatin1();
    if (!isSafeName(file.name) || !isHash(file.content.kind, file.content.hex)) {
        failCatalogue(key, ALCOVE_TEXT("engine", "a list of files"));
    }
    return file;
}

void readRevisions(const Json& object, CatalogueEntry& entry) {
    const auto found = object.find("revisions");
    if (found == object.end()) {
        entry.revision = textOf(object, "revision", true, 200);
        return;
    }
    if (!found->is_object() || object.contains("revision")) {
        failCatalogue("revisions", ALCOVE_TEXT("engine", "a range of revisions"));
    }
    allowOnly(*found, {"prefix", "first", "last"});
    constexpr qint64 kMostRevisions = 1'000'000;
    entry.revisionPrefix = textOf(*found, "prefix", true, 50);
    entry.firstRevision = static_cast<int>(numberOf(*found, "first", kMostRevisions));
    entry.lastRevision = static_cast<int>(numberOf(*found, "last", kMostRevisions));
    if (entry.firstRevision >= entry.lastRevision) {
        failCatalogue("revisions", ALCOVE_TEXT("engine", "a range of revisions"));
    }
    entry.revision = entry.revisionPrefix + QString::number(entry.lastRevision);
}

CatalogueEntry entryOf(const Json& object) {
    if (!object.is_object()) {
        failCatalogue("entries", ALCOVE_TEXT("engine", "a list of models"));
    }
    allowOnly(object, {"id", "title", "purpose", "licence", "shipped", "repository", "revision", "revisions", "chat",
                       "parameters", "download_bytes", "layers", "kv_width", "context", "files"});
    constexpr qint64 kMostOfAModel = 1'000'000;
    CatalogueEntry entry;
    entry.id = textOf(object, "id", true, 60);
    entry.title = textOf(object, "title", true, 60);
    entry.purpose = textOf(object, "purpose", true, 200);
    entry.licence = textOf(object, "licence", false, 60);
    entry.shipped = textOf(object, "shipped", false, 60);
    entry.repository = textOf(object, "repository", false, 200);
    if (entry.shipped.isEmpty() == entry.repository.isEmpty() ||
        (!entry.repository.isEmpty() && !isRepository(entry.repository))) {
        failCatalogue("repository", ALCOVE_TEXT("engine", "the name of a repository"));
    }
    if (!entry.repository.isEmpty()) {
        readRevisions(object, entry);
        if (!isRevision(entry.revision)) {
            failCatalogue("revision", ALCOVE_TEXT("engine", "a revision"));
        }
    }
    const auto chat = object.find("chat");
    if (chat == object.end() || !chat->is_boolean()) {
        failCatalogue("chat", ALCOVE_TEXT("engine", "true or false"));
    }
    entry.chat = chat->get<bool>();
    entry.parameters = numberOf(object, "parameters", kMostOfAnything);
    entry.downloadBytes = numberOf(object, "download_bytes", kMostOfAnything);
    entry.layers = static_cast<int>(numberOf(object, "layers", kMostOfAModel));
    entry.kvWidth = static_cast<int>(numberOf(object, "kv_width", kMostOfAModel));
    entry.context = static_cast<int>(numberOf(object, "context", kMostOfAModel));
    if (const auto files = object.find("files"); files != object.end()) {
        if (!files->is_array() || !isCommit(entry.revision)) {  // only a commit has files that stay the same
            failCatalogue("files", ALCOVE_TEXT("engine", "a list of files"));
        }
        for (const Json& row : *files) {
            entry.files << fileOf(row);
        }
    }
    return entry;
}

}  // namespace

qint64 CatalogueEntry::quantizedBytes() const {
    constexpr qint64 kBlockBytes = 18;  // of Q4_0, for 32 values
    constexpr qint64 kBlockValues = 32;
    return parameters * kBlockBytes / kBlockValues;
}

qint64 CatalogueEntry::memoryBytes() const {
    constexpr qint64 kKeyAndValue = 2;
    constexpr qint64 kBytesOfF16 = 2;
    const qint64 cache = kKeyAndValue * kBytesOfF16 * layers * kvWidth * context;
    return parameters == 0 || cache == 0 ? 0 : quantizedBytes() + cache;
}

QList<CatalogueEntry> readCatalogue(const QByteArray& json) {
    const engine::JsonDocument document =
        engine::parseJsonObject(json.toStdString(), std::filesystem::path(kCatalogueName), kCatalogueLimits);
    allowOnly(*document, {"version", "entries"});
    if (numberOf(*document, "version", 1) != 1) {
        failCatalogue("version", ALCOVE_TEXT("engine", "1"));
    }
    const auto rows = document->find("entries");
    if (rows == document->end() || !rows->is_array()) {
        failCatalogue("entries", ALCOVE_TEXT("engine", "a list of models"));
    }
    QList<CatalogueEntry> entries;
    QSet<QString> ids;
    for (const Json& row : *rows) {
        entries << entryOf(row);
        if (ids.contains(entries.last().id)) {
            failCatalogue(entries.last().id.toStdString(), ALCOVE_TEXT("engine", "the only one of its name"));
        }
        ids.insert(entries.last().id);
    }
    return entries;
}

const QList<CatalogueEntry>& builtInCatalogue() {
    static const QList<CatalogueEntry> entries = [] {
        initCatalogueResource();
        QFile file(QStringLiteral(":/alcove/catalogue.json"));
        static_cast<void>(file.open(QIODevice::ReadOnly));
        return readCatalogue(file.readAll());
    }();
    return entries;
}

std::optional<RepositoryAddress> repositoryNamed(const QString& text) {
    RepositoryAddress address{.repository = text.trimmed(), .revision = QStringLiteral("main"), .base = {}};
    if (address.repository.startsWith(QLatin1String("https://")) ||
        address.repository.startsWith(QLatin1String("http://"))) {
        const QUrl url(address.repository, QUrl::StrictMode);
        const QStringList parts = url.path().split(u'/', Qt::SkipEmptyParts);
        constexpr qsizetype kRevisionAt = 3;
        const bool withRevision = parts.size() > kRevisionAt && parts[2] == QLatin1String("tree");
        if (!url.isValid() || !url.userInfo().isEmpty() || (parts.size() != 2 && !withRevision)) {
            return std::nullopt;
        }
        address.repository = parts[0] + u'/' + parts[1];
        address.base = url.adjusted(QUrl::RemovePath | QUrl::RemoveQuery | QUrl::RemoveFragment).toString();
        if (withRevision) {
            address.revision = parts.mid(kRevisionAt).join(u'/');
        }
    } else if (const qsizetype at = address.repository.indexOf(u'@'); at >= 0) {
        address.revision = address.repository.mid(at + 1);
        address.repository.truncate(at);
    }
    return isRepository(address.repository) && isRevision(address.revision) ? std::make_optional(address)
                                                                            : std::nullopt;
}

std::optional<CatalogueEntry> entryNamed(const QList<CatalogueEntry>& entries, const QString& text) {
    const qsizetype at = text.indexOf(u'@');
    const QString name = text.left(at).trimmed();
    const QString revision = at < 0 ? QString() : text.mid(at + 1).trimmed();
    const auto is = [](const QString& a, const QString& b) { return a.compare(b, Qt::CaseInsensitive) == 0; };
    for (const QString CatalogueEntry::*field :
         {&CatalogueEntry::id, &CatalogueEntry::title, &CatalogueEntry::repository}) {
        for (CatalogueEntry entry : entries) {
            if (!is(entry.*field, name) && !is(entry.*field, text)) {
                continue;
            }
            if (!revision.isEmpty() && revision != entry.revision && !is(entry.*field, text)) {
                entry.revision = revision;
                entry.files.clear();
                entry.downloadBytes = 0;
            }
            return isRevision(entry.revision) || entry.repository.isEmpty() ? std::make_optional(entry) : std::nullopt;
        }
    }
    return std::nullopt;
}

QList<CatalogueEntry> entriesWith(const QList<CatalogueEntry>& entries, const QString& words) {
    QList<CatalogueEntry> found;
    const QStringList wanted = words.simplified().split(u' ', Qt::SkipEmptyParts);
    for (const CatalogueEntry& entry : entries) {
        const QString all =
            QStringList{entry.id, entry.title, entry.purpose, entry.repository, entry.licence}.join(u' ');
        if (std::all_of(wanted.begin(), wanted.end(),
                        [&all](const QString& word) { return all.contains(word, Qt::CaseInsensitive); })) {
            found << entry;
        }
    }
    return found;
}

}  // namespace alcove
