// Counts what this program allocates, and makes an allocation fail: operator new and delete are replaced where
// allocation_count.cpp is linked in.
#pragma once

#include <cstddef>
#include <cstdint>

namespace alcove::tests {

// Allocations of the calling thread since it began, without those made while an UncountedAllocations lived on it.
[[nodiscard]] std::size_t allocationsOfThisThread();
[[nodiscard]] std::uint64_t allocatedBytesOfThisThread();

// What this thread has allocated and not freed, less what it freed of others.
[[nodiscard]] std::int64_t liveAllocationsOfThisThread();

class UncountedAllocations {
public:
    UncountedAllocations();
    UncountedAllocations(const UncountedAllocations&) = delete;
    UncountedAllocations& operator=(const UncountedAllocations&) = delete;
    ~UncountedAllocations();
};

// While it lives, the `n`-th allocation of this thread from now on, counted from 1, throws std::bad_alloc; those after
// it succeed. At most one at a time on a thread.
class FailingAllocation {
public:
    explicit FailingAllocation(std::size_t n);
    FailingAllocation(const FailingAllocation&) = delete;
    FailingAllocation& operator=(const FailingAllocation&) = delete;
    ~FailingAllocation();

    [[nodiscard]] bool happened() const;
};

}  // namespace alcove::tests
