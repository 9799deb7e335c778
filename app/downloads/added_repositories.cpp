#include "app/downloads/added_repositories.h"

#include <algorithm>
#include <exception>
#include <span>
#include <string>

#include <QDir>
#include <nlohmann/json.hpp>

#include "app/checkpoints/file_path.h"
#include "app/fetch/messages/names.h"
#include "engine/base/error.h"
#include "engine/files/bounded_json.h"
#include "engine/files/new_file.h"

namespace alcove {
namespace {

constexpr engine::JsonLimits kAddedLimits = {.bytes = 1 << 18, .depth = 3, .values = 2000, .text = 1000};

QString addedFile(const QString& dataFolder) {
    return dataFolder + QStringLiteral("/library.json");
}

CatalogueEntry addedEntry(const QString& repository, const QString& revision) {
    const bool main = revision == QLatin1String("main");
    CatalogueEntry entry;
    entry.id = main ? repository : repository + u'@' + revision;
    entry.title = repository.section(u'/', 1) + (main ? QString() : u' ' + revision);
    entry.repository = repository;
    entry.revision = revision;
    entry.added = true;
    return entry;
}

void writeAdded(const QString& dataFolder, const QList<CatalogueEntry>& entries) {
    nlohmann::json names = nlohmann::json::array();
    for (const CatalogueEntry& entry : entries) {
        names.push_back((entry.repository + u'@' + entry.revision).toStdString());
    }
    const std::string text = nlohmann::json{{"repositories", names}}.dump(1) + "\n";
    QDir().mkpath(dataFolder);
    engine::NewFile file(toPath(addedFile(dataFolder)), 0, true);
    file.append(std::as_bytes(std::span(text)));
    file.commit();
}

}  // namespace

QList<CatalogueEntry> addedRepositories(const QString& dataFolder) {
    QList<CatalogueEntry> entries;
    try {
        const engine::JsonDocument document = engine::readJsonObject(toPath(addedFile(dataFolder)), kAddedLimits);
        const auto names = document->find("repositories");
        if (names == document->end() || !names->is_array()) {
            return {};
        }
        for (const nlohmann::json& name : *names) {
            const QString text = name.is_string() ? QString::fromStdString(name.get<std::string>()) : QString();
            if (const std::optional<RepositoryAddress> address = repositoryNamed(text);
                address && entries.size() < kMostAddedRepositories) {
                entries << addedEntry(address->repository, address->revision);
            }
        }
    } catch (const std::exception&) {  // there is none, or it makes no sense
    }
    return entries;
}

void addRepository(const QString& dataFolder, const RepositoryAddress& address) {
    QList<CatalogueEntry> entries = addedRepositories(dataFolder);
    const CatalogueEntry added = addedEntry(address.repository, address.revision);
    const bool known = std::any_of(entries.begin(), entries.end(),
                                   [&added](const CatalogueEntry& each) { return each.id == added.id; });
    if (known) {
        return;
    }
    if (entries.size() >= kMostAddedRepositories) {
        throw engine::Error(engine::ErrorCode::InvalidRequest,
                            ALCOVE_TEXT("engine", "There are %1 added repositories already. Remove one first."),
                            kMostAddedRepositories);
    }
    writeAdded(dataFolder, entries << added);
}

bool removeRepository(const QString& dataFolder, const QString& repository, const QString& revision) {
    QList<CatalogueEntry> entries = addedRepositories(dataFolder);
    const qsizetype removed = entries.removeIf(
        [&](const CatalogueEntry& entry) { return entry.repository == repository && entry.revision == revision; });
    if (removed > 0) {
        writeAdded(dataFolder, entries);
    }
    return removed > 0;
}

QList<CatalogueEntry> wholeCatalogue(const QString& dataFolder) {
    return builtInCatalogue() + addedRepositories(dataFolder);
}

}  // namespace alcove
