#include "tests/vulkan/kernel_rig.h"

#include "shaders/interface.h"
#include "tests/vulkan/random_weights.h"

namespace alcove::tests {

using namespace engine::vulkan;

KernelRig::KernelRig(const DeviceOptions& options)
    : m_device(engine::listDevices().front(), options),
      m_cache(m_device, {}),
      m_descriptors(m_device),
      m_pool(m_device),
      m_commands(m_pool.allocate("test")),
      m_submission(m_device, "test") {
}

const Kernels& KernelRig::kernels(Shape shape) {
    std::optional<Kernels>& kernels = m_kernels[static_cast<std::size_t>(shape)];
    if (!kernels) {
        PhysicalDevice device = m_device.physical();
        if (shape == Shape::GraphicsCard) {
            device.info.kind = engine::DeviceKind::DiscreteGpu;
        }
        kernels.emplace(m_device, m_cache, tuningFor(device),
                        std::array{engine::DType::F32, engine::DType::F16, engine::DType::BF16});
    }
    return *kernels;
}

Buffer KernelRig::emptyRows(std::size_t n, std::size_t columns) {
    Buffer buffer(m_device, n * rowPitch(columns) * sizeof(float), MemoryUse::DeviceOnly, "test rows");
    clear(buffer);
    return buffer;
}

Buffer KernelRig::rows(const reference::Table& values) {
    Buffer buffer = emptyRows(values.rows, values.columns);
    fill(buffer, values);
    return buffer;
}

void KernelRig::fill(const Buffer& buffer, const reference::Table& values) {
    const std::vector<float> floats(values.values.begin(), values.values.end());
    Uploader uploader(m_device, [](std::uint64_t) {});
    uploader.write(buffer, 0, std::as_bytes(std::span(floats)), values.rows, rowPitch(values.columns) * sizeof(float));
    uploader.finish();
}

void KernelRig::clear(const Buffer& buffer) {
    Uploader uploader(m_device, [](std::uint64_t) {});
    uploader.clear(buffer);
    uploader.finish();
}

Matrix KernelRig::matrix(std::span<const engine::TensorView> tensors) {
    const MatrixPlan plan = planMatrix(m_device.maxStorageRange(), 65535, "test matrix", tensors);
    Matrix matrix(m_device, plan);
    Uploader uploader(m_device, [](std::uint64_t) {});
    matrix.upload(uploader, plan);
    uploader.finish();
    return matrix;
}

std::vector<float> KernelRig::read(const Buffer& buffer, std::size_t n, std::size_t columns, std::size_t pitch) {
    const Buffer host(m_device, buffer.size(), MemoryUse::Readback, "test readback");
    beginCommands(m_device, m_commands, true);
    const VkBufferCopy copy{0, 0, buffer.size()};
    m_device.api().vkCmdCopyBuffer(m_commands, buffer.handle(), host.handle(), 1, &copy);
    endCommands(m_device, m_commands);
    m_submission.submit(m_commands);
    m_submission.wait();
    std::vector<float> result;
    for (std::size_t row = 0; row < n; ++row) {
        const float* from = host.as<const float>() + row * pitch;
        result.insert(result.end(), from, from + columns);
    }
    return result;
}

std::vector<float> KernelRig::readRows(const Buffer& buffer, std::size_t n, std::size_t columns) {
    return read(buffer, n, columns, rowPitch(columns));
}

RecordedCounts KernelRig::run(const std::function<void(Recorder&)>& record) {
    beginCommands(m_device, m_commands, true);
    Recorder recorder(m_device, m_commands);
    recorder.begin();
    record(recorder);
    endCommands(m_device, m_commands);
    m_submission.submit(m_commands);
    m_submission.wait();
    return recorder.counts();
}

Buffer KernelRig::makeState() const {
    return Buffer(m_device, sizeof(State), MemoryUse::Upload, "test state");
}

void KernelRig::setState(const Buffer& state, std::uint32_t position, std::span<const engine::TokenId> tokens) {
    State& values = *state.as<State>();
    values.position = position;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        values.tokens[i] = static_cast<std::uint32_t>(tokens[i]);
    }
}

reference::Table randomTable(std::size_t rows, std::size_t columns, float spread, std::uint32_t seed) {
    RandomTensors tensors(seed);
    return reference::decoded(tensors.make("random", engine::DType::F32, {rows, columns}, spread));
}

}  // namespace alcove::tests
