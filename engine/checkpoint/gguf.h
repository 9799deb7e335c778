// The GGUF format, versions 2 and 3: metadata, tensor descriptions, then the tensors' bytes.
// https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/base/sentence.h"
#include "engine/checkpoint/tensor.h"
#include "engine/files/mapped_file.h"

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

// The format's number for a type of tensor.
[[nodiscard]] std::uint32_t ggmlNumber(DType dtype);

// A list of values of one type (never of lists), checked to lie within the file.
struct GgufArray {
    GgufType type = GgufType::UInt8;
    std::uint64_t count = 0;
    std::span<const std::byte> bytes;
};

using GgufValue = std::variant<std::uint64_t, std::int64_t, double, bool, std::string_view, GgufArray>;

// Views of a mapped file, which must outlive it.
class GgufFile {
public:
    // Throws Error{FileDamaged} if counts, lengths, offsets and the file's size do not agree, a name occurs twice or
    // tensors overlap; Error{Unsupported} for other versions, lists of lists and other tensor types.
    explicit GgufFile(const MappedFile& file);

    [[nodiscard]] const std::filesystem::path& path() const { return m_path; }
    // In the order of the file; shapes are row-major, the last dimension being a row's.
    [[nodiscard]] const std::vector<TensorView>& tensors() const { return m_tensors; }

    [[nodiscard]] bool has(std::string_view key) const { return m_metadata.contains(key); }

    // A value of the metadata; nothing where there is no such key. Throws Error{FileDamaged} naming the key if it is
    // of another type, or a number does not fit.
    [[nodiscard]] std::optional<std::uint64_t> number(std::string_view key) const;
    [[nodiscard]] std::optional<double> real(std::string_view key) const;
    [[nodiscard]] std::optional<bool> flag(std::string_view key) const;
    [[nodiscard]] std::optional<std::string_view> text(std::string_view key) const;
    [[nodiscard]] std::optional<std::vector<std::string_view>> texts(std::string_view key) const;
    [[nodiscard]] std::optional<std::vector<float>> floats(std::string_view key) const;
    [[nodiscard]] std::optional<std::vector<std::int64_t>> integers(std::string_view key) const;

private:
    [[nodiscard]] const GgufValue* find(std::string_view key) const;
    [[nodiscard]] const GgufArray* findArray(std::string_view key) const;
    [[noreturn]] void failType(std::string_view key, TranslatableText wanted) const;

    std::filesystem::path m_path;
    std::map<std::string_view, GgufValue> m_metadata;
    std::vector<TensorView> m_tensors;
};

}  // namespace alcove::engine
