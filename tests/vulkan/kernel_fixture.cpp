#include "tests/vulkan/kernel_fixture.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "engine/devices/device_list.h"
#include "shaders/interface.h"
#include "tests/vulkan/random_weights.h"

namespace alcove::tests {

using namespace engine::vulkan;

namespace {

std::size_t inputFloats(std::size_t columns, ActivationType type) {
    return type == ActivationType::Bytes ? std::size_t{bytePitch(columns)} * kWordFloats : floatPitch(columns);
}

// Where a block of eight-bit activations lies in its row, in floats.
struct BlockPlace {
    explicit BlockPlace(std::size_t block)
        : bytes(block / ALCOVE_GROUP_BLOCKS * ALCOVE_GROUP_ACTIVATION_WORDS * kWordFloats +
                block % ALCOVE_GROUP_BLOCKS * 8),
          scale(block / ALCOVE_GROUP_BLOCKS * ALCOVE_GROUP_ACTIVATION_WORDS * kWordFloats + 64 +
                block % ALCOVE_GROUP_BLOCKS * 2) {}
    std::size_t bytes;
    std::size_t scale;  // then scale times the sum of the bytes
};

// Packs the values and replaces them by what they have become.
void packBlock(std::span<double> values, float* bytes, float* scale) {
    double magnitude = 0;
    for (const double value : values) {
        magnitude = std::max(magnitude, std::abs(value));
    }
    scale[0] = static_cast<float>(magnitude / 127);
    double sum = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const double whole = magnitude > 0 ? std::nearbyint(values[i] * 127 / magnitude) : 0;
        const auto byte = static_cast<std::int8_t>(whole);
        std::memcpy(reinterpret_cast<std::byte*>(bytes) + i, &byte, 1);
        values[i] = whole * static_cast<double>(scale[0]);
        sum += whole;
    }
    scale[1] = scale[0] * static_cast<float>(sum);
}

}  // namespace

KernelFixture::KernelFixture(const DeviceOptions& options)
    : m_device(engine::listDevices().front(), options),
      m_cache(m_device, {}),
      m_descriptors(m_device),
      m_pool(m_device),
      m_commands(m_pool.allocate("test")),
      m_submission(m_device, "test") {
}

Tuning KernelFixture::tuning(Shape shape) const {
    PhysicalDevice device = m_device.physical();
    if (shape == Shape::Own) {
        return tuningFor(device, likelySelection(device));
    }
    if (shape != Shape::Plain) {
        device.info.kind = engine::DeviceKind::DiscreteGpu;
    }
    KernelSelection selection = plainSelection(device);
    if (shape == Shape::GraphicsCardDot) {
        selection.variant = Variant::Dot;
        selection.subgroupSize = device.features.maxSubgroupSize;
    }
    if (shape == Shape::GraphicsCardTiled) {
        selection.prompt = PromptForm::Tiled;
    } else if (shape == Shape::GraphicsCardMatrix) {
        selection.prompt = PromptForm::Matrix;
    }
    return tuningFor(device, selection);
}

const Kernels& KernelFixture::kernels(Shape shape, const KernelNeeds& needs) {
    std::vector<std::uint32_t> key = {static_cast<std::uint32_t>(shape), static_cast<std::uint32_t>(needs.embedding),
                                      static_cast<std::uint32_t>(needs.activations),
                                      static_cast<std::uint32_t>(needs.cache), needs.headDim};
    for (const KernelNeeds::Projection& projection : needs.projections) {
        key.push_back(static_cast<std::uint32_t>(projection.epilogue));
        key.push_back(static_cast<std::uint32_t>(projection.dtype));
    }
    std::unique_ptr<Kernels>& kernels = m_kernels[key];
    if (!kernels) {
        kernels = std::make_unique<Kernels>(m_device, m_cache, tuning(shape), needs);
    }
    return *kernels;
}

Buffer KernelFixture::emptyRows(std::size_t n, std::size_t columns) {
    return emptyInput(n, columns, ActivationType::Floats);
}

Buffer KernelFixture::rows(const reference::Table& values) {
    Buffer buffer = emptyRows(values.rows, values.columns);
    fill(buffer, values);
    return buffer;
}

void KernelFixture::write(const Buffer& buffer, std::span<const float> floats, std::size_t n, std::size_t pitch) {
    Uploader uploader(m_device, [](std::uint64_t) {});
    uploader.write(buffer, 0, std::as_bytes(floats), n, pitch * sizeof(float));
    uploader.finish();
}

void KernelFixture::fill(const Buffer& buffer, const reference::Table& values) {
    const std::vector<float> floats(values.values.begin(), values.values.end());
    write(buffer, floats, values.rows, floatPitch(values.columns));
}

Buffer KernelFixture::emptyInput(std::size_t n, std::size_t columns, ActivationType type) {
    Buffer buffer(m_device, n * inputFloats(columns, type) * sizeof(float), MemoryUse::DeviceOnly, "test rows");
    clear(buffer);
    return buffer;
}

Buffer KernelFixture::input(reference::Table& values, ActivationType type) {
    if (type == ActivationType::Floats) {
        return rows(values);
    }
    const std::size_t pitch = inputFloats(values.columns, type);
    std::vector<float> packed(values.rows * pitch);
    for (std::size_t row = 0; row < values.rows; ++row) {
        const std::span<double> from = values.row(row);
        for (std::size_t block = 0; block < blocksOf(values.columns); ++block) {
            const std::span<double> part = from.subspan(
                block * ALCOVE_BLOCK, std::min<std::size_t>(ALCOVE_BLOCK, from.size() - block * ALCOVE_BLOCK));
            const BlockPlace place(block);
            packBlock(part, packed.data() + row * pitch + place.bytes, packed.data() + row * pitch + place.scale);
        }
    }
    Buffer buffer = emptyInput(values.rows, values.columns, type);
    write(buffer, packed, values.rows, pitch);
    return buffer;
}

std::vector<float> KernelFixture::readInput(const Buffer& buffer, std::size_t n, std::size_t columns,
                                            ActivationType type) {
    const std::size_t pitch = inputFloats(columns, type);
    const std::vector<float> stored = read(buffer, n, pitch, pitch);
    std::vector<float> result;
    for (std::size_t row = 0; row < n; ++row) {
        const float* from = stored.data() + row * pitch;
        for (std::size_t i = 0; i < columns; ++i) {
            if (type == ActivationType::Floats) {
                result.push_back(from[i]);
                continue;
            }
            const BlockPlace place(i / ALCOVE_BLOCK);
            std::int8_t byte = 0;
            std::memcpy(&byte, reinterpret_cast<const std::byte*>(from + place.bytes) + i % ALCOVE_BLOCK, 1);
            result.push_back(from[place.scale] * static_cast<float>(byte));
        }
    }
    return result;
}

void KernelFixture::clear(const Buffer& buffer) {
    Uploader uploader(m_device, [](std::uint64_t) {});
    uploader.clear(buffer);
    uploader.finish();
}

Matrix KernelFixture::matrix(std::vector<engine::TensorView> tensors, RowOrder order) {
    const MatrixPlan plan = planMatrix(m_device.maxStorageRange(), "test matrix", std::move(tensors), std::move(order));
    Matrix matrix(m_device, plan);
    Uploader uploader(m_device, [](std::uint64_t) {});
    matrix.upload(uploader, plan);
    uploader.finish();
    return matrix;
}

std::vector<float> KernelFixture::read(const Buffer& buffer, std::size_t n, std::size_t columns, std::size_t pitch) {
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

std::vector<float> KernelFixture::readRows(const Buffer& buffer, std::size_t n, std::size_t columns) {
    return read(buffer, n, columns, floatPitch(columns));
}

RecordedCounts KernelFixture::run(const std::function<void(Recorder&)>& record) {
    beginCommands(m_device, m_commands, true);
    Recorder recorder(m_device, m_commands);
    recorder.begin();
    record(recorder);
    endCommands(m_device, m_commands);
    m_submission.submit(m_commands);
    m_submission.wait();
    return recorder.counts();
}

Buffer KernelFixture::makeState() const {
    return Buffer(m_device, sizeof(DecodeState), MemoryUse::Upload, "test state");
}

void KernelFixture::setState(const Buffer& state, std::uint32_t position, std::span<const engine::TokenId> tokens) {
    DecodeState& values = *state.as<DecodeState>();
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
