#include "engine/vulkan/device_files.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <system_error>
#include <unistd.h>

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
    std::error_code failure;
    std::filesystem::create_directories(file.parent_path(), failure);
    std::filesystem::path temporary = file;
    temporary += "." + std::to_string(getpid()) + ".new";
    {
        std::ofstream stream(temporary, std::ios::binary | std::ios::trunc);
        for (const std::span<const std::byte> part : parts) {
            stream.write(reinterpret_cast<const char*>(part.data()), static_cast<std::streamsize>(part.size()));
        }
        stream.close();
        if (!stream) {
            std::filesystem::remove(temporary, failure);
            return false;
        }
    }
    std::filesystem::rename(temporary, file, failure);
    if (failure) {
        std::error_code ignored;
        std::filesystem::remove(temporary, ignored);
        return false;
    }
    return true;
}

}  // namespace alcove::engine::vulkan
