#include "engine/vulkan/driver/device_files.h"

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <system_error>

#include "engine/files/new_file.h"
#include "shader_code.h"

namespace alcove::engine::vulkan {

std::filesystem::path defaultCacheFolder() {
    if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache != nullptr && cache[0] == '/') {
        return std::filesystem::path(cache) / "alcove";
    }
    if (const char* home = std::getenv("HOME"); home != nullptr && home[0] == '/') {
        return std::filesystem::path(home) / ".cache" / "alcove";
    }
    return {};
}

std::filesystem::path deviceFile(const std::filesystem::path& folder, const char* prefix,
                                 const VkPhysicalDeviceProperties& properties, const char* suffix) {
    std::string name = std::string(prefix) + "-";
    for (const std::uint8_t byte : properties.pipelineCacheUUID) {
        char hex[3];
        std::snprintf(hex, sizeof hex, "%02x", byte);
        name += hex;
    }
    return folder / (name + "." + suffix);
}

std::uint64_t hashOf(std::span<const std::byte> bytes, std::uint64_t hash) {
    for (const std::byte byte : bytes) {
        hash = (hash ^ static_cast<std::uint64_t>(byte)) * 0x100000001b3ULL;
    }
    return hash;
}

std::uint64_t shaderHash() {
    std::uint64_t hash = kHashStart;
    for (const std::span<const std::uint32_t> code : shaders::all()) {
        hash = hashOf(std::as_bytes(code), hash);
    }
    return hash;
}

bool replaceFile(const std::filesystem::path& file, std::initializer_list<std::span<const std::byte>> parts) {
    std::error_code ignored;  // where the folder cannot be made, neither can the file
    std::filesystem::create_directories(file.parent_path(), ignored);
    std::uint64_t size = 0;
    for (const std::span<const std::byte> part : parts) {
        size += part.size();
    }
    try {
        NewFile written(file, size, true);
        for (const std::span<const std::byte> part : parts) {
            written.append(part);
        }
        written.commit();
    } catch (const std::exception&) {
        return false;
    }
    return true;
}

}  // namespace alcove::engine::vulkan
