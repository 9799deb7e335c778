// Runs an input, and sees that the work it is grows no faster than the input does.
#pragma once

#include <cstddef>
#include <cstdint>

namespace alcove::fuzz {

// Bytes, by whatever part of the program, since tried() was called first.
[[nodiscard]] std::uint64_t allocatedSoFar();

using Reader = void (*)(const std::uint8_t* data, std::size_t size);

// Reads the input. Of some inputs, a part is then repeated, for an input of up to 2 MB and one of twice that size: work
// (work_count.h, and allocated bytes) that more than triples, beyond what reading takes for each byte, ends the
// program. Which inputs, which parts and which size follow from the input alone. Returns what LLVMFuzzerTestOneInput
// must.
int tried(const std::uint8_t* data, std::size_t size, Reader read);

}  // namespace alcove::fuzz
