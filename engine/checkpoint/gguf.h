// A GGUF file: its metadata and its tensors.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/base/sentence.h"
#include "engine/checkpoint/gguf_format.h"
#include "engine/checkpoint/tensor.h"
#include "engine/files/mapped_file.h"

namespace alcove::engine {

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
    // The first `most` values of a list.
    [[nodiscard]] std::optional<std::vector<std::int64_t>> integers(std::string_view key, std::uint64_t most) const;

    // A list as it lies in the file, for those who read it value by value (gguf_cursor.h).
    [[nodiscard]] std::optional<GgufArray> list(std::string_view key) const;

private:
    [[nodiscard]] const GgufValue* find(std::string_view key) const;
    [[nodiscard]] const GgufArray* findArray(std::string_view key) const;
    [[noreturn]] void failType(std::string_view key, TranslatableText wanted) const;

    std::filesystem::path m_path;
    std::map<std::string_view, GgufValue> m_metadata;
    std::vector<TensorView> m_tensors;
};

}  // namespace alcove::engine
