// A chat template in the form that other programs read.
#pragma once

#include <string>

#include "engine/text/chat_template.h"

namespace alcove::engine {

// `chatTemplate` in Jinja, as `tokenizer.chat_template` of a GGUF file holds it, for llama.cpp, LM Studio and their
// like. Given `messages` (roles "system", "user" and "assistant") and `add_generation_prompt`, it makes what
// renderPrompt() makes. Two things are left out: <s>, which readers of GGUF add themselves, and what stands in place of
// markers that somebody typed, since Jinja's `replace` is not known to all of them.
[[nodiscard]] std::string jinjaTemplate(const ChatTemplate& chatTemplate, bool withExample);

}  // namespace alcove::engine
