// Generating one reply and printing it.
#pragma once

#include <cstddef>
#include <optional>

#include "engine/generator.h"

namespace alcove::cli {

struct ReplyOutput {
    // Text form: the reply as it grows, exactly. JSON form: text, tokens, reason, counts and speeds, at the end.
    bool json = false;
    // JSON form: for each token its log-probability and so many of the likeliest, found by reading the reply again.
    std::optional<std::size_t> logProbabilities = {};
};

// Ctrl-C ends the reply where it is. Returns the exit code.
int printReply(engine::Generator& generator, const engine::Request& request, const ReplyOutput& output);

}  // namespace alcove::cli
