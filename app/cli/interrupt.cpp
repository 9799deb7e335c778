#include "app/cli/interrupt.h"

#include <csignal>

namespace alcove::cli {

namespace {

// A signal handler reaches nothing but what is global.
std::atomic<bool> g_interrupted = false;
static_assert(std::atomic<bool>::is_always_lock_free);

void onSignal(int) {
    g_interrupted = true;
}

}  // namespace

void watchInterrupts() {
    struct sigaction action = {};
    action.sa_handler = onSignal;
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
}

const std::atomic<bool>& interrupted() {
    return g_interrupted;
}

}  // namespace alcove::cli
