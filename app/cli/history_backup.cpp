#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <QFileInfo>
#include <nlohmann/json.hpp>

#include "app/checkpoints/file_path.h"
#include "app/cli/history_commands.h"
#include "app/cli/interrupt.h"
#include "app/cli/options.h"
#include "app/cli/output.h"
#include "app/settings/data_paths.h"
#include "app/transfer/restoring.h"

namespace alcove::cli {

namespace {

constexpr int kDamagedBackup = 1;

struct BackupArguments {
    std::string file;
    bool force = false;
    bool json = false;
};

int runBackup(const BackupArguments& arguments) {
    const QString file = fromPath(arguments.file);
    const QFileInfo info(file);
    if (info.exists() && (!arguments.force || !info.isFile())) {
        writeSentence(QStringLiteral("alcove-cli: %1 is there already. --force replaces a file.").arg(file));
        return 1;
    }
    const HistoryStore store = openOwnHistory(HistoryUse::Reads);
    store.backUpTo(info.absoluteFilePath());
    const HistoryFigures figures = store.figures();
    const qint64 bytes = QFileInfo(file).size();
    if (arguments.json) {
        writeJson({{"file", arguments.file},
                   {"bytes", bytes},
                   {"conversations", figures.conversations},
                   {"messages", figures.messages}});
    } else {
        writeText(QStringLiteral("Backed up %1 conversations with %2 messages in %3.\n")
                      .arg(figures.conversations)
                      .arg(figures.messages)
                      .arg(file)
                      .toStdString());
    }
    return 0;
}

int runRestore(const BackupArguments& arguments) {
    watchInterrupts();
    HistoryStore store = openOwnHistory(HistoryUse::Writes);
    ImportResult result;
    restoreBackup(store, fromPath(arguments.file), locateDataPaths().dataFolder, result,
                  engine::Cancellation(interrupted()));
    if (arguments.json) {
        nlohmann::ordered_json skipped = nlohmann::ordered_json::array();
        for (const PassedOver& one : result.passedOver) {
            skipped.push_back({{"where", one.where.toStdString()}, {"why", one.why.toStdString()}});
        }
        writeJson({{"conversations", result.conversations},
                   {"messages", result.messages},
                   {"branches", result.branches},
                   {"skipped", skipped}});
    } else {
        writeText(QStringLiteral("Restored %1 conversations and %2 messages; %3 conversations were there already.\n")
                      .arg(result.conversations)
                      .arg(result.messages)
                      .arg(result.grown + result.unchanged)
                      .toStdString());
    }
    if (result.cancelled) {
        writeSentence(
            "alcove-cli: Restoring was stopped. What was restored until then stays; restoring again adds the rest.");
        return kInterruptedExit;
    }
    for (const PassedOver& one : result.passedOver) {
        writeSentence(QStringLiteral("alcove-cli: %1: %2").arg(one.where, one.why));
    }
    return result.damages.isEmpty() ? 0 : kDamagedBackup;
}

}  // namespace

void addHistoryBackup(CLI::App& group, Command& chosen) {
    CLI::App* backup =
        group.add_subcommand("backup", "Copy the whole history into one file, also while the window is open");
    const auto arguments = std::make_shared<BackupArguments>();
    backup->add_option("FILE", arguments->file, "The file to write")->required()->type_name("");
    backup->add_flag("--force", arguments->force, "Replace FILE if it is there already");
    addJson(*backup, arguments->json);
    backup->callback([arguments, &chosen] { chosen = [arguments] { return runBackup(*arguments); }; });

    CLI::App* restore =
        group.add_subcommand("restore", "Take a backup back into the history, beside what it holds by now");
    restore->footer("Nothing is doubled, and nothing that is there is changed or removed.");
    const auto restored = std::make_shared<BackupArguments>();
    restore->add_option("FILE", restored->file, "The backup")->required()->type_name("");
    addJson(*restore, restored->json);
    restore->callback([restored, &chosen] { chosen = [restored] { return runRestore(*restored); }; });
}

}  // namespace alcove::cli
