#include "engine/generation/context_fit.h"

#include <algorithm>
#include <string>

#include "engine/base/error.h"

namespace alcove::engine {

namespace {

constexpr std::uint32_t kMostReplyRoom = 512;

// Where turns begin: the first message after the system line, and each user's message.
std::vector<std::size_t> turnStarts(std::span<const Message> messages) {
    std::vector<std::size_t> starts;
    const std::size_t first = !messages.empty() && messages.front().role == Role::System ? 1 : 0;
    for (std::size_t i = first; i < messages.size(); ++i) {
        if (i == first || messages[i].role == Role::User) {
            starts.push_back(i);
        }
    }
    return starts;
}

}  // namespace

std::uint32_t replyRoom(std::uint32_t contextSize, std::uint32_t maxTokens) {
    const std::uint32_t room = std::max(1U, std::min(contextSize / 4, kMostReplyRoom));
    return maxTokens == 0 ? room : std::min(room, maxTokens);
}

FittedPrompt fitConversation(const ChatTemplate& chatTemplate, bool withExample, std::span<const Message> messages,
                             const Tokenizer& tokenizer, TokenId bos, std::uint32_t contextSize,
                             std::uint32_t maxTokens) {
    const auto encoded = [&](std::size_t firstMessage) {
        std::vector<TokenId> tokens = tokenizer.encode(renderPrompt(chatTemplate, messages, firstMessage, withExample));
        tokens.insert(tokens.begin(), bos);
        return tokens;
    };
    const std::uint32_t room = replyRoom(contextSize, maxTokens);
    std::vector<TokenId> tokens = encoded(0);
    if (tokens.size() + room <= contextSize) {
        return {std::move(tokens), 0};
    }
    // Fewer turns make a shorter prompt, so the first turn that may stay is found by halving.
    const std::vector<std::size_t> starts = turnStarts(messages);
    std::size_t tooMany = 0;
    std::size_t fitting = starts.size() - 1;
    std::vector<TokenId> best = encoded(starts[fitting]);
    if (const std::size_t needed = best.size() + std::min(room, kLeastReply); needed > contextSize) {
        const std::size_t excess = needed - contextSize;
        throw Error(ErrorCode::PromptTooLong,
                    excess == 1
                        ? ALCOVE_TEXT("engine",
                                      "This message is too long: with the chat template it has %1 tokens, "
                                      "but the context holds %2, including the reply. Shorten it by about %3 token.")
                        : ALCOVE_TEXT("engine",
                                      "This message is too long: with the chat template it has %1 tokens, "
                                      "but the context holds %2, including the reply. Shorten it by about %3 tokens."),
                    best.size(), contextSize, excess);
    }
    while (fitting - tooMany > 1) {
        const std::size_t middle = tooMany + (fitting - tooMany) / 2;
        tokens = encoded(starts[middle]);
        if (tokens.size() + room <= contextSize) {
            fitting = middle;
            best = std::move(tokens);
        } else {
            tooMany = middle;
        }
    }
    return {std::move(best), fitting == 0 ? 0 : starts[fitting]};
}

FittedPrompt fitBegun(const ChatTemplate& chatTemplate, bool withExample, std::span<const Message> messages,
                      const Tokenizer& tokenizer, TokenId bos, std::uint32_t contextSize, std::uint32_t maxTokens,
                      const BegunReply& begun) {
    const auto encoded = [&](std::size_t firstMessage) {
        std::string prompt = renderPrompt(chatTemplate, messages, firstMessage, withExample);
        std::vector<TokenId> tokens = tokenizer.encode(prompt.append(begun.text));
        tokens.insert(tokens.begin(), bos);
        return tokens;
    };
    const std::vector<std::size_t> starts = turnStarts(messages);
    // The first of all turns is told by 0, whatever stands before it.
    auto first = begun.firstMessage == 0 ? starts.begin()
                                         : std::lower_bound(starts.begin(), starts.end() - 1, begun.firstMessage);
    const auto name = [&] { return first == starts.begin() ? std::size_t{0} : *first; };
    FittedPrompt fitted{encoded(name()), name()};
    if (fitted.tokens.size() + begun.tokens <= contextSize) {
        return fitted;
    }
    const std::uint32_t room = replyRoom(contextSize, maxTokens);
    while (++first != starts.end()) {
        fitted = {encoded(*first), *first};
        const bool last = first + 1 == starts.end();
        if (fitted.tokens.size() + begun.tokens + (last ? std::min(room, kLeastReply) : room) <= contextSize) {
            return fitted;
        }
    }
    throw Error(ErrorCode::PromptTooLong,
                ALCOVE_TEXT("engine",
                            "This reply cannot be continued: with the message that it answers it fills the model's "
                            "memory of %1 tokens."),
                contextSize);
}

PromptSize shortestPrompt(const ChatTemplate& chatTemplate, bool withExample, std::span<const Message> messages,
                          const Tokenizer& tokenizer, std::uint32_t contextSize, std::uint32_t maxTokens) {
    const std::string prompt = renderPrompt(chatTemplate, messages, turnStarts(messages).back(), withExample);
    const std::uint32_t reply = std::min(replyRoom(contextSize, maxTokens), kLeastReply);
    return {tokenizer.encode(prompt).size() + 1, contextSize > reply ? contextSize - reply : 0};  // <s> is one more
}

}  // namespace alcove::engine
