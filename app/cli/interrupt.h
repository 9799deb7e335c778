// Ctrl-C as a flag that generation looks at.
#pragma once

#include <atomic>

namespace alcove::cli {

inline constexpr int kInterruptedExit = 130;  // what shells expect of a program ended by Ctrl-C

// From now on the first Ctrl-C (or SIGTERM) raises the flag; a second one ends the program as usual.
void watchInterrupts();

// True once Ctrl-C was pressed.
[[nodiscard]] const std::atomic<bool>& interrupted();

// Ctrl-C in a conversation. While a reply is being written the first one stops the reply; one more, or one while
// nothing is being written, asks to leave; a further one ends the program at once. SIGTERM asks to leave.
class ConversationInterrupts {
public:
    ConversationInterrupts();  // takes the signals over for the rest of the program
    ConversationInterrupts(const ConversationInterrupts&) = delete;
    ConversationInterrupts& operator=(const ConversationInterrupts&) = delete;

    void beginReply();
    void endReply();
    [[nodiscard]] const std::atomic<bool>& stopReply() const;  // for the generator
    [[nodiscard]] bool leaving() const;
    [[nodiscard]] int wakeDescriptor() const;  // readable once leaving() is true
};

}  // namespace alcove::cli
