// Ctrl-C, and the system's wish that the program ends, as flags that what runs looks at.
//
// The system's wish is SIGTERM, or SIGHUP where the terminal is gone. Whatever runs then has kMostSeconds to end by
// itself: after that the program ends in any case, since it may wait for a driver or a disk that does not answer. What
// is in the history is safe at any time.
#pragma once

#include <atomic>

namespace alcove::cli {

inline constexpr int kInterruptedExit = 130;  // what shells expect of a program ended by Ctrl-C
inline constexpr unsigned kMostSeconds = 2;

// From now on the first of each of these signals raises the flag; a second one ends the program as usual.
void watchInterrupts();

// True once Ctrl-C was pressed, or the program is to end.
[[nodiscard]] const std::atomic<bool>& interrupted();

// Ctrl-C in a conversation. While a reply is being written the first one stops the reply; one more, or one while
// nothing is being written, asks to leave; a further one ends the program at once. SIGTERM and SIGHUP ask to leave.
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
