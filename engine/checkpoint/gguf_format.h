// The GGUF format, versions 2 and 3: metadata, tensor descriptions, then the tensors' bytes. Its numbers and values.
// https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

#include "engine/checkpoint/tensor.h"

namespace alcove::engine {

inline constexpr std::string_view kGgufMagic = "GGUF";
inline constexpr std::uint32_t kGgufVersion = 3;
inline constexpr std::uint64_t kGgufDefaultAlignment = 32;

// The format's numbers for the types of metadata.
enum class GgufType : std::uint32_t {
    UInt8,
    Int8,
    UInt16,
    Int16,
    UInt32,
    Int32,
    Float32,
    Bool,
    String,
    Array,
    UInt64,
    Int64,
    Float64
};

// Bytes of a number or bool in a list; nothing for text and lists.
[[nodiscard]] std::optional<std::uint64_t> ggufFixedSize(GgufType type);

// The format's number for a type of tensor, and the reverse; nothing for types that Alcove does not read.
[[nodiscard]] std::uint32_t ggmlNumber(DType dtype);
[[nodiscard]] std::optional<DType> dtypeOfGgmlNumber(std::uint32_t number);

// A list of values of one type (never of lists), checked to lie within the file.
struct GgufArray {
    GgufType type = GgufType::UInt8;
    std::uint64_t count = 0;
    std::span<const std::byte> bytes;
};

using GgufValue = std::variant<std::uint64_t, std::int64_t, double, bool, std::string_view, GgufArray>;

}  // namespace alcove::engine
