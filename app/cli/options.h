// Options that several subcommands share.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "app/session/backend.h"
#include "engine/generator.h"

namespace CLI {
class App;
}

namespace alcove::cli {

// `CHECKPOINT`, the first positional.
void addCheckpoint(CLI::App& command, std::string& checkpoint);
void addJson(CLI::App& command, bool& json);

// Where and how large a model is opened.
struct OpenArguments {
    std::string device = "auto";
    std::uint32_t contextSize = 0;
    std::string kv = "f16";
    std::string tier;  // empty: the device's
    double submissionMilliseconds = 0;

    void addTo(CLI::App& command);
    // Ctrl-C stops the opening. Notices go to stderr.
    [[nodiscard]] engine::OpenOptions options(const std::string& checkpoint) const;
    // The same for a Backend.
    [[nodiscard]] OpenRequest request(const std::string& checkpoint) const;
};

// How tokens are chosen. Without --seed each run draws anew; a temperature of 0 is plain greedy decoding
// unless a repetition penalty is asked for.
struct SamplingArguments {
    engine::SamplingParameters defaults;
    std::optional<float> temperature;
    std::optional<std::uint32_t> topK;
    std::optional<float> topP;
    std::optional<float> minP;
    std::optional<float> repetitionPenalty;
    std::optional<std::uint64_t> seed;
    std::uint32_t maxTokens = 0;

    void addTo(CLI::App& command);
    [[nodiscard]] engine::SamplingParameters parameters() const;
    // The same, with maxTokens, for a Backend.
    [[nodiscard]] SamplingSettings settings() const;
};

}  // namespace alcove::cli
