#include <CLI/CLI.hpp>

#include "app/cli/history_commands.h"
#include "app/cli/output.h"
#include "app/settings/data_paths.h"

namespace alcove::cli {

HistoryStore openOwnHistory(HistoryUse use) {
    const DataPaths paths = prepareDataPaths();
    HistoryStore store = HistoryStore::open(paths.dataFolder);
    const OpenReport& report = store.report();
    if (report.state == OpenReport::State::Unavailable || (use == HistoryUse::Writes && !store.persists())) {
        throw HistoryError(HistoryError::Kind::ReadOnly, paths.problem.isEmpty() ? report.sentence : paths.problem);
    }
    if (!report.sentence.isEmpty()) {
        writeSentence(report.sentence);
    }
    return store;
}

std::string localTime(const QDateTime& time) {
    return time.toLocalTime().toString(QStringLiteral("yyyy-MM-dd hh:mm")).toStdString();
}

std::string exactTime(const QDateTime& time) {
    return time.toUTC().toString(Qt::ISODateWithMs).toStdString();
}

void addHistory(CLI::App& app, Command& chosen) {
    CLI::App* group = app.add_subcommand("history", "List, show, search, export and import conversations");
    group->require_subcommand(1);
    addHistoryList(*group, chosen);
    addHistoryShow(*group, chosen);
    addHistorySearch(*group, chosen);
    addHistoryExport(*group, chosen);
    addHistoryImport(*group, chosen);
    addHistoryBackup(*group, chosen);
    addHistoryBin(*group, chosen);
}

}  // namespace alcove::cli
