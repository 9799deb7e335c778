#include "app/history/file/session_lock.h"

#include <fcntl.h>
#include <unistd.h>
#include <utility>

#include <QDeadlineTimer>
#include <QFile>
#include <QRandomGenerator>
#include <QThread>

namespace alcove {
namespace {

constexpr qint64 kOpeningByte = 0;
constexpr qint64 kFirstSession = 1;
constexpr qint64 kLastSession = 0x3fffffff;

// Locks of the open file description (not of the process): closing another descriptor of the same file does
// not drop them, and two stores in one process see each other.
struct flock byteRange(short type, qint64 start, qint64 length) {
    struct flock range {};
    range.l_type = type;
    range.l_whence = SEEK_SET;
    range.l_start = start;
    range.l_len = length;
    return range;
}

bool lock(int file, qint64 byte) {
    struct flock range = byteRange(F_WRLCK, byte, 1);
    return ::fcntl(file, F_OFD_SETLK, &range) == 0;
}

bool heldByOthers(int file, qint64 start, qint64 length) {
    struct flock range = byteRange(F_WRLCK, start, length);
    return ::fcntl(file, F_OFD_GETLK, &range) == 0 && range.l_type != F_UNLCK;
}

}  // namespace

std::optional<SessionLock> SessionLock::take(const QString& path) {
    const int file = ::open(QFile::encodeName(path).constData(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) {
        return std::nullopt;
    }
    // A file system without locks refuses them all; the number alone then tells sessions apart.
    qint64 session = 0;
    for (int attempt = 0; attempt < 8; ++attempt) {
        session = QRandomGenerator::system()->bounded(kFirstSession, kLastSession + 1);
        if (lock(file, session)) {
            break;
        }
    }
    return SessionLock(file, session);
}

SessionLock::SessionLock(SessionLock&& other) noexcept
    : m_file(std::exchange(other.m_file, -1)), m_session(other.m_session) {
}

SessionLock& SessionLock::operator=(SessionLock&& other) noexcept {
    std::swap(m_file, other.m_file);
    std::swap(m_session, other.m_session);
    return *this;
}

SessionLock::~SessionLock() {
    if (m_file >= 0) {
        ::close(m_file);
    }
}

bool SessionLock::isAlive(qint64 session) const {
    return session == m_session || (session >= kFirstSession && heldByOthers(m_file, session, 1));
}

bool SessionLock::othersAlive() const {
    return heldByOthers(m_file, kFirstSession, 0);  // length 0: to the end of all offsets
}

bool SessionLock::beginOpening(int timeoutMs) {
    const QDeadlineTimer deadline(timeoutMs);
    while (!lock(m_file, kOpeningByte)) {
        if (!heldByOthers(m_file, kOpeningByte, 1)) {
            // Either it was let go just now, or this file system has no locks: then there is nothing to wait for.
            return lock(m_file, kOpeningByte) || !heldByOthers(m_file, kOpeningByte, 1);
        }
        if (deadline.hasExpired()) {
            return false;
        }
        QThread::msleep(10);
    }
    return true;
}

void SessionLock::endOpening() {
    struct flock range = byteRange(F_UNLCK, kOpeningByte, 1);
    ::fcntl(m_file, F_OFD_SETLK, &range);
}

}  // namespace alcove
