// Guesses the next tokens from earlier text (prompt lookup decoding: Saxena 2023,
// github.com/apoorvumang/prompt-lookup-decoding).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/model/forward_pass.h"

namespace alcove::engine {

// Where the end of the sequence occurred before, what followed it then is a guess at what follows now. Guesses cost
// time if they are wrong, so their success is watched: while it is low, none are made.
class PromptLookup {
public:
    // The guess at what follows `sequence`, at most `most` and at most kMaxDraft tokens: a part of `sequence`, or
    // nothing.
    [[nodiscard]] std::span<const TokenId> propose(std::span<const TokenId> sequence, std::size_t most);

    // What became of the newest guess, if there was one: a step of decoding handed out `tokens` tokens, at least one.
    // `cost` is that of such a step in steps without a guess: below as many tokens guessing does not pay.
    void stepGave(std::size_t tokens, double cost = 1);

private:
    std::size_t m_proposed = 0;   // tokens of the newest guess
    std::size_t m_pause = 0;      // steps without guesses still to go
    std::size_t m_nextPause = 0;  // how long the next pause will be; doubles while guesses keep failing
    double m_tokensPerStep = 0;   // of steps with a guess, lately
    bool m_measured = false;
};

}  // namespace alcove::engine
