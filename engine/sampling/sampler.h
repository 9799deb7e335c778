// Choosing the next token from the logits.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/checkpoint/model_config.h"

namespace alcove::engine {

// Applied in this order: repetition penalty, temperature, top-k, top-p, min-p, draw.
struct SamplingParameters {
    float temperature = 0.7F;              // 0: greedy, ties to the lowest id
    std::uint32_t topK = 40;               // 0: off
    float topP = 0.95F;                    // 1: off
    float minP = 0.05F;                    // 0: off
    float repetitionPenalty = 1.1F;        // 1: off
    std::uint32_t repetitionWindow = 256;  // tokens looked back on
    std::uint64_t seed = 0;                // equal seeds give equal replies
};

// Throws Error{InvalidRequest} for parameters outside their range.
void requireInRange(const SamplingParameters& parameters);

// The repetition penalty is that of CTRL (Keskar et al. 2019): the logit of each token seen within the
// window is divided by the penalty if it is positive, multiplied by it if negative, once however often the
// token was seen. Top-k keeps the k likeliest; top-p the fewest likeliest that together reach p of what
// top-k left; min-p those at least min-p times as likely as the likeliest. Ties go to the lower id.
class Sampler {
public:
    // Throws as requireInRange. Makes room for `vocabSize` tokens, so
    // that sample() allocates nothing.
    Sampler(const SamplingParameters& parameters, std::uint32_t vocabSize);

    // `logits`: vocabSize elements; -inf is never chosen. `history`: all tokens so far, the newest last; its
    // ids are < vocabSize. `step`: number of the draw; equal arguments give equal tokens. Throws
    // Error{NotFinite} if a logit is NaN or +inf, or none is finite.
    [[nodiscard]] TokenId sample(std::span<const float> logits, std::span<const TokenId> history, std::uint64_t step);

private:
    struct Candidate {
        double weight = 0;  // logit, then logit over temperature, then unnormalised probability
        TokenId token = 0;
    };

    void collect(std::span<const float> logits);
    void penalise(std::span<const TokenId> history);
    void keepTopK();
    void toProbabilities();
    void keepTopP();
    void keepMinP();
    [[nodiscard]] TokenId draw(std::uint64_t step) const;

    SamplingParameters m_parameters;
    std::vector<double> m_values;           // [vocab] logits, penalised
    std::vector<Candidate> m_candidates;    // likeliest first once keepTopK() is through
    std::vector<std::uint64_t> m_lastSeen;  // [vocab] the call that last penalised a token
    std::uint64_t m_call = 0;
};

}  // namespace alcove::engine
