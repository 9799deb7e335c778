// Generating one reply and printing it.
#pragma once

#include <cstdint>

#include "engine/generator.h"

namespace alcove::cli {

// Text form: the reply as it grows, exactly. JSON form: text, tokens, reason, counts and speeds, at the end.
// Ctrl-C ends the reply where it is. Returns the exit code.
int printReply(engine::Generator& generator, const engine::Request& request, bool json);

}  // namespace alcove::cli
