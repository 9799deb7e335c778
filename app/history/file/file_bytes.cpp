#include "app/history/file/file_bytes.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <QFile>

namespace alcove {

FileBytes::FileBytes(const QString& path)
    : m_file(::open(QFile::encodeName(path).constData(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
    struct stat status {};
    if (m_file >= 0 && ::fstat(m_file, &status) == 0 && S_ISREG(status.st_mode)) {
        m_size = status.st_size;
    }
}

FileBytes::~FileBytes() {
    if (m_file >= 0) {
        ::close(m_file);
    }
}

qint64 FileBytes::nextWritten(qint64 offset) const {
    if (offset >= m_size) {
        return m_size;
    }
    const qint64 found = ::lseek(m_file, offset, SEEK_DATA);
    if (found >= 0) {
        return std::min<qint64>(found, m_size);
    }
    return errno == ENXIO ? m_size : offset;  // others: the file system does not tell
}

qint64 FileBytes::written() const {
    qint64 total = 0;
    for (qint64 at = nextWritten(0); at < m_size; at = nextWritten(at)) {
        const qint64 hole = ::lseek(m_file, at, SEEK_HOLE);
        const qint64 end = hole > at ? std::min<qint64>(hole, m_size) : m_size;
        total += end - at;
        at = end;
    }
    return total;
}

std::optional<QByteArray> FileBytes::read(qint64 offset, qint64 count) const {
    if (offset < 0 || count < 0 || offset > m_size - count) {
        return std::nullopt;
    }
    QByteArray bytes(count, Qt::Uninitialized);
    qint64 done = 0;
    while (done < count) {
        const ssize_t part =
            ::pread(m_file, bytes.data() + done, static_cast<std::size_t>(count - done), offset + done);
        if (part > 0) {
            done += part;
        } else if (part == 0 || errno != EINTR) {
            return std::nullopt;
        }
    }
    return bytes;
}

}  // namespace alcove
