// A generation loop on a scripted model.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <QTest>

#include "engine/generation/generation_loop.h"
#include "engine/text/utf8.h"
#include "tests/fakes/scripted_forward_pass.h"

namespace alcove::tests {

inline constexpr std::uint32_t kVocab = 512;

// A generator of scripted replies with the real 512-piece tokenizer.
struct GenerationFixture {
    explicit GenerationFixture(const char* chatTemplate = "mobillama-chat", std::uint32_t contextSize = 512,
                               std::uint32_t chunkSize = 64)
        : tokenizer(engine::Tokenizer::open(ALCOVE_FIXTURES "/stories260K", kVocab)),
          model(kVocab, contextSize, chunkSize),
          loop({.forwardPass = model,
                .tokenizer = tokenizer,
                .chatTemplate = engine::templateNamed(chatTemplate),
                .vocabSize = kVocab}) {}

    // The byte tokens of `letters`.
    [[nodiscard]] std::vector<engine::TokenId> bytesOf(const std::string& letters) const {
        std::vector<engine::TokenId> tokens;
        for (const char c : letters) {
            tokens.push_back(static_cast<engine::TokenId>(3 + static_cast<unsigned char>(c)));
        }
        return tokens;
    }

    engine::GenerationResult run(engine::Request request) {
        request.sampling.temperature = 0;
        request.sampling.repetitionPenalty = 1;
        text.clear();
        progress.clear();
        return loop.generate(
            request,
            [this](const engine::GenerationProgress& now) {
                QVERIFY(engine::isValidUtf8(now.text));
                text += now.text;
                progress.push_back(now);
                if (onProgress) {
                    onProgress(now);
                }
            },
            stop);
    }

    engine::GenerationResult ask(std::vector<engine::Message> messages, std::uint32_t maxTokens = 0) {
        engine::Request request;
        request.messages = std::move(messages);
        request.maxTokens = maxTokens;
        return run(std::move(request));
    }

    engine::GenerationResult raw(const std::string& prompt, std::uint32_t maxTokens = 0,
                                 std::vector<std::string> stopStrings = {}) {
        engine::Request request;
        request.rawPrompt = prompt;
        request.maxTokens = maxTokens;
        request.stopStrings = std::move(stopStrings);
        return run(std::move(request));
    }

    engine::Tokenizer tokenizer;
    fakes::ScriptedForwardPass model;
    engine::GenerationLoop loop;
    std::atomic<bool> stop = false;
    std::string text;
    std::vector<engine::GenerationProgress> progress;
    std::function<void(const engine::GenerationProgress&)> onProgress;
};

}  // namespace alcove::tests
