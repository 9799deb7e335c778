#include "engine/generation/generation_loop.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <optional>
#include <string>
#include <utility>

#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/generation/context_fit.h"
#include "engine/generation/prompt_lookup.h"
#include "engine/sampling/sampler.h"
#include "engine/text/reply_text.h"

namespace alcove::engine {

namespace {

std::size_t commonPrefix(std::span<const TokenId> a, std::span<const TokenId> b) {
    return static_cast<std::size_t>(std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin());
}

// Of `token` among all, from their logits: the logarithm of its share of the sum of exponentials.
double logProbability(std::span<const float> logits, TokenId token) {
    const double highest = *std::max_element(logits.begin(), logits.end());
    double sum = 0;
    for (const float logit : logits) {
        sum += std::exp(logit - highest);
    }
    return logits[static_cast<std::size_t>(token)] - highest - std::log(sum);
}

// Ends a run of decoding in its destructor.
class Decoding {
public:
    Decoding(ForwardPass& forwardPass, const DecodeRun& run) : m_forwardPass(&forwardPass) {
        forwardPass.beginDecoding(run);
    }
    Decoding(const Decoding&) = delete;
    Decoding& operator=(const Decoding&) = delete;
    ~Decoding() {
        if (m_forwardPass != nullptr) {
            try {
                m_forwardPass->endDecoding();
            } catch (const Error&) {
                // Another exception is already being thrown.
            }
        }
    }

    std::span<const TokenId> next(std::span<const TokenId> draft) {
        try {
            return m_forwardPass->nextTokens(draft);
        } catch (const Error&) {
            m_forwardPass = nullptr;  // has ended
            throw;
        }
    }
    // Does nothing if it has ended.
    void end() {
        if (ForwardPass* const pass = std::exchange(m_forwardPass, nullptr); pass != nullptr) {
            pass->endDecoding();
        }
    }

private:
    ForwardPass* m_forwardPass;  // null: has ended
};

}  // namespace

GenerationLoop::GenerationLoop(GenerationSetup setup) : m_setup(std::move(setup)), m_logits(m_setup.vocabSize) {
    if (m_setup.bosToken < 0 || static_cast<std::uint32_t>(m_setup.bosToken) >= m_setup.vocabSize) {
        throw Error(
            ErrorCode::FileDamaged,
            ALCOVE_TEXT(
                "engine",
                "The configuration names token %1 as the beginning of a text, but the model has only %2 tokens."),
            m_setup.bosToken, m_setup.vocabSize);
    }
    m_cached.reserve(m_setup.forwardPass.contextSize());
}

GenerationResult GenerationLoop::generate(const Request& request,
                                          const std::function<void(const GenerationProgress&)>& onProgress,
                                          const Cancellation& stop) {
    const Watching watching(m_setup.forwardPass, stop);
    const std::uint32_t contextSize = m_setup.forwardPass.contextSize();
    requireInRange(request.sampling);
    GenerationResult result;
    std::vector<TokenId> sequence;  // the prompt, then also what is generated
    std::vector<std::string> stopStrings = request.stopStrings;
    Trim trim = Trim::Nothing;
    requireTokens(request.begunTokens);
    const bool begun = !request.begunTokens.empty() || !request.begunText.empty();
    if (request.rawPrompt) {
        sequence = rawPrompt(*request.rawPrompt + request.begunText);
        requirePositions(sequence.size() + request.begunTokens.size());
    } else {
        const ChatTemplate& chatTemplate = m_setup.chatTemplate;
        FittedPrompt fitted =
            begun ? fitBegun(chatTemplate, m_setup.workedExample, request.messages, m_setup.tokenizer, m_setup.bosToken,
                             contextSize, request.maxTokens,
                             {request.begunTokens.size(), request.begunText, request.firstMessage})
                  : fitConversation(chatTemplate, m_setup.workedExample, request.messages, m_setup.tokenizer,
                                    m_setup.bosToken, contextSize, request.maxTokens);
        sequence = std::move(fitted.tokens);
        result.firstMessageInContext = fitted.firstMessage;
        stopStrings.insert(stopStrings.end(), chatTemplate.stopStrings.begin(), chatTemplate.stopStrings.end());
        trim = chatTemplate.trimReply ? Trim::BothEnds : Trim::Nothing;
    }
    if (sequence.size() == 1 && trim == Trim::Nothing) {
        trim = Trim::LeadingSpace;  // the text begins here, and with it the space SentencePiece puts before it
    }
    result.promptTokens = static_cast<std::uint32_t>(sequence.size());
    result.prompt = sequence;
    result.tokens = request.begunTokens;
    result.begunTokens = result.tokens.size();
    sequence.insert(sequence.end(), result.tokens.begin(), result.tokens.end());
    const auto made = [&result] { return result.tokens.size() - result.begunTokens; };

    GenerationProgress progress;
    progress.promptTokens = static_cast<std::uint32_t>(sequence.size());
    progress.firstMessageInContext = result.firstMessageInContext;
    Clock::time_point decodeBegin;
    const auto report = [&](const std::string& text) {
        progress.generatedTokens = static_cast<std::uint32_t>(made());
        progress.text = text;
        if (made() > 1) {
            progress.tokensPerSecond = static_cast<double>(made() - 1) / secondsSince(decodeBegin);
        }
        if (onProgress) {
            onProgress(progress);
        }
    };

    // The last token of the prompt is left to decoding, which begins with its logits.
    const Clock::time_point prefillBegin = Clock::now();
    const std::size_t reused = std::min(commonPrefix(sequence, m_cached), sequence.size() - 1);
    m_cached.resize(reused);
    result.reusedTokens = static_cast<std::uint32_t>(reused);
    prefill(std::span(sequence).first(sequence.size() - 1), stop, [&] {
        progress.promptTokensDone = static_cast<std::uint32_t>(m_cached.size());
        progress.contextUsed = progress.promptTokensDone;
        report({});
    });
    if (m_cached.size() + 1 < sequence.size() || stop.requested()) {
        result.reason = StopReason::Cancelled;
        result.prefillSeconds = secondsSince(prefillBegin);
        result.contextUsed = static_cast<std::uint32_t>(m_cached.size());
        return result;
    }
    progress.promptTokensDone = progress.promptTokens;

    // One at each position that is left, and one that needs none.
    const auto room = static_cast<std::uint32_t>(contextSize - sequence.size() + 1);
    const auto limit = request.maxTokens == 0
                           ? room
                           : request.maxTokens - static_cast<std::uint32_t>(result.begunTokens % request.maxTokens);
    const std::uint32_t most = std::min(room, limit);
    ReplyText reply(std::move(stopStrings), trim);
    for (const TokenId token : request.begunTokens) {
        static_cast<void>(reply.push(m_setup.tokenizer.tokenBytes(token)));  // what is shown already
    }
    if (request.begunTokens.empty() && begun) {
        reply.goOn();
    }
    PromptLookup lookup;
    result.tokens.reserve(result.tokens.size() + most);
    sequence.reserve(sequence.size() + most);
    m_cached.clear();  // until it is known what the cache holds: after an error the cache cannot be reused
    std::optional<Decoding> decoding;
    bool done = reply.stopped();
    result.reason = done ? StopReason::StopString : result.reason;
    while (!done) {
        if (stop.requested()) {
            result.reason = StopReason::Cancelled;
            break;
        }
        // The first step is left alone, so that the speed measured is that of the steps after it.
        const bool guess = request.speculation && made() > 0;
        const std::span<const TokenId> draft =
            guess ? lookup.propose(sequence, most - made() - 1) : std::span<const TokenId>();
        const bool inFlight = m_setup.forwardPass.stepsInFlight();  // then the draft goes unused and has not failed
        std::span<const TokenId> tokens;
        try {
            if (!decoding) {
                decoding.emplace(m_setup.forwardPass, DecodeRun{.history = sequence,
                                                                .sampling = request.sampling,
                                                                .maxTokens = most,
                                                                .firstStep = result.begunTokens});
            }
            tokens = decoding->next(draft);
        } catch (const Error& error) {
            if (error.code() != ErrorCode::Cancelled) {
                throw;
            }
            result.reason = StopReason::Cancelled;  // the device was lost after `stop` was requested
            break;
        }
        if (!inFlight) {
            lookup.stepGave(tokens.size(), m_setup.forwardPass.draftCost());
        }
        result.draftedTokens += static_cast<std::uint32_t>(inFlight ? 0 : draft.size());
        result.acceptedTokens += static_cast<std::uint32_t>(draft.empty() ? 0 : tokens.size() - 1);
        for (std::size_t i = 0; i < tokens.size() && !done; ++i) {
            if (stop.requested()) {
                break;
            }
            if (made() == 0) {
                decodeBegin = Clock::now();
                result.prefillSeconds = secondsBetween(prefillBegin, decodeBegin);
            }
            const TokenId token = tokens[i];
            sequence.push_back(token);
            done = true;
            if (isEndToken(token)) {
                result.reason = StopReason::EndOfText;
                break;
            }
            result.tokens.push_back(token);
            progress.contextUsed = static_cast<std::uint32_t>(sequence.size() - 1);
            progress.token = token;
            report(reply.push(m_setup.tokenizer.tokenBytes(token)));
            if (reply.stopped()) {
                result.reason = StopReason::StopString;
            } else if (request.maxTokens != 0 && made() >= limit) {
                result.reason = StopReason::MaxTokens;
            } else if (made() >= room) {
                result.reason = StopReason::ContextFull;
            } else {
                done = false;
            }
        }
    }
    if (decoding) {
        decoding->end();
    }
    // Tokens handed out and not looked at may be in the cache, too; nothing needs them.
    m_cached.assign(sequence.begin(), sequence.end() - 1);
    result.decodeSeconds = made() == 0 ? 0 : secondsSince(decodeBegin);
    result.contextUsed = static_cast<std::uint32_t>(m_cached.size());
    progress.token.reset();
    if (const std::string rest = reply.finish(); !rest.empty()) {
        report(rest);
    }
    return result;
}

// Evaluates what of `tokens` is not yet in the cache, or as much as comes before a stop.
void GenerationLoop::prefill(std::span<const TokenId> tokens, const Cancellation& stop,
                             const std::function<void()>& afterChunk) {
    while (m_cached.size() < tokens.size() && !stop.requested()) {
        const std::span<const TokenId> rest = tokens.subspan(m_cached.size());
        try {
            evaluate(rest.first(std::min<std::size_t>(rest.size(), m_setup.forwardPass.chunkSize())), {});
        } catch (const Error& error) {
            if (error.code() != ErrorCode::Cancelled) {
                throw;
            }
            return;  // the device was lost after `stop` was requested
        }
        afterChunk();
    }
}

PromptSize GenerationLoop::shortestPrompt(std::span<const Message> messages, std::uint32_t maxTokens) const {
    return engine::shortestPrompt(m_setup.chatTemplate, m_setup.workedExample, messages, m_setup.tokenizer,
                                  m_setup.forwardPass.contextSize(), maxTokens);
}

std::vector<float> GenerationLoop::logits(std::span<const TokenId> tokens) {
    if (tokens.empty()) {
        throw Error(ErrorCode::InvalidRequest,
                    ALCOVE_TEXT("engine", "There must be at least one token to compute logits for."));
    }
    requirePositions(tokens.size());
    requireTokens(tokens);
    m_cached.clear();
    while (m_cached.size() < tokens.size()) {
        const std::span<const TokenId> rest = tokens.subspan(m_cached.size());
        const std::size_t count = std::min<std::size_t>(rest.size(), m_setup.forwardPass.chunkSize());
        evaluate(rest.first(count), count == rest.size() ? std::span(m_logits) : std::span<float>());
    }
    return m_logits;
}

void GenerationLoop::distributions(std::span<const TokenId> context,
                                   std::span<const std::vector<TokenId>> continuations,
                                   const DistributionVisitor& visit, const Cancellation& stop) {
    if (context.empty()) {
        throw Error(ErrorCode::InvalidRequest,
                    ALCOVE_TEXT("engine", "There must be at least one token before those to be measured."));
    }
    const Watching watching(m_setup.forwardPass, stop);
    requireTokens(context);
    requirePositions(context.size());
    for (const std::vector<TokenId>& continuation : continuations) {
        requireTokens(continuation);
        requirePositions(context.size() + continuation.size() - std::min<std::size_t>(continuation.size(), 1));
    }
    const auto nextChunk = [&](std::span<const TokenId> rest) {
        stop.check(ALCOVE_TEXT("engine", "The measurement was stopped."));
        return rest.first(std::min<std::size_t>(rest.size(), m_setup.forwardPass.chunkSize()));
    };
    // The last token of the context is evaluated in any case: every continuation begins with its logits.
    m_cached.resize(std::min(commonPrefix(context, m_cached), context.size() - 1));
    while (m_cached.size() < context.size()) {
        const std::span<const TokenId> rest = context.subspan(m_cached.size());
        const std::span<const TokenId> chunk = nextChunk(rest);
        evaluate(chunk, chunk.size() == rest.size() ? std::span(m_logits) : std::span<float>());
    }
    std::vector<float> rows;
    for (std::size_t which = 0; which < continuations.size(); ++which) {
        const std::span<const TokenId> tokens(continuations[which]);
        if (tokens.empty()) {
            continue;
        }
        visit(which, 0, m_logits);
        m_cached.resize(context.size());
        for (std::size_t done = 0; done + 1 < tokens.size();) {
            const std::span<const TokenId> chunk = nextChunk(tokens.subspan(done, tokens.size() - 1 - done));
            rows.resize(chunk.size() * m_setup.vocabSize);
            evaluate(chunk, rows);
            for (std::size_t i = 0; i < chunk.size(); ++i) {
                visit(which, done + i + 1,
                      std::span<const float>(rows).subspan(i * m_setup.vocabSize, m_setup.vocabSize));
            }
            done += chunk.size();
        }
    }
}

std::vector<std::vector<double>> GenerationLoop::logLikelihoods(std::span<const TokenId> context,
                                                                std::span<const std::vector<TokenId>> continuations,
                                                                const Cancellation& stop) {
    std::vector<std::vector<double>> result(continuations.size());
    distributions(
        context, continuations,
        [&](std::size_t which, std::size_t index, std::span<const float> logits) {
            result[which].push_back(logProbability(logits, continuations[which][index]));
        },
        stop);
    return result;
}

void GenerationLoop::requireTokens(std::span<const TokenId> tokens) const {
    for (const TokenId token : tokens) {
        if (token < 0 || static_cast<std::uint32_t>(token) >= m_setup.vocabSize) {
            throw Error(ErrorCode::InvalidRequest,
                        ALCOVE_TEXT("engine", "There is no token %1: the model's tokens are numbered from 0 to %2."),
                        token, m_setup.vocabSize - 1);
        }
    }
}

void GenerationLoop::requirePositions(std::size_t count) const {
    const std::uint32_t contextSize = m_setup.forwardPass.contextSize();
    if (count > contextSize) {
        throw Error(ErrorCode::PromptTooLong, ALCOVE_TEXT("engine", "These are %1 tokens, but the context holds %2."),
                    count, contextSize);
    }
}

std::vector<TokenId> GenerationLoop::rawPrompt(const std::string& text) const {
    std::vector<TokenId> tokens = m_setup.tokenizer.encode(text);
    tokens.insert(tokens.begin(), m_setup.bosToken);
    const std::uint32_t contextSize = m_setup.forwardPass.contextSize();
    if (tokens.size() > contextSize) {
        throw Error(ErrorCode::PromptTooLong,
                    ALCOVE_TEXT("engine", "The prompt has %1 tokens, but the context holds %2. Shorten it."),
                    tokens.size(), contextSize);
    }
    return tokens;
}

// Evaluates what comes right after m_cached.
void GenerationLoop::evaluate(std::span<const TokenId> tokens, std::span<float> logits) {
    m_setup.forwardPass.evaluate(tokens, static_cast<std::uint32_t>(m_cached.size()), logits);
    m_cached.insert(m_cached.end(), tokens.begin(), tokens.end());
}

bool GenerationLoop::isEndToken(TokenId token) const {
    return std::find(m_setup.eosTokens.begin(), m_setup.eosTokens.end(), token) != m_setup.eosTokens.end();
}

}  // namespace alcove::engine
