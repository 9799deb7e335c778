// Every compute pipeline of the engine, compiled for one device.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <span>

#include "engine/checkpoint/tensor.h"
#include "engine/model/kv_type.h"
#include "engine/vulkan/resources/pipeline.h"
#include "engine/vulkan/tuning/tuning.h"

namespace alcove::engine::vulkan {

enum class Epilogue : std::uint8_t {
    Store = ALCOVE_EPILOGUE_STORE,
    Rope = ALCOVE_EPILOGUE_ROPE,
    Residual = ALCOVE_EPILOGUE_RESIDUAL,
    Swiglu = ALCOVE_EPILOGUE_SWIGLU,
};

// What a model needs kernels for.
struct KernelNeeds {
    struct Projection {
        Epilogue epilogue = Epilogue::Store;
        DType dtype = DType::F32;
    };
    DType embedding = DType::F32;
    std::vector<Projection> projections;  // with repetitions
    ActivationType activations = ActivationType::Floats;
    KvType cache = KvType::F16;
    std::uint32_t headDim = 64;
};

class Kernels {
public:
    // Throws as Pipeline does.
    Kernels(const Device& device, const PipelineCache& cache, const Tuning& tuning, const KernelNeeds& needs);

    [[nodiscard]] const Tuning& tuning() const { return m_tuning; }
    [[nodiscard]] const KernelNeeds& needs() const { return m_needs; }
    [[nodiscard]] const Pipeline& embed() const { return m_embed; }
    // The kind of projections for n tokens and weights of a type.
    [[nodiscard]] TokenCount kindOf(DType dtype, std::uint32_t n) const;
    // For a kind of kindOf(). Tokens of a work group are tokensOf(epilogue, kind). The kinds of one epilogue and type
    // take the same buffers.
    [[nodiscard]] const Pipeline& project(Epilogue epilogue, DType dtype, TokenCount kind) const;
    [[nodiscard]] std::uint32_t tilesOf(Epilogue epilogue) const;  // of a work group
    [[nodiscard]] std::uint32_t tokensOf(Epilogue epilogue, TokenCount kind) const;
    [[nodiscard]] const Pipeline& attention() const { return m_attention; }
    [[nodiscard]] std::uint32_t attentionTokens() const;
    [[nodiscard]] const Pipeline& quantize() const { return m_quantize; }

private:
    [[nodiscard]] PipelineInfo projectInfo(const Device& device, Epilogue epilogue, DType dtype, TokenCount kind) const;

    Tuning m_tuning;
    KernelNeeds m_needs;
    Pipeline m_embed;
    std::map<std::pair<Epilogue, DType>, std::array<Pipeline, kTokenCounts>> m_project;
    Pipeline m_attention;
    Pipeline m_quantize;
};

}  // namespace alcove::engine::vulkan
