#include "app/cli/interrupt.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <unistd.h>

#include "engine/base/error.h"

namespace alcove::cli {

namespace {

// A signal handler can use global objects only.
std::atomic<bool> g_interrupted = false;  // also: stop the reply
std::atomic<bool> g_replying = false;
std::atomic<bool> g_leaving = false;
std::array<int, 2> g_wakePipe = {-1, -1};
static_assert(std::atomic<bool>::is_always_lock_free);

void onTimeOver(int) {
    ::_exit(kInterruptedExit);
}

void onSignal(int) {
    g_interrupted = true;
    ::alarm(kMostSeconds);
}

void onConversationSignal(int signal) {
    const int savedErrno = errno;
    if (signal == SIGINT && g_replying && !g_interrupted) {
        g_interrupted = true;
    } else if (!g_leaving) {
        g_interrupted = true;
        g_leaving = true;
        ::alarm(kMostSeconds);
        const char byte = 0;
        static_cast<void>(::write(g_wakePipe[1], &byte, 1));
    } else {
        ::_exit(kInterruptedExit);
    }
    errno = savedErrno;
}

void handle(void (*handler)(int), int flags) {
    struct sigaction action = {};
    action.sa_handler = onTimeOver;
    ::sigaction(SIGALRM, &action, nullptr);
    action.sa_handler = handler;
    action.sa_flags = flags;
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
        // nohup, and the background of a shell without job control, start programs with a signal ignored.
        struct sigaction before = {};
        if (signal == SIGTERM || ::sigaction(signal, nullptr, &before) != 0 || before.sa_handler != SIG_IGN) {
            ::sigaction(signal, &action, nullptr);
        }
    }
}

}  // namespace

void watchInterrupts() {
    handle(onSignal, static_cast<int>(SA_RESETHAND));
}

const std::atomic<bool>& interrupted() {
    return g_interrupted;
}

ConversationInterrupts::ConversationInterrupts() {
    if (::pipe2(g_wakePipe.data(), O_CLOEXEC | O_NONBLOCK) != 0) {
        throw engine::Error(engine::ErrorCode::OutOfMemory,
                            ALCOVE_TEXT("engine", "The terminal cannot be watched: %1."), std::strerror(errno));
    }
    handle(onConversationSignal, SA_RESTART);
}

void ConversationInterrupts::beginReply() {
    if (!g_leaving) {
        g_interrupted = false;
    }
    g_replying = true;
}

void ConversationInterrupts::endReply() {
    g_replying = false;
}

const std::atomic<bool>& ConversationInterrupts::stopReply() const {
    return g_interrupted;
}

bool ConversationInterrupts::leaving() const {
    return g_leaving;
}

int ConversationInterrupts::wakeDescriptor() const {
    return g_wakePipe[0];
}

}  // namespace alcove::cli
