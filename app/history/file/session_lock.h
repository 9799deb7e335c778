// Which programs have the history open right now.
//
// The window and the terminal chat may share one history. Each holds a lock on one byte of history.lock whose
// offset is its session number; the system drops the lock when the program ends, however it ends. So a reply
// "being written" by session N was interrupted exactly when nobody holds byte N.
#pragma once

#include <optional>

#include <QString>

namespace alcove {

class SessionLock {
public:
    // Empty where the lock file cannot be made or written: the folder is read-only.
    [[nodiscard]] static std::optional<SessionLock> take(const QString& path);

    SessionLock(SessionLock&& other) noexcept;
    SessionLock& operator=(SessionLock&& other) noexcept;
    ~SessionLock();

    // > 0; no other running program has it.
    [[nodiscard]] qint64 session() const { return m_session; }
    // True for this session too.
    [[nodiscard]] bool isAlive(qint64 session) const;
    [[nodiscard]] bool othersAlive() const;

    // One program at a time examines, migrates or recovers the file. False if the other one took too long.
    [[nodiscard]] bool beginOpening(int timeoutMs);
    void endOpening();

private:
    SessionLock(int file, qint64 session) : m_file(file), m_session(session) {}
    int m_file = -1;
    qint64 m_session = 0;
};

}  // namespace alcove
