#include "engine/vulkan/kernels.h"

#include <cassert>
#include <string>

#include "shader_code.h"
#include "shaders/interface.h"

namespace alcove::engine::vulkan {

namespace {

std::span<const std::uint32_t> embedCode(DType dtype) {
    return dtype == DType::F32 ? shaders::kEmbedF32 : dtype == DType::F16 ? shaders::kEmbedF16 : shaders::kEmbedBF16;
}

std::span<const std::uint32_t> matmulCode(DType dtype) {
    return dtype == DType::F32 ? shaders::kMatmulF32 : dtype == DType::F16 ? shaders::kMatmulF16 : shaders::kMatmulBF16;
}

PipelineInfo matmulInfo(DType dtype, const MatmulShape& shape, const std::string& name) {
    assert(shape.invocations <= ALCOVE_MAX_INVOCATIONS && shape.invocations % shape.lanes == 0);
    assert(shape.lanes == 1 ||
           std::uint64_t{shape.invocations} * shape.rows * shape.columns * sizeof(float) <= ALCOVE_MAX_SHARED_BYTES);
    return {.name = name + dtypeName(dtype),
            .code = matmulCode(dtype),
            .storageBuffers = 3,
            .pushBytes = sizeof(MatmulPush),
            .constants = {shape.invocations, shape.lanes, shape.rows, shape.columns}};
}

}  // namespace

Kernels::Kernels(const Device& device, const PipelineCache& cache, const Tuning& tuning, std::span<const DType> dtypes)
    : m_tuning(tuning),
      m_rmsNorm(device, cache,
                {.name = "rms_norm",
                 .code = shaders::kRmsNorm,
                 .storageBuffers = 3,
                 .pushBytes = sizeof(RmsNormPush),
                 .constants = {}}),
      m_ropeStore(device, cache,
                  {.name = "rope_store",
                   .code = shaders::kRopeStore,
                   .storageBuffers = 4,
                   .usesState = true,
                   .pushBytes = sizeof(RopePush),
                   .constants = {}}),
      m_attention(device, cache,
                  {.name = "attention",
                   .code = shaders::kAttention,
                   .storageBuffers = 4,
                   .usesState = true,
                   .pushBytes = sizeof(AttentionPush),
                   .constants = {}}),
      m_swiglu(device, cache,
               {.name = "swiglu",
                .code = shaders::kSwiglu,
                .storageBuffers = 2,
                .pushBytes = sizeof(SwigluPush),
                .constants = {}}) {
    for (const DType dtype : dtypes) {
        ForDType& kernels = m_forDType[static_cast<std::size_t>(dtype)];
        if (kernels.embed) {
            continue;
        }
        kernels.embed.emplace(device, cache,
                              PipelineInfo{.name = std::string("embed ") + dtypeName(dtype),
                                           .code = embedCode(dtype),
                                           .storageBuffers = 2,
                                           .usesState = true,
                                           .pushBytes = sizeof(EmbedPush),
                                           .constants = {}});
        kernels.matmulOne.emplace(device, cache, matmulInfo(dtype, tuning.one, "matmul one "));
        kernels.matmulMany.emplace(device, cache, matmulInfo(dtype, tuning.many, "matmul many "));
    }
}

}  // namespace alcove::engine::vulkan
