#include <algorithm>
#include <exception>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <QFile>
#include <QRandomGenerator>

#include "tests/rig/crash_state.h"

namespace alcove::tests {
namespace {

constexpr qsizetype kSector = 512;

void put(QByteArray& content, const FileChange& change) {
    if (change.truncates) {
        content.resize(std::min(content.size(), change.offset));
        return;
    }
    const qsizetype end = change.offset + change.bytes.size();
    if (content.size() < end) {
        content.append(QByteArray(end - content.size(), '\0'));
    }
    content.replace(change.offset, change.bytes.size(), change.bytes);
}

// Each change since the last sync is there, is not, or is there in some of its sectors.
QByteArray contentAfterPowerCut(const TrackedFile& file, QRandomGenerator& random, int style) {
    QByteArray content = file.durable;
    for (const FileChange& change : file.unsynced) {
        const int fate = style == 0 ? 0 : random.bounded(3);
        if (fate == 1) {
            put(content, change);
        } else if (fate == 2 && !change.truncates) {
            for (qsizetype at = 0; at < change.bytes.size(); at += kSector) {
                if (random.bounded(2) == 0) {
                    put(content, {false, change.offset + at, change.bytes.mid(at, kSector)});
                }
            }
        }
    }
    return content;
}

void restore(const std::string& path, const QByteArray& content) {
    QFile file(QString::fromStdString(path));
    if (file.open(QIODevice::WriteOnly | QIODevice::NewOnly)) {  // otherwise another file has the name by now
        file.write(content);
        file.setPermissions(QFile::ReadOwner | QFile::WriteOwner);
    }
}

void sendBytes(int pipe, const QByteArray& bytes) {
    if (::write(pipe, bytes.constData(), static_cast<std::size_t>(bytes.size())) != bytes.size()) {
        ::_exit(kFailed);
    }
}

}  // namespace

CrashState& crashState() {
    static CrashState state;
    return state;
}

QByteArray contentOf(const std::string& path) {
    QFile file(QString::fromStdString(path));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

bool CrashState::mayGoOn(char kind) {
    if (!running) {
        return true;
    }
    kinds += kind;
    if (kinds.size() != fault.at || fault.kind == Fault::Kind::None) {
        return true;
    }
    if (fault.kind == Fault::Kind::PowerCut) {
        running = false;
        cutPower();
    }
    if (fault.kind == Fault::Kind::Kill || fault.kind == Fault::Kind::PowerCut) {
        ::_exit(kDied);
    }
    return false;
}

void CrashState::cutPower() {
    QRandomGenerator random(fault.seed);
    const int style = static_cast<int>(fault.seed % kPowerCutStyles);  // all is lost, or twice something of each
    for (const auto& [path, tracked] : files) {
        if (tracked.unsynced.empty() || ::access(path.c_str(), F_OK) != 0) {
            continue;
        }
        QFile file(QString::fromStdString(path));
        if (!file.open(QIODevice::WriteOnly | QIODevice::Truncate)) {
            ::_exit(kFailed);
        }
        file.write(contentAfterPowerCut(tracked, random, style));
    }
    // File systems keep names in the order of their changes: some of the newest are lost.
    std::size_t kept = style == 0 ? 0 : random.bounded(static_cast<quint32>(unsyncedNames.size() + 1));
    for (; unsyncedNames.size() > kept; unsyncedNames.pop_back()) {
        const NameChange& last = unsyncedNames.back();
        if (last.to.empty()) {
            restore(last.from, last.content);
        } else if (::access(last.from.c_str(), F_OK) != 0) {
            static_cast<void>(::rename(last.to.c_str(), last.from.c_str()));
        }
    }
}

Run runWithFault(const Fault& fault, const std::function<void(const std::function<void(char)>& acknowledge)>& work) {
    crashState().files.clear();  // of databases that are closed by now
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) {
        return {};
    }
    const pid_t child = ::fork();
    if (child == 0) {
        CrashState& state = crashState();
        state.fault = fault;
        state.running = true;
        try {
            work([&ends](char letter) { sendBytes(ends[1], QByteArray(1, letter)); });
        } catch (const std::exception& error) {
            sendBytes(ends[1], QByteArray("!") + error.what());
            ::_exit(kFailed);
        }
        sendBytes(ends[1], '\n' + state.kinds);
        ::_exit(0);
    }
    ::close(ends[1]);
    QByteArray received;
    char buffer[512];
    for (ssize_t count = ::read(ends[0], buffer, sizeof buffer); count > 0;
         count = ::read(ends[0], buffer, sizeof buffer)) {
        received.append(buffer, count);
    }
    ::close(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    Run run;
    run.ended = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    run.died = WIFEXITED(status) && WEXITSTATUS(status) == kDied;
    const qsizetype line = received.indexOf('\n');
    run.acknowledged = line < 0 ? received : received.left(line);
    run.kinds = line < 0 ? QByteArray() : received.mid(line + 1);
    return run;
}

}  // namespace alcove::tests
