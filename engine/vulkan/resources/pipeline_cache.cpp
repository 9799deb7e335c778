#include "engine/vulkan/resources/pipeline_cache.h"

#include <cstring>
#include <fstream>
#include <optional>
#include <span>
#include <type_traits>
#include <vector>

#include "engine/vulkan/driver/device_files.h"
#include "engine/vulkan/driver/result.h"
#include "engine/vulkan/driver/structure.h"

namespace alcove::engine::vulkan {

namespace {

constexpr std::uint64_t kMaxPayload = 64ULL << 20;  // ours are well below 1 MB

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
    header.shaderHash = shaderHash();
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

}  // namespace

PipelineCache::PipelineCache(const Device& device, const std::filesystem::path& folder) : m_device(&device) {
    const VkPhysicalDeviceProperties& properties = device.physical().properties;
    std::optional<std::vector<std::byte>> payload;
    if (!folder.empty()) {
        m_file = deviceFile(folder, "pipelines", properties, "bin");
        payload = readPayload(m_file, properties);
    }
    m_loaded = payload.has_value();
    m_storedBytes = payload ? payload->size() : 0;
    auto info = structure<VkPipelineCacheCreateInfo>(VK_STRUCTURE_TYPE_PIPELINE_CACHE_CREATE_INFO);
    if (payload) {
        info.initialDataSize = payload->size();
        info.pInitialData = payload->data();
    }
    VkPipelineCache cache = VK_NULL_HANDLE;
    check(device.api().vkCreatePipelineCache(device.handle(), &info, nullptr, &cache),
          ALCOVE_TEXT("engine", "make a pipeline cache"));
    m_cache = {device, cache, "pipeline cache"};
}

bool PipelineCache::save() {
    if (m_file.empty()) {
        return false;
    }
    std::size_t size = 0;
    const VolkDeviceTable& api = m_device->api();
    if (api.vkGetPipelineCacheData(m_device->handle(), handle(), &size, nullptr) != VK_SUCCESS || size > kMaxPayload) {
        return false;
    }
    if (m_loaded && size == m_storedBytes) {
        return true;
    }
    std::vector<std::byte> payload(size);
    if (api.vkGetPipelineCacheData(m_device->handle(), handle(), &size, payload.data()) != VK_SUCCESS) {
        return false;
    }
    payload.resize(size);
    const FileHeader header = headerFor(m_device->physical().properties, payload);
    return replaceFile(m_file, {std::as_bytes(std::span(&header, 1)), payload});
}

}  // namespace alcove::engine::vulkan
