#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "app/cli/history_commands.h"
#include "app/cli/interrupt.h"
#include "app/cli/options.h"
#include "app/cli/output.h"
#include "app/search/search_index.h"
#include "app/settings/data_paths.h"

namespace alcove::cli {

namespace {

constexpr int kPage = 50;

struct SearchArguments {
    std::vector<std::string> words;
    int most = 200;
    bool json = false;
};

nlohmann::ordered_json hitJson(const SearchHit& hit) {
    return {{"conversation", hit.conversationId},
            {"message", hit.messageId == 0 ? nlohmann::ordered_json() : nlohmann::ordered_json(hit.messageId)},
            {"title", hit.title.toStdString()},
            {"snippet", hit.snippet.text.toStdString()}};
}

void showHit(const SearchHit& hit) {
    const QString where = hit.messageId == 0           ? QStringLiteral("title")
                          : hit.author == Author::User ? QStringLiteral("you")
                                                       : QStringLiteral("reply");
    writeText(QStringLiteral("%1  %2  %3 (%4)\n    %5\n")
                  .arg(hit.conversationId)
                  .arg(QString::fromStdString(localTime(hit.at)), hit.title, where, hit.snippet.text)
                  .toStdString());
}

int runSearch(const SearchArguments& arguments) {
    watchInterrupts();
    const HistoryStore store = openOwnHistory(HistoryUse::Reads);
    if (!store.persists()) {
        throw HistoryError(HistoryError::Kind::ReadOnly,
                           QStringLiteral("A history that cannot be written cannot be searched."));
    }
    SearchIndex index(locateDataPaths().dataFolder);
    const auto stopped = [] { return interrupted().load(); };
    if (!index.bringUpToDate(stopped)) {
        return kInterruptedExit;
    }
    QStringList words;
    for (const std::string& word : arguments.words) {
        words << QString::fromStdString(word);
    }
    const SearchQuery query = parseSearch(words.join(u' '), LastWord::Whole);
    if (!query.problem.isEmpty()) {
        writeSentence(query.problem);
    }
    std::optional<JsonArrayOutput> output;
    if (arguments.json) {
        output.emplace();
    }
    int left = arguments.most;
    qint64 from = 0;
    do {
        const SearchPage page = index.search(query, std::min(left, kPage), from, stopped);
        for (const SearchHit& hit : page.hits) {
            if (left-- <= 0) {
                break;
            }
            if (output) {
                output->add(hitJson(hit));
            } else {
                showHit(hit);
            }
        }
        from = page.next;
    } while (from != 0 && left > 0 && !stopped());
    if (output) {
        output->end();
        writeText("\n");
    }
    return stopped() ? kInterruptedExit : 0;
}

}  // namespace

void addHistorySearch(CLI::App& group, Command& chosen) {
    CLI::App* command = group.add_subcommand("search", "Search titles and messages; the newest come first");
    command->footer(
        "All words are looked for, in any case and with any accents: \"rye bread\" in quotes one after the other, bak* "
        "for\n"
        "what begins so, -wheat for what is not there; from:me, from:model, by:NAME of a model, in:FOLDER,\n"
        "before:2026-01-31, after:2026-01-31, is:pinned, is:archived. Put -- before a word that begins with a dash.");
    const auto arguments = std::make_shared<SearchArguments>();
    command->add_option("TEXT", arguments->words, "What to look for")->required()->type_name("");
    command->add_option("--limit", arguments->most, "The most that are shown (default 200)")
        ->type_name("N")
        ->check(CLI::Range(1, 1000000).description(""));
    addJson(*command, arguments->json);
    command->callback([arguments, &chosen] { chosen = [arguments] { return runSearch(*arguments); }; });
}

}  // namespace alcove::cli
