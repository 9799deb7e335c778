// Reads the header of a GGUF file within limits: its size, its entries and the values in its lists.
//
// Lists are stepped over and not read into memory: a file may be sparse, and claim far more than is on its disk.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string_view>
#include <vector>

#include "engine/checkpoint/gguf_cursor.h"
#include "engine/checkpoint/gguf_format.h"
#include "engine/files/mapped_file.h"

namespace alcove::engine {

// Two steps: the metadata, which has the alignment, then the tensors. Views of the file, which must outlive them.
// Throws what GgufFile does.
class GgufParser {
public:
    explicit GgufParser(const MappedFile& file);

    [[nodiscard]] std::map<std::string_view, GgufValue> readMetadata();
    [[nodiscard]] std::vector<TensorView> readTensors(std::uint64_t alignment);

private:
    void readVersion();
    void limitHeader() const;
    GgufType takeType(std::string_view key);
    GgufValue takeValue(std::string_view key, GgufType type);
    GgufArray takeArray(std::string_view key);
    TensorView takeDescription();
    std::span<const std::byte> bytesOf(const TensorView& view, std::uint64_t offset,
                                       std::span<const std::byte> data) const;

    const std::filesystem::path& m_file;
    std::span<const std::byte> m_bytes;
    GgufCursor m_cursor;
    std::uint64_t m_tensorCount = 0;
    std::uint64_t m_listValues = 0;  // of all lists so far
};

}  // namespace alcove::engine
