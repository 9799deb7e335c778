#include "engine/vulkan/execution/dispatch_timer.h"

#include <cassert>
#include <vector>

#include "engine/vulkan/driver/result.h"
#include "engine/vulkan/driver/structure.h"

namespace alcove::engine::vulkan {

namespace {

// Valid bits of the queue family's timestamps; 0: it has none.
std::uint32_t clockBits(const Device& device) {
    std::uint32_t count = 0;
    vkGetPhysicalDeviceQueueFamilyProperties(device.physical().handle, &count, nullptr);
    std::vector<VkQueueFamilyProperties> families(count);
    vkGetPhysicalDeviceQueueFamilyProperties(device.physical().handle, &count, families.data());
    return device.queueFamily() < count ? families[device.queueFamily()].timestampValidBits : 0;
}

}  // namespace

bool DispatchTimer::isAvailable(const Device& device) {
    return clockBits(device) > 0 && device.physical().properties.limits.timestampPeriod > 0;
}

DispatchTimer::DispatchTimer(const Device& device, std::uint32_t dispatches)
    : m_device(&device), m_capacity(2 * dispatches) {
    auto info = structure<VkQueryPoolCreateInfo>(VK_STRUCTURE_TYPE_QUERY_POOL_CREATE_INFO);
    info.queryType = VK_QUERY_TYPE_TIMESTAMP;
    info.queryCount = m_capacity;
    VkQueryPool queries = VK_NULL_HANDLE;
    check(device.api().vkCreateQueryPool(device.handle(), &info, nullptr, &queries),
          ALCOVE_TEXT("engine", "make a clock for kernels"));
    m_queries = {device, queries, "clock for kernels"};
}

void DispatchTimer::reset(VkCommandBuffer commands) {
    m_device->api().vkCmdResetQueryPool(commands, m_queries.get(), 0, m_capacity);
    m_used = 0;
}

void DispatchTimer::write(VkCommandBuffer commands, VkPipelineStageFlagBits stage) {
    assert(m_used < m_capacity);
    m_device->api().vkCmdWriteTimestamp(commands, stage, m_queries.get(), m_used++);
}

// Not at the top of the pipe, whose timestamp is written while the previous dispatch still runs.
void DispatchTimer::before(VkCommandBuffer commands) {
    write(commands, VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT);
}

void DispatchTimer::after(VkCommandBuffer commands) {
    write(commands, VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT);
}

double DispatchTimer::seconds() const {
    std::vector<std::uint64_t> ticks(m_used);
    check(m_device->api().vkGetQueryPoolResults(
              m_device->handle(), m_queries.get(), 0, m_used, ticks.size() * sizeof(std::uint64_t), ticks.data(),
              sizeof(std::uint64_t), VK_QUERY_RESULT_64_BIT | VK_QUERY_RESULT_WAIT_BIT),
          ALCOVE_TEXT("engine", "read the clock of kernels"));
    const std::uint32_t bits = clockBits(*m_device);
    const std::uint64_t mask = bits >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << bits) - 1;
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i + 1 < ticks.size(); i += 2) {
        sum += (ticks[i + 1] - ticks[i]) & mask;  // timestamps may wrap around
    }
    constexpr double kNano = 1e-9;
    return static_cast<double>(sum) * double{m_device->physical().properties.limits.timestampPeriod} * kNano;
}

}  // namespace alcove::engine::vulkan
