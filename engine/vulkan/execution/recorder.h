// Records dispatches into a command buffer and puts barriers exactly where one depends on another.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <vector>

#include <volk.h>

#include "engine/vulkan/resources/buffer.h"
#include "engine/vulkan/resources/pipeline.h"

namespace alcove::engine::vulkan {

class DispatchTimer;

struct RecordedCounts {
    std::uint32_t dispatches = 0;
    std::uint32_t barriers = 0;
};

// Each dispatch, or group of dispatches that do not depend on each other, is announced with the buffers that it
// reads and writes. A barrier is recorded if one of them was written, or is to be written and was read, since the
// last barrier; a barrier orders everything before it.
class Recorder {
public:
    // `alwaysBarrier`: before every dispatch, for tests of the rule above. `timer`: around every dispatch, or null.
    Recorder(const Device& device, VkCommandBuffer commands, bool alwaysBarrier = false,
             DispatchTimer* timer = nullptr);

    // A barrier after everything that earlier submissions and transfers wrote.
    void begin();
    // The next dispatches read and write these, and do not depend on each other.
    void access(std::span<const Buffer* const> reads, std::span<const Buffer* const> writes);
    void access(std::initializer_list<const Buffer*> reads, std::initializer_list<const Buffer*> writes) {
        access(std::span(reads.begin(), reads.size()), std::span(writes.begin(), writes.size()));
    }
    template <class Push>
    void dispatch(const Pipeline& pipeline, VkDescriptorSet set, const Push& push, std::uint32_t x,
                  std::uint32_t y = 1) {
        dispatchBytes(pipeline, set, std::as_bytes(std::span(&push, 1)), x, y);
    }
    // Copies the first `bytes` of `from` into `to`, with the barriers that this needs before and after it. Not between
    // access() and its dispatches.
    void upload(const Buffer& from, std::uint64_t fromOffset, const Buffer& to, std::uint64_t bytes);
    // Makes what was written visible to the host, once the fence says that the commands are done.
    void finishForHost();

    [[nodiscard]] const RecordedCounts& counts() const { return m_counts; }

private:
    void dispatchBytes(const Pipeline& pipeline, VkDescriptorSet set, std::span<const std::byte> push, std::uint32_t x,
                       std::uint32_t y);
    void barrier();

    const Device* m_device;
    VkCommandBuffer m_commands;
    bool m_alwaysBarrier;
    DispatchTimer* m_timer;
    std::vector<const Buffer*> m_read;     // since the last barrier
    std::vector<const Buffer*> m_written;  // since the last barrier
    VkPipeline m_bound = VK_NULL_HANDLE;
    RecordedCounts m_counts;
};

}  // namespace alcove::engine::vulkan
