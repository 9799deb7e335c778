// Making a conversation fit into the model's memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "engine/checkpoint/model_config.h"
#include "engine/text/chat_template.h"
#include "engine/text/tokenizer.h"

namespace alcove::engine {

struct FittedPrompt {
    std::vector<TokenId> tokens;   // <s> first
    std::size_t firstMessage = 0;  // messages before it (but for the system message) are left out
};

// The shortest prompt for the reply to the last of a conversation's messages: without the turns before it.
struct PromptSize {
    std::size_t tokens = 0;
    std::size_t most = 0;  // that fitConversation() takes
};

// Positions kept free for the reply to a prompt: a quarter of the context, at most 512, at most `maxTokens`
// (0: no limit).
[[nodiscard]] std::uint32_t replyRoom(std::uint32_t contextSize, std::uint32_t maxTokens);

// The prompt for the reply to the last of `messages`. While it and the reply's room exceed `contextSize`,
// the oldest turn (a user's message and what follows it up to the next) leaves whole; the system line and
// the last message stay. A last message that leaves less than that room is still taken as long as a reply
// of kLeastReply tokens is possible; beyond that throws Error{PromptTooLong} with the numbers.
inline constexpr std::uint32_t kLeastReply = 32;
[[nodiscard]] FittedPrompt fitConversation(const ChatTemplate& chatTemplate, bool withExample,
                                           std::span<const Message> messages, const Tokenizer& tokenizer, TokenId bos,
                                           std::uint32_t contextSize, std::uint32_t maxTokens);

// A reply that is gone on with.
struct BegunReply {
    std::size_t tokens = 0;        // that follow on the prompt
    std::string_view text;         // the end of the prompt
    std::size_t firstMessage = 0;  // that the prompt had when the reply was begun
};

// The prompt of a reply that is gone on with: as it was, as long as there is room for one token more. Otherwise further
// turns leave, as in fitConversation; where that makes no room, throws Error{PromptTooLong}.
[[nodiscard]] FittedPrompt fitBegun(const ChatTemplate& chatTemplate, bool withExample,
                                    std::span<const Message> messages, const Tokenizer& tokenizer, TokenId bos,
                                    std::uint32_t contextSize, std::uint32_t maxTokens, const BegunReply& begun);
// As fitConversation() measures it.
[[nodiscard]] PromptSize shortestPrompt(const ChatTemplate& chatTemplate, bool withExample,
                                        std::span<const Message> messages, const Tokenizer& tokenizer,
                                        std::uint32_t contextSize, std::uint32_t maxTokens);

}  // namespace alcove::engine
