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
    qint64 conversation = 0;
    qint64 folder = 0;
    bool empty = false;
    bool json = false;

    [[nodiscard]] bool writes() const { return restore != 0 || conversation != 0 || folder != 0 || empty; }
};

const char* kindName(BinnedItem::Kind kind) {
    return kind == BinnedItem::Kind::Folder ? "folder" : "conversation";
}

int runBin(const BinArguments& arguments) {
    HistoryStore store = openOwnHistory(arguments.writes() ? HistoryUse::Writes : HistoryUse::Reads);
    if (arguments.restore != 0) {
        store.restoreBranch(arguments.restore);
    }
    if (arguments.conversation != 0) {
        store.restoreConversation(arguments.conversation);
    }
    if (arguments.folder != 0) {
        store.restoreFolder(arguments.folder);
    }
    if (arguments.empty) {
        store.eraseBinned(QDateTime::currentDateTimeUtc().addYears(1));
    }
    const QList<BinnedBranch> branches = store.binnedBranches();
    QList<BinnedItem> others = store.bin();
    others.removeIf([](const BinnedItem& item) { return item.kind == BinnedItem::Kind::Branch; });
    if (arguments.json) {
        JsonArrayOutput output;
        for (const BinnedItem& one : others) {
            output.add({{"kind", kindName(one.kind)},
                        {"id", one.id},
                        {"text", one.name.toStdString()},
                        {one.kind == BinnedItem::Kind::Folder ? "conversations" : "messages", one.count},
                        {"binned_at", exactTime(one.binnedAt)}});
        }
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
    for (const BinnedItem& one : others) {
        writeText(QStringLiteral("%1  %2  %3: %4\n")
                      .arg(one.id)
                      .arg(QString::fromStdString(localTime(one.binnedAt)), QLatin1String(kindName(one.kind)), one.name)
                      .toStdString());
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
        command->add_option("--restore", arguments->restore, "Take this branch back out of the bin")->type_name("ID");
    command->add_option("--restore-conversation", arguments->conversation, "Take this conversation back")
        ->type_name("ID")
        ->excludes(restore);
    command->add_option("--restore-folder", arguments->folder, "Take this folder back, with all that was in it")
        ->type_name("ID")
        ->excludes(restore);
    command->add_flag("--empty", arguments->empty, "Erase for good, from all files, what is in the bin")
        ->excludes(restore);
    addJson(*command, arguments->json);
    command->callback([arguments, &chosen] { chosen = [arguments] { return runBin(*arguments); }; });
}

}  // namespace alcove::cli
