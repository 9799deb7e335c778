// Ctrl-C as a flag that generation looks at.
#pragma once

#include <atomic>

namespace alcove::cli {

inline constexpr int kInterruptedExit = 130;  // what shells expect of a program ended by Ctrl-C

// From now on the first Ctrl-C (or SIGTERM) raises the flag; a second one ends the program as usual.
void watchInterrupts();

// True once Ctrl-C was pressed.
[[nodiscard]] const std::atomic<bool>& interrupted();

}  // namespace alcove::cli
