// The conversation as it looks in a terminal, or in a pipe.
#pragma once

#include <string_view>

#include "app/cli/conversation.h"
#include "app/cli/interrupt.h"
#include "app/cli/line_reader.h"
#include "app/cli/options.h"

namespace alcove::cli {

// Each line is a question or a command. Standard output gets the replies, each ended by a line break, and what
// commands list; with `json` one line of JSON for each. What goes wrong goes to standard error.
class ChatTerminal {
public:
    ChatTerminal(HistoryStore& store, Conversation& conversation, ConversationInterrupts& interrupts,
                 const SamplingArguments& sampling, bool json);

    // Until the input ends, /quit or Ctrl-C. Returns the exit code: 1 if the last question could not be answered
    // or kept.
    int run();

private:
    // False: the person wants to leave.
    bool obey(const QString& line);
    void ask(const QString& text);
    void goOn();
    using OnText = std::function<void(const QString&)>;
    void show(const std::function<Answer(const OnText&)>& answered);
    void list();
    void open(const QString& argument);
    void complain(const QString& sentence);

    HistoryStore& m_store;
    Conversation& m_conversation;
    ConversationInterrupts& m_interrupts;
    const SamplingArguments& m_sampling;
    bool m_json;
    bool m_interactive;  // a person types: a prompt is shown
    bool m_failed = false;
    LineReader m_lines;
};

}  // namespace alcove::cli
