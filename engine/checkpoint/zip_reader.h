// The part of the ZIP format (APPNOTE 6.3, with ZIP64) that torch.save writes: stored entries, found through the
// central directory. A library would copy the data out; here every entry is a view of the mapped file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>

#include "engine/files/mapped_file.h"

namespace alcove::engine {

struct ZipEntry {
    std::span<const std::byte> bytes;
    std::uint32_t crc = 0;  // as declared
};

// All entries by name. Throws Error{FileDamaged} unless directory, local headers and file size agree and no two
// entries overlap; Error{Unsupported} for compressed or encrypted entries. CRCs are not checked here.
[[nodiscard]] std::map<std::string, ZipEntry> readZip(const MappedFile& file);

// CRC-32 as ZIP uses it.
[[nodiscard]] std::uint32_t crc32(std::span<const std::byte> bytes);

}  // namespace alcove::engine
