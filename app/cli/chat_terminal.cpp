#include "app/cli/chat_terminal.h"

#include <optional>
#include <string>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "app/cli/output.h"

namespace alcove::cli {

namespace {

constexpr std::string_view kHelp =
    "/new       begin a new conversation\n"
    "/list      list the conversations\n"
    "/open N    go on with conversation N\n"
    "/continue  go on with a reply that was stopped, cut by its limit or interrupted\n"
    "/help      show this\n"
    "/quit      leave (or Ctrl-D)\n"
    "Ctrl-C stops a reply; once more, it leaves.\n"
    "A line that begins with // is sent with one / less.\n";

const char* statusName(MessageStatus status) {
    switch (status) {
        case MessageStatus::Complete:
            return "complete";
        case MessageStatus::Writing:
            return "writing";
        case MessageStatus::Stopped:
            return "stopped";
        case MessageStatus::Failed:
            return "failed";
        case MessageStatus::Interrupted:
            break;
    }
    return "interrupted";
}

nlohmann::ordered_json toJson(const Message& message) {
    return {{"id", message.id},
            {"author", message.author == Author::User ? "user" : "assistant"},
            {"text", message.text.toStdString()},
            {"status", statusName(message.status)}};
}

// Ctrl-C stops the reply for as long as it exists.
class ReplyInterrupts {
public:
    explicit ReplyInterrupts(ConversationInterrupts& interrupts) : m_interrupts(interrupts) {
        m_interrupts.beginReply();
    }
    ReplyInterrupts(const ReplyInterrupts&) = delete;
    ReplyInterrupts& operator=(const ReplyInterrupts&) = delete;
    ~ReplyInterrupts() { m_interrupts.endReply(); }

private:
    ConversationInterrupts& m_interrupts;
};

}  // namespace

ChatTerminal::ChatTerminal(HistoryStore& store, Conversation& conversation, ConversationInterrupts& interrupts,
                           const SamplingArguments& sampling, bool json)
    : m_store(store),
      m_conversation(conversation),
      m_interrupts(interrupts),
      m_sampling(sampling),
      m_json(json),
      m_interactive(!json && ::isatty(STDIN_FILENO) == 1 && ::isatty(STDOUT_FILENO) == 1) {
}

int ChatTerminal::run() {
    while (!m_interrupts.leaving()) {
        if (m_interactive) {
            writeText("\n> ");
        }
        const std::optional<std::string> line = m_lines.next(m_interrupts.wakeDescriptor());
        if (!line) {
            break;
        }
        const QString text = QString::fromUtf8(line->data(), static_cast<qsizetype>(line->size())).trimmed();
        if (text.isEmpty()) {
            continue;
        }
        try {
            if (!obey(text)) {
                break;
            }
        } catch (const HistoryError& error) {
            complain(error.sentence());
        }
    }
    if (m_interactive) {
        writeText("\n");
    }
    return m_failed ? 1 : 0;
}

bool ChatTerminal::obey(const QString& line) {
    if (!line.startsWith('/') || line.startsWith("//")) {
        ask(line.startsWith('/') ? line.mid(1) : line);
        return true;
    }
    const QString name = line.section(' ', 0, 0);
    const QString argument = line.section(' ', 1).trimmed();
    if (name == "/quit") {
        return false;
    }
    if (name == "/help") {
        writeText(kHelp);
    } else if (name == "/new") {
        m_conversation.startNew();
    } else if (name == "/list") {
        list();
    } else if (name == "/open") {
        open(argument);
    } else if (name == "/continue") {
        goOn();
    } else {
        complain(QStringLiteral("There is no command %1. /help lists the commands.").arg(name));
    }
    return true;
}

void ChatTerminal::ask(const QString& text) {
    if (!m_sampling.seed) {
        m_conversation.setSeed(m_sampling.settings().seed);
    }
    show([&](const OnText& onText) { return m_conversation.ask(text, onText, m_interrupts.stopReply()); });
}

void ChatTerminal::goOn() {
    show([this](const OnText& onText) { return m_conversation.goOn(onText, m_interrupts.stopReply()); });
}

void ChatTerminal::show(const std::function<Answer(const OnText&)>& answered) {
    m_failed = false;
    const auto onText = [this](const QString& piece) {
        if (!m_json) {
            writeText(piece.toStdString());
        }
    };
    const ReplyInterrupts interrupts(m_interrupts);
    const Answer answer = answered(onText);
    const Message& reply = answer.reply;
    if (m_json) {
        writeJson({{"conversation", answer.conversationId},
                   {"message", reply.id},
                   {"text", reply.text.toStdString()},
                   {"status", statusName(reply.status)},
                   {"reason", reply.statistics.stopReason.toStdString()},
                   {"prompt_tokens", reply.statistics.promptTokens},
                   {"reused_tokens", reply.statistics.reusedTokens},
                   {"generated_tokens", reply.statistics.generatedTokens},
                   {"context_used", reply.statistics.contextUsed},
                   {"context_size", reply.statistics.contextSize},
                   {"decode_tokens_per_second", answer.tokensPerSecond}});
    } else if (!reply.text.isEmpty()) {
        writeText("\n");
    }
    if (reply.status == MessageStatus::Failed) {
        complain(reply.error);
    }
    if (!answer.unsaved.isEmpty()) {
        complain(answer.unsaved);
    }
}

void ChatTerminal::list() {
    const QList<ConversationSummary> conversations = m_store.conversations();
    nlohmann::ordered_json rows = nlohmann::ordered_json::array();
    std::vector<TableRow> table;
    for (const ConversationSummary& one : conversations) {
        const std::string updated = one.updatedAt.toLocalTime().toString("yyyy-MM-dd hh:mm").toStdString();
        rows.push_back({{"id", one.id},
                        {"title", one.title.toStdString()},
                        {"updated_at", one.updatedAt.toString(Qt::ISODate).toStdString()}});
        table.push_back({engine::Sentence::verbatim(std::to_string(one.id)),
                         engine::Sentence::verbatim(updated + "  " + one.title.toStdString())});
    }
    if (m_json) {
        writeJson({{"conversations", rows}});
    } else if (table.empty()) {
        writeText("There is no conversation yet.\n");
    } else {
        writeTable(table);
    }
}

void ChatTerminal::open(const QString& argument) {
    bool isNumber = false;
    const qint64 id = argument.toLongLong(&isNumber);
    if (!isNumber) {
        complain(QStringLiteral("/open needs the number of a conversation, as /list shows them."));
        return;
    }
    const QList<Message> messages = m_conversation.open(id);
    nlohmann::ordered_json rows = nlohmann::ordered_json::array();
    for (const Message& message : messages) {
        rows.push_back(toJson(message));
        if (!m_json) {
            writeText((message.author == Author::User ? "> " : "") + message.text.toStdString() + "\n");
        }
    }
    if (m_json) {
        writeJson({{"conversation", id}, {"messages", rows}});
    }
}

void ChatTerminal::complain(const QString& sentence) {
    m_failed = true;
    writeSentence(sentence);
}

}  // namespace alcove::cli
