// Reads parts of a file that may change or shrink meanwhile. Reading beyond its end is an answer, where access to a
// mapping of it would end the program (SIGBUS).
#pragma once

#include <optional>

#include <QByteArray>
#include <QString>

namespace alcove {

class FileBytes {
public:
    // A file that cannot be opened has no bytes.
    explicit FileBytes(const QString& path);
    FileBytes(const FileBytes&) = delete;
    FileBytes& operator=(const FileBytes&) = delete;
    ~FileBytes();

    // In bytes, when it was opened.
    [[nodiscard]] qint64 size() const { return m_size; }
    // A file may be much larger than what was ever written of it, and reads as zeros there. The first offset from
    // `offset` on that was written, or the size; and how many bytes were written.
    [[nodiscard]] qint64 nextWritten(qint64 offset) const;
    [[nodiscard]] qint64 written() const;
    // Empty if not all of them can be read.
    [[nodiscard]] std::optional<QByteArray> read(qint64 offset, qint64 count) const;

private:
    int m_file = -1;
    qint64 m_size = 0;
};

}  // namespace alcove
