#include "tests/rig/allocation_count.h"

#include <cstdlib>
#include <new>

namespace {

thread_local std::size_t t_allocations = 0;
thread_local std::uint64_t t_bytes = 0;
thread_local std::int64_t t_live = 0;
thread_local std::size_t t_untilFailure = 0;  // 0: none is to fail
thread_local int t_uncounted = 0;

void* allocate(std::size_t size) noexcept {
    if (t_untilFailure != 0 && --t_untilFailure == 0) {
        return nullptr;
    }
    if (t_uncounted == 0) {
        ++t_allocations;
        t_bytes += size;
    }
    void* const memory = std::malloc(size == 0 ? 1 : size);
    t_live += memory == nullptr ? 0 : 1;
    return memory;
}

void release(void* memory) noexcept {
    t_live -= memory == nullptr ? 0 : 1;
    std::free(memory);
}

void* allocateOrThrow(std::size_t size) {
    if (void* memory = allocate(size)) {
        return memory;
    }
    throw std::bad_alloc();
}

}  // namespace

namespace alcove::tests {

std::size_t allocationsOfThisThread() {
    return t_allocations;
}

std::uint64_t allocatedBytesOfThisThread() {
    return t_bytes;
}

std::int64_t liveAllocationsOfThisThread() {
    return t_live;
}

FailingAllocation::FailingAllocation(std::size_t n) {
    t_untilFailure = n;
}

FailingAllocation::~FailingAllocation() {
    t_untilFailure = 0;
}

bool FailingAllocation::happened() const {
    return t_untilFailure == 0;
}

UncountedAllocations::UncountedAllocations() {
    ++t_uncounted;
}

UncountedAllocations::~UncountedAllocations() {
    --t_uncounted;
}

}  // namespace alcove::tests

// Every form that the standard library and sanitizers would otherwise provide, so that no allocation of one kind is
// freed by the other. Over-aligned ones are left as they are: they have forms of their own for both.
void* operator new(std::size_t size) {
    return allocateOrThrow(size);
}
void* operator new[](std::size_t size) {
    return allocateOrThrow(size);
}
void* operator new(std::size_t size, const std::nothrow_t& /*tag*/) noexcept {
    return allocate(size);
}
void* operator new[](std::size_t size, const std::nothrow_t& /*tag*/) noexcept {
    return allocate(size);
}
void operator delete(void* memory) noexcept {
    release(memory);
}
void operator delete[](void* memory) noexcept {
    release(memory);
}
void operator delete(void* memory, std::size_t /*size*/) noexcept {
    release(memory);
}
void operator delete[](void* memory, std::size_t /*size*/) noexcept {
    release(memory);
}
void operator delete(void* memory, const std::nothrow_t& /*tag*/) noexcept {
    release(memory);
}
void operator delete[](void* memory, const std::nothrow_t& /*tag*/) noexcept {
    release(memory);
}
