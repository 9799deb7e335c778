// A tensor as it lies in a checkpoint file: a name, a shape and a window onto mapped bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace alcove::engine {

enum class DType : std::uint8_t { F32, F16, BF16 };

// Bytes of one element.
[[nodiscard]] constexpr std::size_t dtypeSize(DType dtype) {
    return dtype == DType::F32 ? 4 : 2;
}

// "F32", "F16" or "BF16".
[[nodiscard]] constexpr const char* dtypeName(DType dtype) {
    return dtype == DType::F32 ? "F32" : dtype == DType::F16 ? "F16" : "BF16";
}

// Row-major and contiguous; little-endian elements. `bytes` may be unaligned and stays valid as long
// as the Checkpoint it came from. bytes.size() == product(shape) * dtypeSize(dtype), always checked by
// the reader that made the view.
struct TensorView {
    std::string name;
    DType dtype = DType::F32;
    std::vector<std::uint64_t> shape;
    std::span<const std::byte> bytes;
};

}  // namespace alcove::engine
