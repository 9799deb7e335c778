// The journey of a prompt: fit, prefill what is not yet in the KV cache, decode, stop.
//
// Knows the model only as a ForwardPass, so that tests can put a scripted one in its place.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "engine/base/cancellation.h"
#include "engine/generation/context_fit.h"
#include "engine/generation/generation.h"
#include "engine/model/forward_pass.h"
#include "engine/text/chat_template.h"
#include "engine/text/tokenizer.h"

namespace alcove::engine {

struct GenerationSetup {
    ForwardPass& forwardPass;
    const Tokenizer& tokenizer;
    ChatTemplate chatTemplate;
    bool workedExample = false;
    std::uint32_t vocabSize = 0;
    TokenId bosToken = 1;
    std::vector<TokenId> eosTokens = {2};
};

// One thread, as Generator. Keeps the references of its setup.
class GenerationLoop {
public:
    explicit GenerationLoop(GenerationSetup setup);

    // As Generator::generate.
    GenerationResult generate(const Request& request, const std::function<void(const GenerationProgress&)>& onProgress,
                              const Cancellation& stop);

    // As Generator::shortestPrompt.
    [[nodiscard]] PromptSize shortestPrompt(std::span<const Message> messages, std::uint32_t maxTokens) const;

    // As Generator::logits.
    [[nodiscard]] std::vector<float> logits(std::span<const TokenId> tokens);

    // As Generator::distributions.
    void distributions(std::span<const TokenId> context, std::span<const std::vector<TokenId>> continuations,
                       const DistributionVisitor& visit, const Cancellation& stop);

    // As Generator::logLikelihoods.
    [[nodiscard]] std::vector<std::vector<double>> logLikelihoods(std::span<const TokenId> context,
                                                                  std::span<const std::vector<TokenId>> continuations,
                                                                  const Cancellation& stop);

    [[nodiscard]] const ChatTemplate& chatTemplate() const { return m_setup.chatTemplate; }

private:
    [[nodiscard]] std::vector<TokenId> rawPrompt(const std::string& text) const;
    void requireTokens(std::span<const TokenId> tokens) const;
    void requirePositions(std::size_t count) const;
    void evaluate(std::span<const TokenId> tokens, std::span<float> logits);
    void prefill(std::span<const TokenId> tokens, const Cancellation& stop, const std::function<void()>& afterChunk);
    [[nodiscard]] bool isEndToken(TokenId token) const;

    GenerationSetup m_setup;
    std::vector<TokenId> m_cached;  // the tokens whose keys and values the cache holds, from position 0 on
    std::vector<float> m_logits;    // [vocab] of the newest token evaluated
};

}  // namespace alcove::engine
