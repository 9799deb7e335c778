#include <algorithm>
#include <memory>
#include <numeric>
#include <string>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "app/cli/history_commands.h"
#include "app/cli/options.h"
#include "app/cli/output.h"

namespace alcove::cli {

namespace {

struct ListArguments {
    std::string folder;
    bool json = false;
};

std::string folderName(const HistoryStore& store, qint64 folder) {
    return store.folderPath(folder).join(u'/').toStdString();
}

// Pinned ones first; within, newest first, as they come.
QList<ConversationSummary> listed(const HistoryStore& store, const std::string& folder) {
    QList<ConversationSummary> all = store.conversations();
    if (!folder.empty()) {
        all.removeIf([&](const ConversationSummary& one) {
            const std::string name = folderName(store, one.folderId);
            return name != folder && !name.starts_with(folder + "/");
        });
    }
    std::stable_partition(all.begin(), all.end(),
                          [](const ConversationSummary& one) { return one.pinnedAt.isValid(); });
    return all;
}

int runList(const ListArguments& arguments) {
    const HistoryStore store = openOwnHistory(HistoryUse::Reads);
    const QList<ConversationSummary> all = listed(store, arguments.folder);
    if (arguments.json) {
        JsonArrayOutput output;
        for (const ConversationSummary& one : all) {
            const std::string folder = folderName(store, one.folderId);
            output.add({{"id", one.id},
                        {"title", one.title.toStdString()},
                        {"updated_at", exactTime(one.updatedAt)},
                        {"pinned", one.pinnedAt.isValid()},
                        {"archived", one.archivedAt.isValid()},
                        {"folder", folder.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(folder)}});
        }
        output.end();
        writeText("\n");
        return 0;
    }
    const qsizetype width = std::to_string(std::accumulate(all.begin(), all.end(), qint64{0},
                                                           [](qint64 most, const ConversationSummary& one) {
                                                               return std::max(most, one.id);
                                                           }))
                                .size();
    for (const ConversationSummary& one : all) {
        const std::string folder = folderName(store, one.folderId);
        const QString line =
            QStringLiteral("%1  %2  %3%4%5%6\n")
                .arg(one.id, static_cast<int>(width))
                .arg(QString::fromStdString(localTime(one.updatedAt)),
                     folder.empty() ? QString() : QString::fromStdString(folder) + QStringLiteral(": "), one.title,
                     one.pinnedAt.isValid() ? QStringLiteral(" (pinned)") : QString(),
                     one.archivedAt.isValid() ? QStringLiteral(" (archived)") : QString());
        writeText(line.toStdString());
    }
    return 0;
}

int runStats(bool json) {
    const HistoryFigures figures = openOwnHistory(HistoryUse::Reads).figures();
    if (json) {
        nlohmann::ordered_json result = {{"conversations", figures.conversations},
                                         {"messages", figures.messages},
                                         {"replies", figures.replies},
                                         {"branches", figures.branches},
                                         {"folders", figures.folders},
                                         {"archived", figures.archived},
                                         {"binned", figures.binned},
                                         {"characters", figures.characters},
                                         {"tokens", figures.tokens}};
        result["first"] = figures.first.isValid() ? nlohmann::ordered_json(exactTime(figures.first)) : nullptr;
        result["last"] = figures.last.isValid() ? nlohmann::ordered_json(exactTime(figures.last)) : nullptr;
        writeJson(result);
        return 0;
    }
    const auto row = [](const char* name, const std::string& value) {
        return TableRow{engine::Sentence::verbatim(name), engine::Sentence::verbatim(value)};
    };
    std::vector<TableRow> rows{row("Conversations", std::to_string(figures.conversations)),
                               row("  archived", std::to_string(figures.archived)),
                               row("Folders", std::to_string(figures.folders)),
                               row("Messages", std::to_string(figures.messages)),
                               row("  replies", std::to_string(figures.replies)),
                               row("  with an elder sibling", std::to_string(figures.branches)),
                               row("Characters", std::to_string(figures.characters)),
                               row("Tokens made", std::to_string(figures.tokens)),
                               row("In the bin", std::to_string(figures.binned))};
    if (figures.first.isValid()) {
        rows.push_back(row("From", localTime(figures.first)));
        rows.push_back(row("To", localTime(figures.last)));
    }
    writeTable(rows);
    return 0;
}

}  // namespace

void addHistoryList(CLI::App& group, Command& chosen) {
    CLI::App* list = group.add_subcommand("list", "List the conversations: pinned ones first, then by last use");
    const auto arguments = std::make_shared<ListArguments>();
    list->add_option("--folder", arguments->folder, "Only those in this folder, or in one of its folders: Work/Letters")
        ->type_name("NAME");
    addJson(*list, arguments->json);
    list->callback([arguments, &chosen] { chosen = [arguments] { return runList(*arguments); }; });

    CLI::App* stats = group.add_subcommand("stats", "Count what the history holds");
    const auto json = std::make_shared<bool>(false);
    addJson(*stats, *json);
    stats->callback([json, &chosen] { chosen = [json] { return runStats(*json); }; });
}

}  // namespace alcove::cli
