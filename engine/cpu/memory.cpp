#include "engine/cpu/memory.h"

#include <limits>
#include <sys/mman.h>
#include <utility>

#include "engine/base/error.h"
#include "engine/base/host_memory.h"
#include "engine/base/size_text.h"

namespace alcove::engine::cpu {

namespace {

constexpr std::size_t kHugePage = std::size_t{2} << 20U;

}  // namespace

void requireMemory(std::uint64_t bytes) {
    const std::optional<std::uint64_t> available = hostMemoryAvailable();
    if (available && bytes > *available) {
        throw Error(ErrorCode::OutOfMemory,
                    ALCOVE_TEXT("engine",
                                "This computer has too little free memory: %1 are needed, %2 are free. Close other "
                                "programs, or choose a smaller model or a shorter context."),
                    sizeText(bytes), sizeText(*available));
    }
}

LargeMemory::LargeMemory(std::size_t bytes) : m_size(bytes) {
    if (bytes == 0) {
        return;
    }
    if (bytes > std::numeric_limits<std::size_t>::max() - 2 * kHugePage) {
        throw Error(ErrorCode::OutOfMemory,
                    ALCOVE_TEXT("engine",
                                "This computer does not have enough memory. Close other programs, or "
                                "choose a smaller model or a shorter context."));
    }
    // A mapping need not be aligned to a huge page.
    m_mapped = bytes + kHugePage;
    void* mapping = mmap(nullptr, m_mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapping == MAP_FAILED) {
        throw Error(
            ErrorCode::OutOfMemory,
            ALCOVE_TEXT("engine",
                        "This computer does not have another %1 of memory. Close other programs, or choose a smaller "
                        "model or a shorter context."),
            sizeText(bytes));
    }
    m_mapping = mapping;
    const auto address = reinterpret_cast<std::uintptr_t>(mapping);
    m_data = static_cast<std::byte*>(mapping) + (kHugePage - address % kHugePage) % kHugePage;
    // A failure is ignored: without huge pages everything works, a little slower.
    if (bytes >= kHugePage) {
        static_cast<void>(madvise(m_data, bytes, MADV_HUGEPAGE));
    }
}

LargeMemory::LargeMemory(LargeMemory&& other) noexcept {
    *this = std::move(other);
}

LargeMemory& LargeMemory::operator=(LargeMemory&& other) noexcept {
    std::swap(m_mapping, other.m_mapping);
    std::swap(m_mapped, other.m_mapped);
    std::swap(m_data, other.m_data);
    std::swap(m_size, other.m_size);
    return *this;
}

LargeMemory::~LargeMemory() {
    if (m_mapping != nullptr) {
        munmap(m_mapping, m_mapped);
    }
}

}  // namespace alcove::engine::cpu
