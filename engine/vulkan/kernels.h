// Every compute pipeline of the engine, compiled for one device.
#pragma once

#include <array>
#include <optional>
#include <span>

#include "engine/checkpoint/tensor.h"
#include "engine/vulkan/pipeline.h"
#include "engine/vulkan/tuning.h"

namespace alcove::engine::vulkan {

class Kernels {
public:
    // Matrix kernels are compiled for `dtypes` only. Throws as Pipeline does.
    Kernels(const Device& device, const PipelineCache& cache, const Tuning& tuning, std::span<const DType> dtypes);

    [[nodiscard]] const Tuning& tuning() const { return m_tuning; }
    [[nodiscard]] const Pipeline& embed(DType dtype) const { return *of(dtype).embed; }
    [[nodiscard]] const Pipeline& matmulOne(DType dtype) const { return *of(dtype).matmulOne; }
    [[nodiscard]] const Pipeline& matmulMany(DType dtype) const { return *of(dtype).matmulMany; }
    [[nodiscard]] const Pipeline& rmsNorm() const { return m_rmsNorm; }
    [[nodiscard]] const Pipeline& ropeStore() const { return m_ropeStore; }
    [[nodiscard]] const Pipeline& attention() const { return m_attention; }
    [[nodiscard]] const Pipeline& swiglu() const { return m_swiglu; }

private:
    struct ForDType {
        std::optional<Pipeline> embed;
        std::optional<Pipeline> matmulOne;
        std::optional<Pipeline> matmulMany;
    };
    [[nodiscard]] const ForDType& of(DType dtype) const { return m_forDType[static_cast<std::size_t>(dtype)]; }

    Tuning m_tuning;
    std::array<ForDType, 3> m_forDType;
    Pipeline m_rmsNorm;
    Pipeline m_ropeStore;
    Pipeline m_attention;
    Pipeline m_swiglu;
};

}  // namespace alcove::engine::vulkan
