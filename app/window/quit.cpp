#include "app/window/quit.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <QtCore/QSocketNotifier>

namespace alcove {

namespace {

// A signal handler can use global objects only.
std::array<int, 2> g_quitPipe = {-1, -1};
std::atomic<int> g_exitCode = EXIT_FAILURE;
static_assert(std::atomic<int>::is_always_lock_free);

void onQuitSignal(int) {
    const int savedErrno = errno;
    const char byte = 0;
    static_cast<void>(::write(g_quitPipe[1], &byte, 1));
    ::alarm(QuitSignals::kLongestWait);
    errno = savedErrno;
}

void onTimeOver(int) {
    ::_exit(g_exitCode);
}

void handle(int signal, void (*handler)(int)) {
    struct sigaction action = {};
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    ::sigaction(signal, &action, nullptr);
}

// nohup and the background of a shell without job control start programs with a signal ignored.
bool isIgnored(int signal) {
    struct sigaction action = {};
    return ::sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

std::function<void()>& saveAtExit() {
    static auto* const save = new std::function<void()>;  // still there when exit() destroys objects
    return *save;
}

void onExit() {
    if (const std::function<void()> save = std::exchange(saveAtExit(), {})) {
        save();
        ::_exit(EXIT_FAILURE);
    }
}

}  // namespace

QuitSignals::QuitSignals(QObject* parent) : QObject(parent) {
    if (g_quitPipe[0] < 0 && ::pipe2(g_quitPipe.data(), O_CLOEXEC | O_NONBLOCK) != 0) {
        throw std::system_error(errno, std::generic_category());
    }
    m_notifier = new QSocketNotifier(g_quitPipe[0], QSocketNotifier::Read, this);
    connect(m_notifier, &QSocketNotifier::activated, this, &QuitSignals::onSignal);
    handle(SIGALRM, onTimeOver);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
        if (signal == SIGTERM || !isIgnored(signal)) {
            handle(signal, onQuitSignal);
        }
    }
}

QuitSignals::~QuitSignals() = default;

void QuitSignals::onSignal() {
    std::array<char, 16> bytes = {};
    while (::read(g_quitPipe[0], bytes.data(), bytes.size()) > 0) {
    }
    emit quitRequested();
}

SaveAtExit::SaveAtExit(std::function<void()> save) {
    static const bool registered = std::atexit(onExit) == 0;
    static_cast<void>(registered);  // without it, what is not saved yet is lost as in a power cut
    saveAtExit() = std::move(save);
}

SaveAtExit::~SaveAtExit() {
    saveAtExit() = {};
}

void endWithin(unsigned seconds, int exitCode) {
    g_exitCode = exitCode;
    handle(SIGALRM, onTimeOver);
    ::alarm(seconds);
}

}  // namespace alcove

#include "moc_quit.cpp"
