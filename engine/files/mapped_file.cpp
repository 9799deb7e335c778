#include "engine/files/mapped_file.h"

#include <cerrno>
#include <fcntl.h>
#include <string>
#include <sys/mman.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "engine/base/error.h"

namespace alcove::engine {

namespace {

class Descriptor {
public:
    explicit Descriptor(int number) : m_number(number) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (m_number >= 0) {
            ::close(m_number);
        }
    }
    [[nodiscard]] int number() const { return m_number; }

private:
    int m_number;
};

[[noreturn]] void failUnreadable(const std::filesystem::path& path, const Sentence& reason) {
    throw Error(ErrorCode::FileUnreadable,
                ALCOVE_TEXT("engine", "%1 cannot be read: %2. Check the file and its permissions."), path, reason);
}

}  // namespace

template <typename Status>
MappedFile::Identity MappedFile::identityOf(const Status& status) {
    return {.device = status.st_dev,
            .number = status.st_ino,
            .size = status.st_size,
            .changedSeconds = status.st_mtim.tv_sec,
            .changedNanoseconds = status.st_mtim.tv_nsec};
}

MappedFile::MappedFile(std::filesystem::path path) : m_path(std::move(path)) {
    // O_NONBLOCK: opening a named pipe must not block until its other end is opened.
    const Descriptor descriptor(::open(m_path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (descriptor.number() < 0) {
        if (errno == ENOENT || errno == ENOTDIR) {
            throw Error(ErrorCode::FileMissing,
                        ALCOVE_TEXT("engine", "%1 is not there. Download the checkpoint again."), m_path);
        }
        failUnreadable(m_path, Sentence::verbatim(std::generic_category().message(errno)));
    }
    struct stat status = {};
    if (::fstat(descriptor.number(), &status) != 0) {
        failUnreadable(m_path, Sentence::verbatim(std::generic_category().message(errno)));
    }
    if (!S_ISREG(status.st_mode)) {
        failUnreadable(m_path, ALCOVE_TEXT("engine", "it is not a regular file"));
    }
    m_identity = identityOf(status);
    if (status.st_size == 0) {
        return;
    }
    m_mapping = GuardedMapping(descriptor.number(), static_cast<std::size_t>(status.st_size));
    if (bytes().empty()) {
        failUnreadable(m_path, Sentence::verbatim(std::generic_category().message(errno)));
    }
}

void MappedFile::releasePages() const {
    if (!bytes().empty()) {
        // Clean pages of a read-only mapping: nothing is lost, and a system that declines only keeps them longer.
        ::madvise(const_cast<std::byte*>(bytes().data()), bytes().size(), MADV_DONTNEED);
    }
}

void MappedFile::requireUnchanged() const {
    struct stat status = {};
    const bool there = ::stat(m_path.c_str(), &status) == 0;
    const Identity now = identityOf(status);
    const bool same = there && now.device == m_identity.device && now.number == m_identity.number;
    if (m_mapping.failed() || (same && now != m_identity)) {
        throw Error(ErrorCode::FileUnreadable,
                    ALCOVE_TEXT("engine",
                                "%1 changed while it was read, or its disk failed. Open it again when nothing writes "
                                "to it any more."),
                    m_path);
    }
}

}  // namespace alcove::engine
