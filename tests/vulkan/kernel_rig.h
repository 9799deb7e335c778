// A device with what a test of single kernels needs: buffers in and out, and one recording to run.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "engine/vulkan/commands.h"
#include "engine/vulkan/operations.h"
#include "tests/reference/reference.h"

namespace alcove::tests {

class KernelRig {
public:
    explicit KernelRig(const engine::vulkan::DeviceOptions& options = {});

    [[nodiscard]] const engine::vulkan::Device& device() const { return m_device; }
    [[nodiscard]] engine::vulkan::DescriptorAllocator& descriptors() { return m_descriptors; }
    // All kernels, shaped for this device, or as for a graphics card whose lanes share rows. Compiled at first use.
    enum class Shape { Own, GraphicsCard };
    [[nodiscard]] const engine::vulkan::Kernels& kernels(Shape shape = Shape::Own);

    // A device buffer of rows [n, columns], each rowPitch(columns) floats, zero beyond.
    [[nodiscard]] engine::vulkan::Buffer rows(const reference::Table& values);
    [[nodiscard]] engine::vulkan::Buffer emptyRows(std::size_t n, std::size_t columns);
    [[nodiscard]] engine::vulkan::Matrix matrix(std::span<const engine::TensorView> tensors);
    void fill(const engine::vulkan::Buffer& buffer, const reference::Table& values);
    void clear(const engine::vulkan::Buffer& buffer);

    // The first `columns` floats of each of n rows of `pitch` floats.
    [[nodiscard]] std::vector<float> read(const engine::vulkan::Buffer& buffer, std::size_t n, std::size_t columns,
                                          std::size_t pitch);
    [[nodiscard]] std::vector<float> readRows(const engine::vulkan::Buffer& buffer, std::size_t n, std::size_t columns);

    // Records with `record`, submits, and waits.
    engine::vulkan::RecordedCounts run(const std::function<void(engine::vulkan::Recorder&)>& record);

    // What run() records into.
    [[nodiscard]] VkCommandBuffer commands() const { return m_commands; }

    engine::vulkan::Buffer makeState() const;
    static void setState(const engine::vulkan::Buffer& state, std::uint32_t position,
                         std::span<const engine::TokenId> tokens);

private:
    engine::vulkan::Device m_device;
    engine::vulkan::PipelineCache m_cache;
    std::array<std::optional<engine::vulkan::Kernels>, 2> m_kernels;
    engine::vulkan::DescriptorAllocator m_descriptors;
    engine::vulkan::CommandPool m_pool;
    VkCommandBuffer m_commands;
    engine::vulkan::Submission m_submission;
};

// Even values in [−spread, spread], exact in f32.
[[nodiscard]] reference::Table randomTable(std::size_t rows, std::size_t columns, float spread, std::uint32_t seed);

}  // namespace alcove::tests
