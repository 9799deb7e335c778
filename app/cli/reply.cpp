#include "app/cli/reply.h"

#include <string>

#include <nlohmann/json.hpp>

#include "app/cli/interrupt.h"
#include "app/cli/numbers.h"
#include "app/cli/output.h"
#include "app/cli/token_table.h"
#include "app/exchange/reply_record.h"
#include "app/session/engine_backend.h"
#include "engine/evaluation/token_report.h"

namespace alcove::cli {

namespace {

// "end_of_text", "max_tokens", …: the names of the history, as JSON has them here.
std::string reasonName(engine::StopReason reason) {
    std::string name;
    for (const QChar character : endReasonName(endReasonFrom(reason))) {
        name += character.isUpper() ? "_" : "";
        name += character.toLower().toLatin1();
    }
    return name;
}

nlohmann::ordered_json logProbabilities(engine::Generator& generator, const engine::GenerationResult& result,
                                        std::size_t top) {
    nlohmann::ordered_json steps = nlohmann::ordered_json::array();
    generator.distributions(
        result.prompt, std::span(&result.tokens, 1),
        [&](std::size_t /*which*/, std::size_t index, std::span<const float> logits) {
            steps.push_back(tokenJson(engine::reportToken(logits, result.tokens[index], top), generator.tokenizer()));
        },
        interrupted());
    return steps;
}

}  // namespace

int printReply(engine::Generator& generator, const engine::Request& request, const ReplyOutput& output) {
    const bool json = output.json;
    std::string text;
    const auto onProgress = [&](const engine::GenerationProgress& progress) {
        text += progress.text;
        if (!json && !progress.text.empty()) {
            writeText(progress.text);
        }
    };
    const engine::GenerationResult result = generator.generate(request, onProgress, interrupted());
    const auto perSecond = [](double count, double seconds) { return seconds > 0 && count > 0 ? count / seconds : 0; };
    if (json) {
        const double evaluated = static_cast<double>(result.promptTokens - result.reusedTokens);
        nlohmann::ordered_json reply = {
            {"text", text},
            {"tokens", result.tokens},
            {"reason", reasonName(result.reason)},
            {"prompt_tokens", result.promptTokens},
            {"generated_tokens", result.tokens.size()},
            {"context_used", result.contextUsed},
            {"context_size", generator.forwardPass().contextSize()},
            {"prefill_seconds", result.prefillSeconds},
            {"decode_seconds", result.decodeSeconds},
            {"prefill_tokens_per_second", perSecond(evaluated, result.prefillSeconds)},
            {"decode_tokens_per_second",
             perSecond(static_cast<double>(result.tokens.size()) - 1, result.decodeSeconds)},
            {"temperature", shortest(request.sampling.temperature)},
            {"seed", request.sampling.seed},
            {"chat_template", request.rawPrompt ? std::string() : generator.chatTemplate()},
            {"device", generator.device().name},
        };
        if (output.logProbabilities && result.reason != engine::StopReason::Cancelled) {
            reply["logprobs"] = logProbabilities(generator, result, *output.logProbabilities);
        }
        writeJson(reply);
    } else {
        finishText(text);
    }
    return result.reason == engine::StopReason::Cancelled ? kInterruptedExit : 0;
}

}  // namespace alcove::cli
