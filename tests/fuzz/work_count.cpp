#include "tests/fuzz/work_count.h"

#include <cstddef>

namespace {

std::uint64_t g_work = 0;

constexpr std::size_t kBytesAtOnce = 16;  // as much work as a basic block

}  // namespace

extern "C" {

// The compiler puts a call of it, under its name without __wrap_, into each basic block, but in this file.
void __wrap___sanitizer_cov_trace_pc() {
    ++g_work;
}

// What the sanitizer makes of memcpy() and its kin; the linker lets these go first (--wrap).
void* __real___asan_memcpy(void* to, const void* from, std::size_t size);
void* __real___asan_memmove(void* to, const void* from, std::size_t size);
void* __real___asan_memset(void* to, int byte, std::size_t size);

void* __wrap___asan_memcpy(void* to, const void* from, std::size_t size) {
    g_work += size / kBytesAtOnce;
    return __real___asan_memcpy(to, from, size);
}

void* __wrap___asan_memmove(void* to, const void* from, std::size_t size) {
    g_work += size / kBytesAtOnce;
    return __real___asan_memmove(to, from, size);
}

void* __wrap___asan_memset(void* to, int byte, std::size_t size) {
    g_work += size / kBytesAtOnce;
    return __real___asan_memset(to, byte, size);
}

}  // extern "C"

bool alcove::fuzz::countsWork() {
    return true;
}

std::uint64_t alcove::fuzz::workDone() {
    return g_work;
}
