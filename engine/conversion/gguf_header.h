// The part of a GGUF file before the tensors' bytes, as it is written.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/checkpoint/gguf.h"

namespace alcove::engine {

class GgufHeader {
public:
    void text(std::string_view key, std::string_view value);
    void number(std::string_view key, std::uint32_t value);
    void real(std::string_view key, float value);
    void flag(std::string_view key, bool value);
    void texts(std::string_view key, std::span<const std::string> values);
    void reals(std::string_view key, std::span<const float> values);
    void numbers(std::string_view key, std::span<const std::uint32_t> values);
    void signedNumbers(std::string_view key, std::span<const std::int32_t> values);

    // Tensors in the order in which their bytes will follow, each padded to kGgufDefaultAlignment. `shape` is
    // row-major.
    void tensor(std::string_view name, DType dtype, std::span<const std::uint64_t> shape);

    [[nodiscard]] std::uint64_t dataBytes() const { return m_dataBytes; }  // of all tensors, with their padding
    [[nodiscard]] std::string bytes() const;                               // padded as well

private:
    void key(std::string_view key, GgufType type);
    void list(std::string_view key, GgufType type, std::uint64_t count);

    std::string m_metadata;
    std::string m_tensors;
    std::uint64_t m_keyCount = 0;
    std::uint64_t m_tensorCount = 0;
    std::uint64_t m_dataBytes = 0;
};

// `size` up to the next multiple of the alignment.
[[nodiscard]] constexpr std::uint64_t ggufPadded(std::uint64_t size) {
    return (size + kGgufDefaultAlignment - 1) / kGgufDefaultAlignment * kGgufDefaultAlignment;
}

}  // namespace alcove::engine
