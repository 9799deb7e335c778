// config.json and generation_config.json of the Hub's layout.
#pragma once

#include <filesystem>
#include <optional>

#include "engine/checkpoint/model_config.h"
#include "engine/files/bounded_json.h"

namespace alcove::engine {

// What config.json (or the metadata of a GGUF file) declares, each figure within its range. Shapes decide over all that
// is optional here, and a declared figure that contradicts them is an error. num_key_value_heads is not among them:
// published MobiLlama configs give a wrong one.
struct DeclaredConfig {
    std::filesystem::path source;  // the file that declares it
    std::string architecture;
    std::optional<std::uint32_t> hiddenSize;
    std::optional<std::uint32_t> ffnSize;
    std::optional<std::uint32_t> layerCount;
    std::optional<std::uint32_t> headDim;
    std::optional<std::uint32_t> vocabSize;
    std::optional<bool> tiedEmbedding;
    std::uint32_t headCount = 0;
    std::uint32_t contextLength = 0;
    float rmsNormEpsilon = 0;
    float ropeTheta = 0;
    TokenId bosToken = 1;
    std::vector<TokenId> eosTokens;  // never empty; each once
};

// Figures above these are damage, not models.
inline constexpr std::uint32_t kMaxHiddenSize = 1U << 17;
inline constexpr std::uint32_t kMaxFfnSize = 1U << 20;
inline constexpr std::uint32_t kMaxLayerCount = 1024;
inline constexpr std::uint32_t kMaxHeadCount = 1024;
inline constexpr std::uint32_t kMaxHeadDim = 4096;
inline constexpr std::uint32_t kMaxVocabSize = 1U << 22;
inline constexpr std::uint32_t kMaxContextLength = 1U << 24;

inline constexpr JsonLimits kConfigLimits = {.bytes = 1 << 20, .depth = 16, .values = 100'000, .text = 1 << 16};

// Reads `folder`/config.json and, where it exists, generation_config.json (further end tokens). Throws
// Error{FileMissing, FileUnreadable, FileDamaged, Unsupported}.
[[nodiscard]] DeclaredConfig readConfig(const std::filesystem::path& folder);

}  // namespace alcove::engine
