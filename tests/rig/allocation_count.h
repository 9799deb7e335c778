// Counts what this program allocates: operator new and delete are replaced where allocation_count.cpp is linked in.
#pragma once

#include <cstddef>

namespace alcove::tests {

// Allocations of the calling thread since it began, without those made while an UncountedAllocations lived on it.
[[nodiscard]] std::size_t allocationsOfThisThread();

class UncountedAllocations {
public:
    UncountedAllocations();
    UncountedAllocations(const UncountedAllocations&) = delete;
    UncountedAllocations& operator=(const UncountedAllocations&) = delete;
    ~UncountedAllocations();
};

}  // namespace alcove::tests
