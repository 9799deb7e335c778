#include "app/downloads/fetch_process.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>
#include <utility>

namespace alcove {
namespace {

constexpr int kEndsWithinMs = 2000;
constexpr std::size_t kReadAtOnce = 1 << 16;

void closeEnd(int& descriptor) {
    if (descriptor >= 0) {
        ::close(std::exchange(descriptor, -1));
    }
}

// Until the program has closed its output, which it does by ending; then it holds no file any more.
void awaitEnd(int output) {
    std::array<char, kReadAtOnce> buffer{};
    pollfd waiting = {.fd = output, .events = POLLIN, .revents = 0};
    while (::poll(&waiting, 1, kEndsWithinMs) == 1 && ::read(output, buffer.data(), buffer.size()) > 0) {
    }
}

}  // namespace

FetchProcess::FetchProcess(FetchStarter starter, QObject* parent) : QObject(parent), m_starter(std::move(starter)) {
}

FetchProcess::~FetchProcess() {
    stop();
    if (m_output >= 0) {
        awaitEnd(m_output);
        closeEnd(m_output);
    }
}

void FetchProcess::start(const FetchConfiguration& configuration) {
    std::signal(SIGPIPE, SIG_IGN);  // that it has ended shows as a failed write
    std::array<int, 2> input = {-1, -1};
    std::array<int, 2> output = {-1, -1};
    if (::pipe2(input.data(), O_CLOEXEC) != 0 || ::pipe2(output.data(), O_CLOEXEC) != 0 ||
        !m_starter(input[0], output[1])) {
        for (int* each : {&input[0], &input[1], &output[0], &output[1]}) {
            closeEnd(*each);
        }
        QMetaObject::invokeMethod(this, &FetchProcess::onEnd, Qt::QueuedConnection);
        return;
    }
    closeEnd(input[0]);
    closeEnd(output[1]);
    m_input = input[1];
    m_output = output[0];
    // Commands wait here, not in a write that waits for a program that waits for its events to be read.
    ::fcntl(m_input, F_SETFL, O_NONBLOCK);
    m_writable = std::make_unique<QSocketNotifier>(m_input, QSocketNotifier::Write);
    m_readable = std::make_unique<QSocketNotifier>(m_output, QSocketNotifier::Read);
    connect(m_writable.get(), &QSocketNotifier::activated, this, &FetchProcess::onWritable);
    connect(m_readable.get(), &QSocketNotifier::activated, this, &FetchProcess::onReadable);
    send(configuration);
}

void FetchProcess::send(const FetchCommand& command) {
    if (!m_over && m_input >= 0) {
        m_commands += lineOf(command);
        onWritable();
    }
}

void FetchProcess::stop() {
    m_over = true;
    m_writable.reset();
    if (m_readable) {
        m_readable->setEnabled(false);
    }
    closeEnd(m_input);
}

void FetchProcess::onWritable() {
    const ssize_t count = ::write(m_input, m_commands.constData(), static_cast<std::size_t>(m_commands.size()));
    if (count > 0) {
        m_commands.remove(0, count);
    }
    m_writable->setEnabled(!m_commands.isEmpty() && (count >= 0 || errno == EAGAIN || errno == EINTR));
}

void FetchProcess::onReadable() {
    QByteArray bytes(static_cast<qsizetype>(kReadAtOnce), Qt::Uninitialized);
    const ssize_t count = ::read(m_output, bytes.data(), kReadAtOnce);
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) {
        return;
    }
    if (count <= 0) {
        onEnd();
        return;
    }
    m_lines.add(QByteArrayView(bytes.constData(), count));
    while (const std::optional<QByteArray> line = m_lines.next()) {
        const std::optional<FetchEvent> event = eventIn(*line);
        if (!event) {
            onEnd();
            return;
        }
        emit told(*event);
        if (m_over) {
            return;
        }
    }
    if (m_lines.overflowing()) {
        onEnd();
    }
}

void FetchProcess::onEnd() {
    if (!m_over) {
        stop();
        emit told(FetchFailed{0, {.kind = FetchFailureKind::Ended}});
    }
}

}  // namespace alcove
