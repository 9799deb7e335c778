// Compiled pipelines, kept on disk between runs.
#pragma once

#include <cstdint>
#include <filesystem>

#include <volk.h>

#include "engine/vulkan/driver/device.h"
#include "engine/vulkan/driver/handle.h"

namespace alcove::engine::vulkan {

// A VkPipelineCache that begins with what an earlier run stored for the same device, driver and shaders. The file
// is outside the program and therefore hostile: its header must match and its payload's hash must be right before
// the driver sees a byte of it; anything else is ignored and overwritten by save().
class PipelineCache {
public:
    // With an empty `folder` nothing is read or written. Throws Error{OutOfMemory}.
    PipelineCache(const Device& device, const std::filesystem::path& folder);

    [[nodiscard]] VkPipelineCache handle() const { return m_cache.get(); }
    [[nodiscard]] bool loaded() const { return m_loaded; }  // a stored file was good
    [[nodiscard]] const std::filesystem::path& file() const { return m_file; }

    // Replaces the stored file atomically if the cache has grown since. False if it cannot be written or there is no
    // folder: pipelines are then compiled again next time.
    bool save();

private:
    const Device* m_device = nullptr;
    std::filesystem::path m_file;
    bool m_loaded = false;
    std::size_t m_storedBytes = 0;  // of the payload that was loaded
    DeviceHandle<VkPipelineCache, VK_OBJECT_TYPE_PIPELINE_CACHE, &VolkDeviceTable::vkDestroyPipelineCache> m_cache;
};

}  // namespace alcove::engine::vulkan
