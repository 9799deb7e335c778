#include "engine/vulkan/network/kernels.h"

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

shaders::ProjectForm promptForm(PromptForm prompt, bool bytes) {
    using shaders::ProjectForm;
    if (prompt == PromptForm::Matrix) {
        return bytes ? ProjectForm::MatrixBytes : ProjectForm::Matrix;
    }
    return bytes ? ProjectForm::TiledBytes : ProjectForm::Tiled;
}

// Weights that are 16-bit floats, or can be converted to them with a negligible loss.
bool fitsHalves(DType dtype) {
    return dtype == DType::F16 || isQuantized(dtype);
}

// Invocations of a work group of `tiles` tiles and `tokens` tokens that multiplies by matrices: a subgroup for each
// piece of its sums, as far as there is room.
std::uint32_t matrixInvocations(const MatrixShape& shape, std::uint32_t subgroupSize, std::uint32_t tiles,
                                std::uint32_t tokens) {
    const std::uint32_t pieces = tiles * ALCOVE_TILE_ROWS / shape.m * (tokens / shape.n);
    return std::clamp<std::uint32_t>(pieces * subgroupSize, ALCOVE_LANES, ALCOVE_MAX_INVOCATIONS);
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
            .constants = {blocksOf(needs.headDim), tuning.attentionTokens, bytes ? 1U : 0U,
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
    assert(needs.activations == ActivationType::Floats ||
           std::all_of(needs.projections.begin(), needs.projections.end(),
                       [](const KernelNeeds::Projection& wanted) { return isQuantized(wanted.dtype); }));
    for (const KernelNeeds::Projection& wanted : needs.projections) {
        std::array<Pipeline, kTokenCounts>& pipelines = m_project[{wanted.epilogue, wanted.dtype}];
        if (pipelines[0].handle() != VK_NULL_HANDLE) {
            continue;
        }
        for (const TokenCount kind : {TokenCount::One, TokenCount::Few, kindOf(wanted.dtype, ALCOVE_MAX_CHUNK)}) {
            Pipeline& pipeline = pipelines[static_cast<std::size_t>(kind)];
            if (pipeline.handle() == VK_NULL_HANDLE) {
                pipeline = Pipeline(device, cache, projectInfo(device, wanted.epilogue, wanted.dtype, kind));
            }
        }
    }
}

PipelineInfo Kernels::projectInfo(const Device& device, Epilogue epilogue, DType dtype, TokenCount kind) const {
    const bool bytes = m_needs.activations == ActivationType::Bytes;
    const KernelSelection& selection = m_tuning.selection;
    const Bindings bindings = bindingsOf(epilogue);
    const std::uint32_t tokens = tokensOf(epilogue, kind);
    const std::uint32_t tiles = tilesOf(epilogue);
    shaders::ProjectForm form = projectForm(selection.variant, bytes);
    const char* formName = bytes && selection.variant == Variant::Dot ? " dot " : " ";
    std::uint32_t invocations = selection.invocations;
    std::uint32_t subgroupSize = selection.subgroupSize;
    std::vector<std::uint32_t> shape;
    if (kind == TokenCount::Many) {
        form = promptForm(selection.prompt, bytes);
        formName = " tiled ";
        invocations = ALCOVE_MAX_INVOCATIONS;
        if (selection.prompt == PromptForm::Matrix) {
            const DeviceFeatures& features = device.features();
            formName = " matrix ";
            subgroupSize = subgroupSize == 0 ? features.subgroupSize : subgroupSize;
            invocations = matrixInvocations(features.matrix, subgroupSize, tiles, tokens);
            shape = {subgroupSize, features.matrix.m, features.matrix.n, features.matrix.k};
        }
    } else {
        assert(invocations == ALCOVE_LANES ||
               std::uint64_t{invocations} * 4 * tokens * sizeof(float) <= ALCOVE_MAX_SHARED_BYTES);
    }
    assert(invocations <= ALCOVE_MAX_INVOCATIONS && invocations % ALCOVE_LANES == 0);
    PipelineInfo info{
        .name = std::string("project ") + dtypeName(dtype) + formName + epilogueName(epilogue) + " x" +
                std::to_string(tokens),
        .code = shaders::project(form, static_cast<std::size_t>(dtype), static_cast<std::uint32_t>(epilogue)),
        .buffers = bindings.count,
        .texelMask = textures(m_tuning, bindings.inputs),
        .requiredSubgroupSize = subgroupSize,
        .pushBytes = sizeof(ProjectPush),
        .constants = {invocations, tiles, tokens, bytes ? 1U : 0U, m_needs.cache == KvType::Q8 ? 1U : 0U}};
    info.constants.insert(info.constants.end(), shape.begin(), shape.end());
    return info;
}

TokenCount Kernels::kindOf(DType dtype, std::uint32_t n) const {
    if (n <= ALCOVE_MAX_STEP_TOKENS) {
        return n == 1 ? TokenCount::One : TokenCount::Few;
    }
    return m_tuning.selection.prompt != PromptForm::Streamed && fitsHalves(dtype) ? TokenCount::Many : TokenCount::Few;
}

const Pipeline& Kernels::project(Epilogue epilogue, DType dtype, TokenCount kind) const {
    return m_project.at({epilogue, dtype})[static_cast<std::size_t>(kind)];
}

std::uint32_t Kernels::tilesOf(Epilogue epilogue) const {
    return epilogue == Epilogue::Swiglu ? m_tuning.pairTiles : m_tuning.tiles;
}

std::uint32_t Kernels::tokensOf(Epilogue epilogue, TokenCount kind) const {
    const std::uint32_t tokens = m_tuning.tokens[static_cast<std::size_t>(kind)];
    if (epilogue != Epilogue::Swiglu || kind == TokenCount::Many || m_tuning.lean()) {
        return tokens;
    }
    // Gate and up keep two tiles at once, which is more than the registers of RDNA 3 hold for four tokens.
    constexpr std::uint32_t kPairTokens = 2;
    return std::min(tokens, kPairTokens);
}

std::uint32_t Kernels::attentionTokens() const {
    return m_tuning.lean() ? m_tuning.attentionTokens : 1;
}

}  // namespace alcove::engine::vulkan
