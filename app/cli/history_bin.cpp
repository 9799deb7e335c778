#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "app/cli/history_commands.h"
#include "app/cli/options.h"
#include "app/cli/output.h"

namespace alcove::cli {

namespace {

struct BinArguments {
    qint64 restore = 0;
    bool empty = false;
    bool json = false;
};

int runBin(const BinArguments& arguments) {
    HistoryStore store =
        openOwnHistory(arguments.restore != 0 || arguments.empty ? HistoryUse::Writes : HistoryUse::Reads);
    if (arguments.restore != 0) {
        store.restoreBranch(arguments.restore);
    }
    if (arguments.empty) {
        store.eraseBinned(QDateTime::currentDateTimeUtc().addYears(1));
    }
    const QList<BinnedBranch> branches = store.binnedBranches();
    if (arguments.json) {
        JsonArrayOutput output;
        for (const BinnedBranch& one : branches) {
            output.add({{"kind", "branch"},
                        {"id", one.rootId},
                        {"conversation", one.conversationId},
                        {"text", one.beginning.toStdString()},
                        {"messages", one.messages},
                        {"binned_at", exactTime(one.binnedAt)}});
        }
        output.end();
        writeText("\n");
        return 0;
    }
    for (const BinnedBranch& one : branches) {
        writeText(QStringLiteral("%1  %2  %3 messages of conversation %4: %5\n")
                      .arg(one.rootId)
                      .arg(QString::fromStdString(localTime(one.binnedAt)))
                      .arg(one.messages)
                      .arg(one.conversationId)
                      .arg(one.beginning)
                      .toStdString());
    }
    return 0;
}

}  // namespace

void addHistoryBin(CLI::App& group, Command& chosen) {
    CLI::App* command =
        group.add_subcommand("bin", "Show what is in the bin, newest first, restore it, or empty the bin");
    const auto arguments = std::make_shared<BinArguments>();
    CLI::Option* restore =
        command->add_option("--restore", arguments->restore, "Take this back out of the bin")->type_name("ID");
    command->add_flag("--empty", arguments->empty, "Erase for good, from all files, what is in the bin")
        ->excludes(restore);
    addJson(*command, arguments->json);
    command->callback([arguments, &chosen] { chosen = [arguments] { return runBin(*arguments); }; });
}

}  // namespace alcove::cli
