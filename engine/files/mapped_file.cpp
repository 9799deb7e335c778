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
    const auto size = static_cast<std::size_t>(status.st_size);
    if (size == 0) {
        return;
    }
    void* address = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor.number(), 0);
    if (address == MAP_FAILED) {
        failUnreadable(m_path, Sentence::verbatim(std::generic_category().message(errno)));
    }
    m_bytes = {static_cast<const std::byte*>(address), size};
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : m_path(std::move(other.m_path)), m_bytes(std::exchange(other.m_bytes, {})) {
}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
    std::swap(m_path, other.m_path);
    std::swap(m_bytes, other.m_bytes);
    return *this;
}

void MappedFile::releasePages() const {
    if (!m_bytes.empty()) {
        // Clean pages of a read-only mapping: nothing is lost, and a system that declines only keeps them longer.
        ::madvise(const_cast<std::byte*>(m_bytes.data()), m_bytes.size(), MADV_DONTNEED);
    }
}

MappedFile::~MappedFile() {
    if (!m_bytes.empty()) {
        ::munmap(const_cast<std::byte*>(m_bytes.data()), m_bytes.size());
    }
}

}  // namespace alcove::engine
