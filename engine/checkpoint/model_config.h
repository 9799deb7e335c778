// The dimensions and constants of a LLaMA-architecture model.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace alcove::engine {

using TokenId = std::int32_t;

struct ModelConfig {
    std::string architecture;         // "LlamaForCausalLM" or "MobiLlamaForCausalLM", as written in config.json
    std::uint32_t hiddenSize = 0;     // h
    std::uint32_t ffnSize = 0;        // f
    std::uint32_t layerCount = 0;     // L
    std::uint32_t headCount = 0;      // query heads
    std::uint32_t kvHeadCount = 0;    // key/value heads; divides headCount. From k_proj's shape, not from config.json
    std::uint32_t headDim = 0;        // hd; a multiple of 2. headCount * headDim rows in q_proj
    std::uint32_t vocabSize = 0;      // rows of embed_tokens
    std::uint32_t contextLength = 0;  // max_position_embeddings
    float rmsNormEpsilon = 1e-5F;
    float ropeTheta = 10000.0F;
    TokenId bosToken = 1;
    std::vector<TokenId> eosTokens = {2};
};

}  // namespace alcove::engine
