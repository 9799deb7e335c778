#include "engine/vulkan/kernels.h"

#include <algorithm>
#include <cassert>
#include <string>

#include "shader_code.h"
#include "shaders/interface.h"

namespace alcove::engine::vulkan {

namespace {

constexpr std::uint32_t bits(std::initializer_list<std::uint32_t> bindings) {
    std::uint32_t mask = 0;
    for (const std::uint32_t binding : bindings) {
        mask |= 1U << binding;
    }
    return mask;
}

// Bindings of project.comp, and which of them Lean reads as texels.
struct Bindings {
    std::uint32_t count;
    std::uint32_t inputs;
};

Bindings bindingsOf(Epilogue epilogue) {
    switch (epilogue) {
        case Epilogue::Rope:
            return {8, bits({0, 1, 2, 6})};
        case Epilogue::Residual:
            return {8, bits({0, 1, 2, 6, 7})};
        case Epilogue::Store:
        case Epilogue::Swiglu:
            break;
    }
    return {4, bits({0, 1, 2})};
}

std::uint32_t textures(const Tuning& tuning, std::uint32_t inputs) {
    return tuning.lean() ? inputs : 0;
}

shaders::ProjectForm projectForm(Variant variant, bool bytes) {
    using shaders::ProjectForm;
    switch (variant) {
        case Variant::Plain:
            return bytes ? ProjectForm::Bytes : ProjectForm::Plain;
        case Variant::Dot:
            return bytes ? ProjectForm::BytesDot : ProjectForm::Plain;
        case Variant::Lean:
            break;
    }
    return bytes ? ProjectForm::LeanBytes : ProjectForm::Lean;
}

const char* epilogueName(Epilogue epilogue) {
    switch (epilogue) {
        case Epilogue::Store:
            return "store";
        case Epilogue::Rope:
            return "rope";
        case Epilogue::Residual:
            return "residual";
        case Epilogue::Swiglu:
            break;
    }
    return "swiglu";
}

PipelineInfo embedInfo(const Tuning& tuning, const KernelNeeds& needs) {
    return {.name = std::string("embed ") + dtypeName(needs.embedding),
            .code = shaders::embed(tuning.lean(), static_cast<std::size_t>(needs.embedding)),
            .buffers = 6,
            .texelMask = textures(tuning, bits({0, 1})),
            .pushBytes = sizeof(EmbedPush),
            .constants = {needs.activations == ActivationType::Bytes ? 1U : 0U}};
}

PipelineInfo attentionInfo(const Tuning& tuning, const KernelNeeds& needs) {
    const bool bytes = needs.activations == ActivationType::Bytes && needs.headDim % ALCOVE_BLOCK == 0;
    return {.name = "attention",
            .code = tuning.lean() ? shaders::kAttentionLean : shaders::kAttention,
            .buffers = 5,
            .texelMask = textures(tuning, bits({0, 1, 2})),
            .pushBytes = sizeof(AttentionPush),
            .constants = {blocksOf(needs.headDim), tuning.attentionColumns, bytes ? 1U : 0U,
                          needs.cache == KvType::Q8 ? 1U : 0U}};
}

PipelineInfo quantizeInfo(const Tuning& tuning) {
    return {.name = "quantize",
            .code = tuning.lean() ? shaders::kQuantizeLean : shaders::kQuantize,
            .buffers = 2,
            .texelMask = textures(tuning, bits({0})),
            .pushBytes = sizeof(QuantizePush),
            .constants = {}};
}

}  // namespace

Kernels::Kernels(const Device& device, const PipelineCache& cache, const Tuning& tuning, const KernelNeeds& needs)
    : m_tuning(tuning),
      m_needs(needs),
      m_embed(device, cache, embedInfo(tuning, needs)),
      m_attention(device, cache, attentionInfo(tuning, needs)),
      m_quantize(device, cache, quantizeInfo(tuning)) {
    const bool bytes = needs.activations == ActivationType::Bytes;
    const bool dot = bytes && tuning.choice.variant == Variant::Dot;
    for (const KernelNeeds::Projection& wanted : needs.projections) {
        std::array<Pipeline, kColumnKinds>& pipelines = m_project[{wanted.epilogue, wanted.dtype}];
        if (pipelines[0].handle() != VK_NULL_HANDLE) {
            continue;
        }
        assert(!bytes || isQuantized(wanted.dtype));
        const Bindings bindings = bindingsOf(wanted.epilogue);
        for (std::size_t kind = 0; kind < kColumnKinds; ++kind) {
            const std::uint32_t columns = columnsOf(wanted.epilogue, kind);
            const std::uint32_t invocations = tuning.choice.invocations;
            const std::uint32_t tiles = tilesOf(wanted.epilogue);
            assert(invocations <= ALCOVE_MAX_INVOCATIONS && invocations % ALCOVE_LANES == 0);
            assert(invocations == ALCOVE_LANES ||
                   std::uint64_t{invocations} * 4 * columns * sizeof(float) <= ALCOVE_MAX_SHARED_BYTES);
            pipelines[kind] = Pipeline(
                device, cache,
                {.name = std::string("project ") + dtypeName(wanted.dtype) + (dot ? " dot " : " ") +
                         epilogueName(wanted.epilogue) + " x" + std::to_string(columns),
                 .code =
                     shaders::project(projectForm(tuning.choice.variant, bytes), static_cast<std::size_t>(wanted.dtype),
                                      static_cast<std::uint32_t>(wanted.epilogue)),
                 .buffers = bindings.count,
                 .texelMask = textures(tuning, bindings.inputs),
                 .requiredSubgroupSize = tuning.choice.subgroupSize,
                 .pushBytes = sizeof(ProjectPush),
                 .constants = {invocations, tiles, columns, bytes ? 1U : 0U, needs.cache == KvType::Q8 ? 1U : 0U}});
        }
    }
}

const Pipeline& Kernels::project(Epilogue epilogue, DType dtype, std::size_t kind) const {
    return m_project.at({epilogue, dtype})[kind];
}

std::uint32_t Kernels::tilesOf(Epilogue epilogue) const {
    return epilogue == Epilogue::Swiglu ? m_tuning.pairTiles : m_tuning.tiles;
}

std::uint32_t Kernels::columnsOf(Epilogue epilogue, std::size_t kind) const {
    // Gate and up keep two tiles at once, which is more than the registers of RDNA 3 hold for four tokens.
    constexpr std::uint32_t kPairColumns = 2;
    const std::uint32_t columns = m_tuning.columns[kind];
    return epilogue == Epilogue::Swiglu && !m_tuning.lean() ? std::min(columns, kPairColumns) : columns;
}

std::uint32_t Kernels::attentionColumns() const {
    return m_tuning.lean() ? m_tuning.attentionColumns : 1;
}

}  // namespace alcove::engine::vulkan
