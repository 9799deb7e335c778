#include "app/cli/library.h"

#include <filesystem>
#include <memory>

#include <CLI/CLI.hpp>
#include <QCoreApplication>
#include <QDateTime>
#include <QFileInfo>
#include <nlohmann/json.hpp>

#include "app/cli/interrupt.h"
#include "app/cli/numbers.h"
#include "app/cli/options.h"
#include "app/cli/output.h"
#include "app/downloads/added_repositories.h"
#include "app/downloads/download_job.h"
#include "app/downloads/network_log.h"
#include "app/downloads/source_record.h"
#include "engine/base/error.h"
#include "engine/base/host_memory.h"

namespace alcove::cli {

namespace {

using engine::Sentence;

struct LibraryListArguments {
    std::string words;
    bool json = false;
};

TableRow row(const QString& name, const QString& value) {
    return {Sentence::verbatim(name.toStdString()), Sentence::verbatim(value.toStdString())};
}

QString size(qint64 bytes) {
    return QString::fromStdString(byteCount(static_cast<std::uint64_t>(bytes)));
}

// Whether it fits this machine; none: not known.
std::optional<bool> fits(const CatalogueEntry& entry) {
    const std::optional<std::uint64_t> memory = engine::hostMemoryAvailable();
    return entry.memoryBytes() == 0 || !memory
               ? std::nullopt
               : std::make_optional(static_cast<std::uint64_t>(entry.memoryBytes()) <= *memory);
}

QString figuresOf(const CatalogueEntry& entry) {
    QStringList figures;
    if (entry.downloadBytes > 0) {
        figures << QStringLiteral("%1 to download").arg(size(entry.downloadBytes));
    }
    if (entry.quantizedBytes() > 0) {
        figures << QStringLiteral("%1 as Q4_0").arg(size(entry.quantizedBytes()));
    }
    if (entry.memoryBytes() > 0) {
        figures << QStringLiteral("needs %1%2")
                       .arg(size(entry.memoryBytes()),
                            fits(entry).value_or(true) ? QString() : QStringLiteral(" of memory: more than is free"));
    }
    if (!entry.licence.isEmpty()) {
        figures << entry.licence;
    }
    figures << entry.repository;
    return figures.join(QStringLiteral(" · "));
}

void addOffer(std::vector<TableRow>& rows, const CatalogueEntry& entry) {
    rows.push_back(row(entry.id, figuresOf(entry)));
    if (!entry.purpose.isEmpty()) {
        rows.push_back(row({}, entry.purpose));
    }
    if (entry.lastRevision > 0) {
        rows.push_back(row({}, QStringLiteral("%1@%2%3 to %1@%2%4")
                                   .arg(entry.id, entry.revisionPrefix)
                                   .arg(entry.firstRevision)
                                   .arg(entry.lastRevision)));
    }
}

nlohmann::ordered_json numberOrNull(qint64 number) {
    return number == 0 ? nlohmann::ordered_json() : nlohmann::ordered_json(number);
}

nlohmann::ordered_json jsonOfOffer(const CatalogueEntry& entry) {
    nlohmann::ordered_json object = {{"id", entry.id.toStdString()},
                                     {"title", entry.title.toStdString()},
                                     {"purpose", entry.purpose.toStdString()},
                                     {"licence", entry.licence.toStdString()},
                                     {"shipped", !entry.shipped.isEmpty()},
                                     {"repository", entry.repository.toStdString()},
                                     {"revision", entry.revision.toStdString()},
                                     {"added", entry.added},
                                     {"parameters", numberOrNull(entry.parameters)},
                                     {"download_bytes", numberOrNull(entry.downloadBytes)},
                                     {"quantized_bytes", numberOrNull(entry.quantizedBytes())},
                                     {"memory_bytes", numberOrNull(entry.memoryBytes())},
                                     {"fits", nullptr}};
    if (const std::optional<bool> fit = fits(entry)) {
        object["fits"] = *fit;
    }
    if (entry.lastRevision > 0) {
        object["first_revision"] = (entry.revisionPrefix + QString::number(entry.firstRevision)).toStdString();
        object["last_revision"] = entry.revision.toStdString();
    }
    return object;
}

nlohmann::ordered_json jsonOfEntry(const CheckpointEntry& entry) {
    const std::optional<SourceRecord> source = readSource(entry.path);
    return {{"name", entry.name.toStdString()},
            {"path", entry.path.toStdString()},
            {"usable", entry.usable},
            {"problem", entry.problem.toStdString()},
            {"bytes", entry.bytes},
            {"repository", source ? source->repository.toStdString() : ""},
            {"revision", source ? source->revision.toStdString() : ""},
            {"commit", source ? source->commit.toStdString() : ""}};
}

bool hasWords(const CheckpointEntry& entry, const QString& words) {
    const QString all = entry.name + u' ' + entry.path;
    for (const QString& word : words.simplified().split(u' ', Qt::SkipEmptyParts)) {
        if (!all.contains(word, Qt::CaseInsensitive)) {
            return false;
        }
    }
    return true;
}

void printLibrary(const QList<CheckpointEntry>& installed, const QList<DownloadJob>& jobs,
                  const QList<CatalogueEntry>& offers) {
    std::vector<TableRow> rows;
    for (const CheckpointEntry& entry : installed) {
        rows.push_back(
            row(entry.name, entry.usable ? entry.detail + QStringLiteral("  ") + entry.path : entry.problem));
    }
    for (const DownloadJob& job : jobs) {
        rows.push_back(row(job.repository + u'@' + job.revision,
                           QStringLiteral("Not complete yet: \"library download\" carries on.")));
    }
    writeText("On this machine\n");
    writeTable(rows);
    rows.clear();
    for (const CatalogueEntry& entry : offers) {
        if (entry.shipped.isEmpty()) {
            addOffer(rows, entry);
        }
    }
    writeText("\nTo download\n");
    writeTable(rows);
}

int runLibraryList(const LibraryListArguments& arguments) {
    watchInterrupts();
    const DataPaths paths = locateDataPaths();
    const Settings settings = SettingsFile(paths.settingsFile).load();
    const QString words = QString::fromStdString(arguments.words);
    QList<CheckpointEntry> installed = installedCheckpoints(paths, settings);
    installed.removeIf([&words](const CheckpointEntry& entry) { return !hasWords(entry, words); });
    const QList<CatalogueEntry> offers = entriesWith(wholeCatalogue(paths.dataFolder), words);
    const QList<DownloadJob> jobs = JobFolder::keptIn(paths.checkpointFolder);
    if (!arguments.json) {
        printLibrary(installed, jobs, offers);
        return 0;
    }
    nlohmann::ordered_json result = {{"installed", nlohmann::ordered_json::array()},
                                     {"unfinished", nlohmann::ordered_json::array()},
                                     {"offered", nlohmann::ordered_json::array()}};
    for (const CheckpointEntry& entry : installed) {
        result["installed"].push_back(jsonOfEntry(entry));
    }
    for (const DownloadJob& job : jobs) {
        result["unfinished"].push_back(
            {{"repository", job.repository.toStdString()}, {"revision", job.revision.toStdString()}});
    }
    for (const CatalogueEntry& entry : offers) {
        result["offered"].push_back(jsonOfOffer(entry));
    }
    writeJson(result);
    return 0;
}

int runNetworkLog(bool json) {
    const QString file = networkLogFile(locateDataPaths().dataFolder);
    nlohmann::ordered_json all = nlohmann::ordered_json::array();
    std::vector<std::string> lines;
    const bool readable = readNetworkLog(file, [&](const NetworkRequest& request) {
        const QString at = request.at.toLocalTime().toString(QStringLiteral("yyyy-MM-dd hh:mm:ss"));
        if (json) {
            all.push_back({{"at", request.at.toString(Qt::ISODate).toStdString()},
                           {"host", request.host.toStdString()},
                           {"file", request.file.toStdString()},
                           {"why", request.why.toStdString()},
                           {"bytes", request.bytes},
                           {"ended", request.ended}});
        } else {
            lines.push_back(QStringLiteral("%1  %2  %3  %4  %5\n")
                                .arg(at, request.why.leftJustified(8), size(request.bytes).rightJustified(9),
                                     request.host, request.file)
                                .toStdString());
        }
    });
    if (!readable) {
        throw engine::Error(engine::ErrorCode::FileUnreadable, ALCOVE_TEXT("engine", "%1 cannot be read."),
                            file.toStdString());
    }
    if (json) {
        writeJson({{"requests", all}});
        return 0;
    }
    for (const std::string& line : lines) {
        writeText(line);
    }
    if (lines.empty()) {
        writeText("Alcove has asked nothing of the network.\n");
    }
    return 0;
}

}  // namespace

QList<CheckpointEntry> installedCheckpoints(const DataPaths& paths, const Settings& settings) {
    CheckpointLibrary library(libraryFolders(paths.checkpointFolder, QCoreApplication::applicationDirPath()));
    QList<CheckpointEntry> entries = library.scan(settings.addedCheckpoints, {.cancel = interrupted()});
    engine::Cancellation(interrupted()).check(ALCOVE_TEXT("engine", "Looking for the checkpoint was stopped."));
    return entries;
}

CheckpointEntry installedNamed(const DataPaths& paths, const Settings& settings, const QString& name) {
    const QList<CheckpointEntry> entries = installedCheckpoints(paths, settings);
    const QString path = QFileInfo::exists(name) ? CheckpointLibrary::locationOf(name) : QString();
    for (const CheckpointEntry& entry : entries) {
        const std::optional<SourceRecord> source = readSource(entry.path);
        const QString address = source ? source->repository + u'@' + source->revision : QString();
        for (const QString& each :
             {QFileInfo(entry.path).fileName(), entry.name, address,
              source && source->revision == QLatin1String("main") ? source->repository : QString()}) {
            if (entry.path == path || (!each.isEmpty() && each.compare(name, Qt::CaseInsensitive) == 0)) {
                return entry;
            }
        }
    }
    throw engine::Error(
        engine::ErrorCode::FileMissing,
        ALCOVE_TEXT("engine", "There is no model \"%1\" in the library. %2 shows those that are there."),
        name.toStdString(), "alcove-cli library list");
}

void addLibraryList(CLI::App& library, Command& chosen) {
    for (const bool search : {false, true}) {
        CLI::App* command = search
                                ? library.add_subcommand("search", "Show the models with these words; asks no network")
                                : library.add_subcommand("list", "Show the models on this machine and on offer");
        const auto arguments = std::make_shared<LibraryListArguments>();
        if (search) {
            command->add_option("WORDS", arguments->words, "Words of its name, purpose or licence")
                ->required()
                ->type_name("");
        }
        addJson(*command, arguments->json);
        command->callback([arguments, &chosen] { chosen = [arguments] { return runLibraryList(*arguments); }; });
    }
}

void addLibrary(CLI::App& app, Command& chosen) {
    CLI::App* library = app.add_subcommand("library", "Find, download, import, verify and remove models");
    library->require_subcommand(1);
    addLibraryList(*library, chosen);
    addLibraryDownload(*library, chosen);
    addLibraryFiles(*library, chosen);
}

void addNetworkLog(CLI::App& app, Command& chosen) {
    CLI::App* command =
        app.add_subcommand("network-log", "Show every request that Alcove ever made: only downloads make any");
    const auto json = std::make_shared<bool>(false);
    addJson(*command, *json);
    command->callback([json, &chosen] { chosen = [json] { return runNetworkLog(*json); }; });
}

}  // namespace alcove::cli
