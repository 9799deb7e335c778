// Running the built alcove-fetch.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <spawn.h>
#include <unistd.h>
#include <variant>

#include <QElapsedTimer>
#include <QFile>
#include <QList>
#include <QProcess>
#include <QTemporaryDir>

#include "app/fetch/messages/line_buffer.h"
#include "app/fetch/messages/messages.h"
#include "tests/fakes/fake_hub.h"

namespace alcove::tests {

inline const QString kRepository = "org/model";

// Fails soon, and waits for nothing long.
inline FetchLimits quickLimits() {
    return {
        .attempts = 3, .backoffMs = 1, .longestWaitMs = 1000, .stallMs = 5000, .trickleMs = 5000, .trickleBytes = 1};
}

// Bytes that no part of which is like another.
inline QByteArray someContent(qsizetype size, quint64 seed = 1) {
    QByteArray content(size, '\0');
    for (qsizetype i = 0; i < size; ++i) {
        seed = seed * 6364136223846793005U + 1442695040888963407U;
        content[i] = static_cast<char>(seed >> 56U);
    }
    return content;
}

inline ContentIdentity sha256Of(const QByteArray& content) {
    ContentHash hash(HashKind::Sha256, content.size());
    hash.add(content);
    return {content.size(), HashKind::Sha256, hash.hex()};
}

// Starts a program as alcove-fetch is started.
inline std::function<bool(int, int)> starterOf(const QString& program) {
    return [program](int input, int output) {
        posix_spawn_file_actions_t actions{};
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
        ::posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
        QByteArray path = QFile::encodeName(program);
        std::array<char*, 2> arguments = {path.data(), nullptr};
        pid_t process = 0;
        const int result = ::posix_spawn(&process, path.constData(), &actions, nullptr, arguments.data(), environ);
        ::posix_spawn_file_actions_destroy(&actions);
        return result == 0;
    };
}

class FetchRun {
public:
    explicit FetchRun(const FetchConfiguration& configuration) {
        m_process.setProcessChannelMode(QProcess::ForwardedErrorChannel);
        m_process.start(ALCOVE_FETCH, QStringList());
        send(configuration);
    }
    // Of a hub, with the log in `folder`.
    FetchRun(const FakeHub& hub, const QTemporaryDir& folder, const QString& token = {})
        : FetchRun({.base = hub.base(), .token = token, .log = folder.filePath("log"), .limits = quickLimits()}) {}
    FetchRun(const FetchRun&) = delete;
    FetchRun& operator=(const FetchRun&) = delete;
    ~FetchRun() {
        m_process.closeWriteChannel();
        m_process.waitForFinished(10000);
    }

    void send(const FetchCommand& command) { write(lineOf(command)); }
    void write(const QByteArray& bytes) {
        m_process.write(bytes);
        m_process.waitForBytesWritten(10000);
    }

    // The next event, whichever; none if there is none for long, or the program has ended.
    std::optional<FetchEvent> next() {
        QElapsedTimer waited;
        waited.start();
        while (true) {
            if (const std::optional<QByteArray> line = m_lines.next()) {
                return eventIn(*line);
            }
            constexpr int kMost = 20000;
            if (waited.elapsed() > kMost || (!m_process.waitForReadyRead(kMost) && m_process.bytesAvailable() == 0)) {
                return std::nullopt;
            }
            m_lines.add(m_process.readAllStandardOutput());
        }
    }
    // The next event of the kind; those before it are passed over.
    template <typename Event>
    std::optional<Event> await() {
        while (const std::optional<FetchEvent> event = next()) {
            if (const auto* wanted = std::get_if<Event>(&*event)) {
                return *wanted;
            }
        }
        return std::nullopt;
    }
    // How the file ended: none if it is in its place.
    std::optional<FetchFailure> failureOf(const FetchFile& file) {
        send(file);
        while (const std::optional<FetchEvent> event = next()) {
            if (const auto* done = std::get_if<FetchDone>(&*event); done != nullptr && done->id == file.id) {
                return std::nullopt;
            }
            if (const auto* failed = std::get_if<FetchFailed>(&*event)) {
                return failed->failure;
            }
        }
        return FetchFailure{.kind = FetchFailureKind::Ended};
    }

    QProcess& process() { return m_process; }
    void kill() {
        m_process.kill();
        m_process.waitForFinished(10000);
    }

private:
    QProcess m_process;
    LineBuffer m_lines{kLongestEvent};
};

}  // namespace alcove::tests
