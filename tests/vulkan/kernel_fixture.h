// A device with what a test of single kernels needs: buffers in and out, and one recording to run.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "engine/vulkan/execution/commands.h"
#include "engine/vulkan/network/operations.h"
#include "tests/reference/reference.h"

namespace alcove::tests {

class KernelFixture {
public:
    explicit KernelFixture(const engine::vulkan::DeviceOptions& options = {});

    [[nodiscard]] const engine::vulkan::Device& device() const { return m_device; }
    [[nodiscard]] engine::vulkan::DescriptorAllocator& descriptors() { return m_descriptors; }

    // As for this device, the code that asks for nothing, or as for a graphics card, of which the invocations split
    // the columns: without and with dot products of bytes, and with tiles or cooperative matrices for many tokens.
    enum class Shape { Own, Plain, GraphicsCard, GraphicsCardDot, GraphicsCardTiled, GraphicsCardMatrix };
    [[nodiscard]] engine::vulkan::Tuning tuning(Shape shape) const;
    // Compiled at first use, then kept.
    [[nodiscard]] const engine::vulkan::Kernels& kernels(Shape shape, const engine::vulkan::KernelNeeds& needs);

    // A device buffer of rows [n, columns], each floatPitch(columns) floats, zero beyond.
    [[nodiscard]] engine::vulkan::Buffer rows(const reference::Table& values);
    [[nodiscard]] engine::vulkan::Buffer emptyRows(std::size_t n, std::size_t columns);
    void fill(const engine::vulkan::Buffer& buffer, const reference::Table& values);
    void clear(const engine::vulkan::Buffer& buffer);
    [[nodiscard]] engine::vulkan::Matrix matrix(std::vector<engine::TensorView> tensors,
                                                engine::vulkan::RowOrder order);

    // Rows of an input of projections. `values` become what the device will take them for.
    [[nodiscard]] engine::vulkan::Buffer input(reference::Table& values, engine::vulkan::ActivationType type);
    [[nodiscard]] engine::vulkan::Buffer emptyInput(std::size_t n, std::size_t columns,
                                                    engine::vulkan::ActivationType type);
    [[nodiscard]] std::vector<float> readInput(const engine::vulkan::Buffer& buffer, std::size_t n, std::size_t columns,
                                               engine::vulkan::ActivationType type);

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
    void write(const engine::vulkan::Buffer& buffer, std::span<const float> floats, std::size_t n, std::size_t pitch);

    engine::vulkan::Device m_device;
    engine::vulkan::PipelineCache m_cache;
    std::map<std::vector<std::uint32_t>, std::unique_ptr<engine::vulkan::Kernels>> m_kernels;
    engine::vulkan::DescriptorAllocator m_descriptors;
    engine::vulkan::CommandPool m_pool;
    VkCommandBuffer m_commands;
    engine::vulkan::Submission m_submission;
};

// Even values in [−spread, spread], exact in f32.
[[nodiscard]] reference::Table randomTable(std::size_t rows, std::size_t columns, float spread, std::uint32_t seed);

}  // namespace alcove::tests
