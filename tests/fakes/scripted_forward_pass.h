// A ForwardPass whose tokens a test prescribes, and which records its calls.
#pragma once

#include <algorithm>
#include <functional>
#include <limits>
#include <optional>
#include <stdexcept>
#include <vector>

#include "engine/model/host_sampling.h"

namespace alcove::fakes {

using engine::TokenId;

class ScriptedForwardPass final : public engine::HostSampledForwardPass {
public:
    ScriptedForwardPass(std::uint32_t vocabSize, std::uint32_t contextSize, std::uint32_t chunkSize)
        : HostSampledForwardPass(vocabSize),
          m_vocabSize(vocabSize),
          m_contextSize(contextSize),
          m_chunkSize(chunkSize) {
        cache.reserve(contextSize);
    }

    // The tokens to be chosen at the position that logits are next asked for and at those after it; </s> elsewhere.
    void say(std::vector<TokenId> script) {
        m_script = std::move(script);
        m_scriptBegin.reset();
    }

    // A call outside the interface's contract throws std::logic_error, which no code catches.
    void evaluate(std::span<const TokenId> tokens, std::uint32_t position, std::span<float> logits) override {
        const bool right = !tokens.empty() && tokens.size() <= m_chunkSize && position <= cache.size() &&
                           position + tokens.size() <= m_contextSize &&
                           std::all_of(tokens.begin(), tokens.end(), [this](TokenId token) {
                               return token >= 0 && static_cast<std::uint32_t>(token) < m_vocabSize;
                           });
        if (!right ||
            (!logits.empty() && logits.size() != m_vocabSize && logits.size() != tokens.size() * m_vocabSize)) {
            throw std::logic_error("evaluate() called outside its contract");
        }
        if (beforeEvaluate) {
            beforeEvaluate(tokens.size());
        }
        cache.resize(position);
        cache.insert(cache.end(), tokens.begin(), tokens.end());
        evaluated += tokens.size();
        ++calls;
        const std::size_t rows = logits.size() / m_vocabSize;
        for (std::size_t row = 0; row < rows; ++row) {
            const std::span<float> values = logits.subspan(row * m_vocabSize, m_vocabSize);
            if (compute) {
                compute(std::span(cache).first(cache.size() - rows + row + 1), values);
                continue;
            }
            const std::size_t length = cache.size() - rows + row + 1;
            const std::size_t begin = m_scriptBegin.value_or(length);
            m_scriptBegin = begin;
            const bool scripted = length >= begin && length - begin < m_script.size();
            const TokenId next = scripted ? m_script[length - begin] : 2;
            std::fill(values.begin(), values.end(), 0.0F);
            values[static_cast<std::size_t>(next)] = broken ? std::numeric_limits<float>::quiet_NaN() : 1000.0F;
        }
    }

    std::uint32_t contextSize() const override { return m_contextSize; }
    std::uint32_t chunkSize() const override { return m_chunkSize; }
    std::uint64_t weightBytes() const override { return 1000; }
    std::uint64_t cacheBytes() const override { return 100; }
    engine::ForwardPassCounters counters() const override { return {}; }
    double measureReadBandwidth() override { return 1e9; }

    std::vector<TokenId> cache;  // what the KV cache stands for
    std::size_t evaluated = 0;   // tokens, over all calls
    std::size_t calls = 0;
    bool broken = false;  // the logits come out as NaN
    std::function<void(std::size_t tokens)> beforeEvaluate;
    // In place of the script: the logits after a sequence, from whatever the sequence is.
    std::function<void(std::span<const TokenId> sequence, std::span<float> logits)> compute;

private:
    std::uint32_t m_vocabSize;
    std::uint32_t m_contextSize;
    std::uint32_t m_chunkSize;
    std::vector<TokenId> m_script;
    std::optional<std::size_t> m_scriptBegin;  // length of the sequence that the script follows
};

}  // namespace alcove::fakes
