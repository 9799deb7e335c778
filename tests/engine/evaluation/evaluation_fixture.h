// A model for the tests of measuring: the real generation loop and tokenizer over logits computed from the sequence.
#pragma once

#include <cmath>

#include "engine/evaluation/measured_model.h"
#include "engine/generation/generation_loop.h"
#include "tests/fakes/scripted_forward_pass.h"
#include "tests/rig/error_of.h"

namespace alcove::tests {

using engine::TokenId;

constexpr std::uint32_t kEvaluationVocab = 512;

// Logits between -4 and 4 that depend on every token of `sequence` and on their order.
inline void mixedLogits(std::span<const TokenId> sequence, std::span<float> logits) {
    std::uint64_t mix = 1469598103934665603ULL;
    for (const TokenId token : sequence) {
        mix = (mix ^ static_cast<std::uint64_t>(token)) * 1099511628211ULL;
    }
    for (std::size_t i = 0; i < logits.size(); ++i) {
        const std::uint64_t value = ((mix ^ i) * 1099511628211ULL) >> 40U;
        logits[i] = static_cast<float>(value % 8001) / 1000 - 4;
    }
}

// The logarithm of the probability of `next` after `sequence`, straight from the definition.
inline double logProbabilityAfter(std::span<const TokenId> sequence, TokenId next) {
    std::vector<float> logits(kEvaluationVocab);
    mixedLogits(sequence, logits);
    double sum = 0;
    for (const float logit : logits) {
        sum += std::exp(double{logit});
    }
    return std::log(std::exp(double{logits[static_cast<std::size_t>(next)]}) / sum);
}

struct EvaluationFixture {
    explicit EvaluationFixture(std::uint32_t contextSize, std::uint32_t chunkSize = 5)
        : tokenizer(engine::Tokenizer::open(ALCOVE_FIXTURES "/stories260K", kEvaluationVocab)),
          model(kEvaluationVocab, contextSize, chunkSize),
          loop({.forwardPass = model,
                .tokenizer = tokenizer,
                .chatTemplate = engine::templateNamed("plain"),
                .vocabSize = kEvaluationVocab}),
          measured{.logLikelihoods =
                       [this](std::span<const TokenId> context, std::span<const std::vector<TokenId>> continuations) {
                           ++calls;
                           return loop.logLikelihoods(context, continuations, stop);
                       },
                   .tokenizer = tokenizer,
                   .bosToken = 1,
                   .contextSize = contextSize} {
        model.compute = mixedLogits;
    }
    EvaluationFixture(const EvaluationFixture&) = delete;
    EvaluationFixture& operator=(const EvaluationFixture&) = delete;

    engine::Tokenizer tokenizer;
    fakes::ScriptedForwardPass model;
    engine::GenerationLoop loop;
    std::atomic<bool> stop = false;
    engine::MeasuredModel measured;
    std::size_t calls = 0;  // of logLikelihoods
};

}  // namespace alcove::tests
