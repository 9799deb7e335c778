#include "engine/vulkan/tuning/read_bandwidth.h"

#include <algorithm>
#include <bit>

#include "engine/base/clock.h"
#include "engine/vulkan/execution/commands.h"
#include "engine/vulkan/execution/recorder.h"
#include "engine/vulkan/resources/buffer.h"
#include "engine/vulkan/resources/descriptors.h"
#include "engine/vulkan/resources/layout.h"
#include "shader_code.h"
#include "shaders/interface.h"

namespace alcove::engine::vulkan {

namespace {

constexpr std::uint64_t kWanted = 128ULL << 20;  // four times the largest known cache of a laptop's GPU
constexpr std::uint32_t kInvocations = 16384;    // enough to fill a large GPU
constexpr int kRuns = 5;

}  // namespace

double measureReadBandwidth(const Device& device, const PipelineCache& cache) {
    const std::uint64_t most = std::min({kWanted, device.maxStorageRange(), availableMemory(device) / 2});
    const std::uint64_t least = std::uint64_t{kInvocations} * kWordBytes * ALCOVE_PROBE_UNROLLED;
    const std::uint64_t bytes = std::max(std::bit_floor(most), least);
    const Buffer source(device, bytes, MemoryUse::DeviceOnly, "bandwidth probe");
    const Buffer results(device, kInvocations * sizeof(std::uint32_t), MemoryUse::DeviceOnly, "bandwidth results");
    const std::uint32_t ownRun = device.physical().info.kind == DeviceKind::Software ? 1 : 0;
    const Pipeline pipeline(device, cache,
                            {.name = "read_probe",
                             .code = shaders::kReadProbe,
                             .buffers = 2,
                             .pushBytes = sizeof(ProbePush),
                             .constants = {ownRun}});
    DescriptorAllocator descriptors(device);
    const VkDescriptorSet set = descriptors.allocate(pipeline, {&source, &results});
    const CommandPool pool(device);
    const VkCommandBuffer fill = pool.allocate("fill bandwidth probe");
    const VkCommandBuffer read = pool.allocate("read bandwidth probe");
    Submission submission(device, "bandwidth probe");

    beginCommands(device, fill, true);
    device.api().vkCmdFillBuffer(fill, source.handle(), 0, VK_WHOLE_SIZE, 0x5a5a5a5aU);
    endCommands(device, fill);
    submission.submit(fill);
    submission.wait();

    beginCommands(device, read, false);
    Recorder recorder(device, read);
    recorder.begin();
    recorder.access({&source}, {&results});
    const ProbePush push{.wordsPerInvocation = static_cast<std::uint32_t>(bytes / kWordBytes / kInvocations)};
    recorder.dispatch(pipeline, set, push, kInvocations / ALCOVE_PROBE_INVOCATIONS);
    endCommands(device, read);

    double best = 0;
    for (int run = 0; run < kRuns; ++run) {
        const Clock::time_point start = Clock::now();
        submission.submit(read);
        submission.wait();
        const double seconds = secondsSince(start);
        best = std::max(best, static_cast<double>(bytes) / seconds);
    }
    return best;
}

}  // namespace alcove::engine::vulkan
