#include "engine/files/new_file.h"

#include <cerrno>
#include <fcntl.h>
#include <string>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "engine/base/error.h"

namespace alcove::engine {

namespace fs = std::filesystem;

NewFile::NewFile(fs::path path, std::uint64_t size, bool overwrite) : m_path(std::move(path)), m_overwrite(overwrite) {
    if (!m_path.has_filename() || fs::is_directory(m_path)) {
        throw Error(ErrorCode::InvalidRequest,
                    ALCOVE_TEXT("engine", "%1 is a folder. Give the name of the file that is to be written."), m_path);
    }
    requireFree();
    m_temporary = m_path;
    m_temporary += "." + std::to_string(::getpid()) + ".part";
    m_descriptor = ::open(m_temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (m_descriptor < 0) {
        m_temporary.clear();
        fail(errno);
    }
    if (size != 0 && ::fallocate(m_descriptor, 0, 0, static_cast<off_t>(size)) != 0 && errno != EOPNOTSUPP &&
        errno != EINTR) {
        const int error = errno;
        ::close(m_descriptor);
        ::unlink(m_temporary.c_str());
        m_temporary.clear();
        fail(error);
    }
}

NewFile::~NewFile() {
    if (m_descriptor >= 0) {
        ::close(m_descriptor);
    }
    if (!m_temporary.empty()) {
        ::unlink(m_temporary.c_str());
    }
}

void NewFile::requireFree() const {
    std::error_code ignored;
    if (!m_overwrite && fs::exists(fs::symlink_status(m_path, ignored))) {
        throw Error(ErrorCode::InvalidRequest,
                    ALCOVE_TEXT("engine", "%1 already exists and is not replaced unless you ask for it."), m_path);
    }
}

void NewFile::fail(int error) const {
    throw Error(ErrorCode::FileUnwritable,
                error == ENOSPC || error == EDQUOT
                    ? ALCOVE_TEXT("engine",
                                  "%1 could not be written: %2. Free some space on that disk, or choose another place.")
                    : ALCOVE_TEXT("engine", "%1 could not be written: %2. Choose a place you can write to."),
                m_path, std::generic_category().message(error));
}

void NewFile::append(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
        const ssize_t count = ::write(m_descriptor, bytes.data(), bytes.size());
        if (count < 0) {
            if (errno == EINTR) {
                continue;
            }
            fail(errno);
        }
        bytes = bytes.subspan(static_cast<std::size_t>(count));
        m_written += static_cast<std::uint64_t>(count);
    }
}

void NewFile::commit() {
    requireFree();  // someone may have written it meanwhile
    if (::fsync(m_descriptor) != 0 || ::close(std::exchange(m_descriptor, -1)) != 0 ||
        ::rename(m_temporary.c_str(), m_path.c_str()) != 0) {
        fail(errno);
    }
    m_temporary.clear();
}

}  // namespace alcove::engine
