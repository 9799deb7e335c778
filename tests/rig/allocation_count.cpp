#include "tests/rig/allocation_count.h"

#include <cstdlib>
#include <new>

namespace {

thread_local std::size_t t_allocations = 0;
thread_local int t_uncounted = 0;

void* allocate(std::size_t size) noexcept {
    if (t_uncounted == 0) {
        ++t_allocations;
    }
    return std::malloc(size == 0 ? 1 : size);
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
    std::free(memory);
}
void operator delete[](void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t /*size*/) noexcept {
    std::free(memory);
}
void operator delete[](void* memory, std::size_t /*size*/) noexcept {
    std::free(memory);
}
void operator delete(void* memory, const std::nothrow_t& /*tag*/) noexcept {
    std::free(memory);
}
void operator delete[](void* memory, const std::nothrow_t& /*tag*/) noexcept {
    std::free(memory);
}
