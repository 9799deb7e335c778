#include "engine/vulkan/pipeline_cache.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <optional>
#include <span>
#include <string>
#include <system_error>
#include <type_traits>
#include <unistd.h>
#include <vector>

#include "engine/vulkan/result.h"
#include "engine/vulkan/structure.h"
#include "shader_code.h"

namespace alcove::engine::vulkan {

namespace {

constexpr std::uint64_t kMaxPayload = 64ULL << 20;  // ours are well below 1 MB

// FNV-1a, 64 bits: finds accidents, which is all a cache of one's own needs.
std::uint64_t hashOf(std::span<const std::byte> bytes, std::uint64_t hash = 0xcbf29ce484222325ULL) {
    for (const std::byte byte : bytes) {
        hash = (hash ^ static_cast<std::uint64_t>(byte)) * 0x100000001b3ULL;
    }
    return hash;
}

// The file is this, then the driver's payload.
struct FileHeader {
    char magic[8];
    std::uint32_t vendor;
    std::uint32_t device;
    std::uint32_t driverVersion;
    std::uint32_t reserved;
    std::uint8_t uuid[VK_UUID_SIZE];
    std::uint64_t shaderHash;
    std::uint64_t payloadSize;
    std::uint64_t payloadHash;
};
static_assert(std::has_unique_object_representations_v<FileHeader>);

FileHeader headerFor(const VkPhysicalDeviceProperties& properties, std::span<const std::byte> payload) {
    FileHeader header{};
    std::memcpy(header.magic, "ALCOVEP1", sizeof header.magic);
    header.vendor = properties.vendorID;
    header.device = properties.deviceID;
    header.driverVersion = properties.driverVersion;
    std::memcpy(header.uuid, properties.pipelineCacheUUID, VK_UUID_SIZE);
    header.shaderHash = shadersHash();
    header.payloadSize = payload.size();
    header.payloadHash = hashOf(payload);
    return header;
}

// The driver checks its own header too, but not every driver survives a wrong one.
bool isFor(std::span<const std::byte> payload, const VkPhysicalDeviceProperties& properties) {
    VkPipelineCacheHeaderVersionOne header{};
    if (payload.size() < sizeof header) {
        return false;
    }
    std::memcpy(&header, payload.data(), sizeof header);
    return header.headerSize >= sizeof header && header.headerSize <= payload.size() &&
           header.headerVersion == VK_PIPELINE_CACHE_HEADER_VERSION_ONE && header.vendorID == properties.vendorID &&
           header.deviceID == properties.deviceID &&
           std::memcmp(header.pipelineCacheUUID, properties.pipelineCacheUUID, VK_UUID_SIZE) == 0;
}

std::optional<std::vector<std::byte>> readPayload(const std::filesystem::path& file,
                                                  const VkPhysicalDeviceProperties& properties) {
    std::ifstream stream(file, std::ios::binary);
    FileHeader header{};
    if (!stream.read(reinterpret_cast<char*>(&header), sizeof header) || header.payloadSize > kMaxPayload) {
        return std::nullopt;
    }
    std::vector<std::byte> payload(header.payloadSize);
    if (!stream.read(reinterpret_cast<char*>(payload.data()), static_cast<std::streamsize>(payload.size()))) {
        return std::nullopt;
    }
    const FileHeader expected = headerFor(properties, payload);
    if (std::memcmp(&header, &expected, sizeof header) != 0 || !isFor(payload, properties)) {
        return std::nullopt;
    }
    return payload;
}

std::string fileName(const VkPhysicalDeviceProperties& properties) {
    std::string name = "pipelines-";
    for (const std::uint8_t byte : properties.pipelineCacheUUID) {
        char hex[3];
        std::snprintf(hex, sizeof hex, "%02x", byte);
        name += hex;
    }
    return name + ".bin";
}

}  // namespace

std::uint64_t shadersHash() {
    std::uint64_t hash = hashOf({});
    for (const std::span<const std::uint32_t> code : shaders::all()) {
        hash = hashOf(std::as_bytes(code), hash);
    }
    return hash;
}

std::filesystem::path defaultPipelineCacheFolder() {
    if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache != nullptr && cache[0] == '/') {
        return std::filesystem::path(cache) / "alcove";
    }
    if (const char* home = std::getenv("HOME"); home != nullptr && home[0] == '/') {
        return std::filesystem::path(home) / ".cache" / "alcove";
    }
    return {};
}

PipelineCache::PipelineCache(const Device& device, const std::filesystem::path& folder) : m_device(&device) {
    const VkPhysicalDeviceProperties& properties = device.physical().properties;
    std::optional<std::vector<std::byte>> payload;
    if (!folder.empty()) {
        m_file = folder / fileName(properties);
        payload = readPayload(m_file, properties);
    }
    m_loaded = payload.has_value();
    auto info = structure<VkPipelineCacheCreateInfo>(VK_STRUCTURE_TYPE_PIPELINE_CACHE_CREATE_INFO);
    if (payload) {
        info.initialDataSize = payload->size();
        info.pInitialData = payload->data();
    }
    VkPipelineCache cache = VK_NULL_HANDLE;
    check(device.api().vkCreatePipelineCache(device.handle(), &info, nullptr, &cache), "make a pipeline cache");
    m_cache = {device, cache, "pipeline cache"};
}

bool PipelineCache::save() const {
    if (m_file.empty()) {
        return false;
    }
    std::size_t size = 0;
    const VolkDeviceTable& api = m_device->api();
    if (api.vkGetPipelineCacheData(m_device->handle(), handle(), &size, nullptr) != VK_SUCCESS || size > kMaxPayload) {
        return false;
    }
    std::vector<std::byte> payload(size);
    if (api.vkGetPipelineCacheData(m_device->handle(), handle(), &size, payload.data()) != VK_SUCCESS) {
        return false;
    }
    payload.resize(size);
    const FileHeader header = headerFor(m_device->physical().properties, payload);

    std::error_code failure;
    std::filesystem::create_directories(m_file.parent_path(), failure);
    std::filesystem::path temporary = m_file;
    temporary += "." + std::to_string(getpid()) + ".new";
    {
        std::ofstream stream(temporary, std::ios::binary | std::ios::trunc);
        stream.write(reinterpret_cast<const char*>(&header), sizeof header);
        stream.write(reinterpret_cast<const char*>(payload.data()), static_cast<std::streamsize>(payload.size()));
        stream.close();
        if (!stream) {
            std::filesystem::remove(temporary, failure);
            return false;
        }
    }
    std::filesystem::rename(temporary, m_file, failure);
    if (failure) {
        std::error_code ignored;
        std::filesystem::remove(temporary, ignored);
        return false;
    }
    return true;
}

}  // namespace alcove::engine::vulkan
