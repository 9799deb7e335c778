#include "tests/fuzz/growth.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <sanitizer/allocator_interface.h>
#include <span>
#include <string>
#include <string_view>

#include "tests/fuzz/work_count.h"

namespace {

std::uint64_t g_allocated = 0;

void onAllocation(const volatile void* /*memory*/, std::size_t size) {
    g_allocated += size;
}

void onRelease(const volatile void* /*memory*/) {
}

}  // namespace

namespace alcove::fuzz {

namespace {

using Bytes = std::span<const std::uint8_t>;

// Of so many inputs one is repeated; of so many to some size. The largest take seconds where nothing is optimised.
constexpr std::uint64_t kEvery = 16;
constexpr std::uint64_t kEveryMedium = 512;
constexpr std::uint64_t kEveryLarge = 8192;
constexpr std::size_t kSmall = 4 << 10;
constexpr std::size_t kMedium = 64 << 10;
constexpr std::size_t kLarge = 2 << 20;
constexpr std::uint64_t kWorkPerByte = 2000;  // far above what any reader takes for a byte
constexpr std::uint64_t kWorkPerInput = 500'000;
constexpr std::size_t kLongestPart = 64;
constexpr std::size_t kBytesPerStep = 16;

std::uint64_t hashOf(Bytes data) {
    std::uint64_t hash = 0xCBF29CE484222325U;
    for (const std::uint8_t byte : data) {
        hash = (hash ^ byte) * 0x100000001B3U;
    }
    return hash ^ (hash >> 32U);
}

// The input with its part [begin, begin + length) repeated until it has `size` bytes or a little more.
std::string pumped(Bytes data, std::size_t begin, std::size_t length, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data.data()), data.size());
    std::string result;
    result.reserve(2 * size + input.size());
    result.append(input, 0, begin);
    const std::string_view part = input.substr(begin, length);
    do {
        result.append(part);
    } while (result.size() < size);
    return result.append(input, begin + length);
}

// Allocated bytes are written to, at least by AddressSanitizer.
std::uint64_t workOf(const std::string& input, Reader read) {
    const std::uint64_t allocated = g_allocated;
    const std::uint64_t steps =
        fuzz::workOf([&] { read(reinterpret_cast<const std::uint8_t*>(input.data()), input.size()); });
    return steps + (g_allocated - allocated) / kBytesPerStep;
}

void requireLinearWork(Bytes data, std::uint64_t hash, Reader read) {
    const std::size_t size = hash % kEveryLarge == 0 ? kLarge : hash % kEveryMedium == 0 ? kMedium : kSmall;
    const std::size_t begin = (hash >> 16U) % data.size();
    const std::size_t length = 1 + (hash >> 40U) % std::min(kLongestPart, data.size() - begin);
    const std::uint64_t once = workOf(pumped(data, begin, length, size), read);
    const std::string doubled = pumped(data, begin, length, 2 * size);
    const std::uint64_t twice = workOf(doubled, read);
    if (twice > 3 * once && twice > kWorkPerByte * doubled.size() + kWorkPerInput) {
        std::fprintf(stderr, "%zu bytes from %zu on, repeated: %llu steps for %zu bytes, %llu for twice as many\n",
                     length, begin, static_cast<unsigned long long>(once), size,
                     static_cast<unsigned long long>(twice));
        std::abort();
    }
}

}  // namespace

std::uint64_t allocatedSoFar() {
    return g_allocated;
}

int tried(const std::uint8_t* data, std::size_t size, Reader read) {
    static const bool counting = __sanitizer_install_malloc_and_free_hooks(onAllocation, onRelease) != 0;
    if (!counting) {
        std::abort();
    }
    read(data, size);
    const Bytes bytes(data, size);
    if (const std::uint64_t hash = hashOf(bytes); size != 0 && hash % kEvery == 0) {
        requireLinearWork(bytes, hash, read);
    }
    return 0;
}

}  // namespace alcove::fuzz
