#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <QHash>
#include <QSet>
#include <nlohmann/json.hpp>

#include "app/cli/history_commands.h"
#include "app/cli/options.h"
#include "app/cli/output.h"

namespace alcove::cli {

namespace {

struct ShowArguments {
    qint64 id = 0;
    bool tree = false;
    bool json = false;
};

QString titleOf(const HistoryStore& store, qint64 id) {
    for (const ConversationSummary& one : store.conversations()) {
        if (one.id == id) {
            return one.title;
        }
    }
    throw HistoryError(
        HistoryError::Kind::NotFound,
        QStringLiteral("There is no conversation %1. \"alcove-cli history list\" shows those there are.").arg(id));
}

QSet<qint64> shownIn(const HistoryStore& store, qint64 id) {
    QSet<qint64> shown;
    for (const Message& message : store.beginnings(id)) {
        shown.insert(message.id);
    }
    return shown;
}

nlohmann::ordered_json orNull(qint64 id) {
    return id == 0 ? nlohmann::ordered_json() : nlohmann::ordered_json(id);
}

void showJson(const HistoryStore& store, qint64 id, const QString& title) {
    const QSet<qint64> shown = shownIn(store, id);
    writeJsonPunctuation("{\"id\":");
    writeJsonPiece(nlohmann::ordered_json(id));
    writeJsonPunctuation(",\"title\":");
    writeJsonPiece(nlohmann::ordered_json(title.toStdString()));
    writeJsonPunctuation(",\"messages\":");
    JsonArrayOutput messages;
    store.eachMessage(id, [&](const Message& message) {
        messages.add({{"id", message.id},
                      {"parent", orNull(message.parentId)},
                      {"author", message.author == Author::User ? "user" : "assistant"},
                      {"text", message.text.toStdString()},
                      {"created_at", exactTime(message.createdAt)},
                      {"shown", shown.contains(message.id)}});
        return true;
    });
    messages.end();
    writeJsonPunctuation("}\n");
}

void showMessage(const Message& message, const QString& place, const QString& note) {
    const QString author = message.author == Author::User              ? QStringLiteral("You")
                           : message.settings.checkpointName.isEmpty() ? QStringLiteral("Reply")
                                                                       : message.settings.checkpointName;
    const QString siblings = message.siblingCount > 1
                                 ? QStringLiteral(" (%1/%2)").arg(message.siblingIndex + 1).arg(message.siblingCount)
                                 : QString();
    writeText((place + QStringLiteral("%1, ").arg(author)).toStdString() + localTime(message.createdAt) +
              (siblings + note + QStringLiteral("\n\n") + message.text + QStringLiteral("\n\n")).toStdString());
}

// All messages as they were written, each with its number and that of the one it follows.
void showTree(const HistoryStore& store, qint64 id) {
    const QSet<qint64> shown = shownIn(store, id);
    QHash<qint64, int> numbers;
    store.eachMessage(id, [&](const Message& message) {
        numbers.insert(message.id, static_cast<int>(numbers.size()) + 1);
        const QString after =
            message.parentId == 0 ? QString() : QStringLiteral(" after %1").arg(numbers.value(message.parentId));
        showMessage(message, QStringLiteral("[%1%2] ").arg(numbers.size()).arg(after),
                    shown.contains(message.id) ? QString() : QStringLiteral(", not shown"));
        return true;
    });
}

int runShow(const ShowArguments& arguments) {
    const HistoryStore store = openOwnHistory(HistoryUse::Reads);
    const QString title = titleOf(store, arguments.id);
    if (arguments.json) {
        showJson(store, arguments.id, title);
        return 0;
    }
    writeText((title + QStringLiteral("\n\n")).toStdString());
    if (arguments.tree) {
        showTree(store, arguments.id);
    } else {
        const QSet<qint64> shown = shownIn(store, arguments.id);
        store.eachMessage(arguments.id, [&](const Message& message) {
            if (shown.contains(message.id)) {
                showMessage(message, {}, {});
            }
            return true;
        });
    }
    return 0;
}

}  // namespace

void addHistoryShow(CLI::App& group, Command& chosen) {
    CLI::App* command = group.add_subcommand("show", "Show a conversation: the path that the window shows");
    command->footer("With --json all messages are listed; \"shown\" tells which of them are on that path.");
    const auto arguments = std::make_shared<ShowArguments>();
    command->add_option("ID", arguments->id, "The conversation's number, as list shows it")->required()->type_name("");
    command->add_flag("--tree", arguments->tree, "All messages with their branches, in the order they were written");
    addJson(*command, arguments->json);
    command->callback([arguments, &chosen] { chosen = [arguments] { return runShow(*arguments); }; });
}

}  // namespace alcove::cli
