// Reports on tokens, as the commands that look inside a text print them.
#pragma once

#include <cstddef>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "engine/evaluation/token_report.h"
#include "engine/text/tokenizer.h"

namespace alcove::cli {

// {"id", "text", "logprob", "top": [{"id", "text", "logprob"} …]}. "text" is what the token adds to a text; where a
// token holds only a part of a character, U+FFFD stands for that.
[[nodiscard]] nlohmann::ordered_json tokenJson(const engine::TokenReport& report, const engine::Tokenizer& tokenizer);

// Most tokens that a report is asked for at one place.
constexpr std::size_t kMostTop = 1000;

// "-0.0123   Once", with a line break.
[[nodiscard]] std::string tokenLine(const engine::TokenReport& report, const engine::Tokenizer& tokenizer);

}  // namespace alcove::cli
