#include "app/cli/options.h"

#include <algorithm>
#include <limits>
#include <random>

#include <CLI/CLI.hpp>

#include "app/checkpoints/file_path.h"
#include "app/cli/interrupt.h"
#include "app/cli/numbers.h"
#include "app/cli/output.h"
#include "app/settings/data_paths.h"
#include "app/translation/engine_sentences.h"

namespace alcove::cli {

namespace {

// "… (default 0.70)"
std::string withDefault(const std::string& help, const std::string& value) {
    return help + " (default " + value + ")";
}

// What exceeds an int is as good as the largest one.
int asInt(std::uint32_t value) {
    return static_cast<int>(std::min<std::uint32_t>(value, std::numeric_limits<int>::max()));
}

// A random seed that is short enough to be typed again.
std::uint64_t randomSeed() {
    return std::random_device()();
}

}  // namespace

void addCheckpoint(CLI::App& command, std::string& checkpoint) {
    command.add_option("CHECKPOINT", checkpoint, "The checkpoint's folder, or a GGUF file")->required()->type_name("");
}

void addJson(CLI::App& command, bool& json) {
    command.add_flag("--json", json, "Write the result as one line of JSON");
}

void OpenArguments::addTo(CLI::App& command) {
    command.add_option("--device", device, "auto, cpu, vulkan, vulkan:N or a part of a device's name (default auto)")
        ->type_name("D");
    command
        .add_option("--context", contextSize,
                    "Context length in tokens; shorter uses less memory (default: the model's)")
        ->type_name("N")
        ->check(CLI::Range(std::uint32_t{1}, std::uint32_t{1} << 30U).description(""));
    command.add_option("--kv", kv, "Type of the KV cache: f16, or q8 with half the memory (default f16)")
        ->type_name("KIND")
        ->check(CLI::IsMember({"f16", "q8"}).description(""));
    command.add_option("--tier", tier, "Use no features of the device above T0 to T5 (default: all)")
        ->type_name("T")
        ->check(CLI::IsMember({"T0", "T1", "T2", "T3", "T4", "T5"}).description(""));
    command
        .add_option("--submission-ms", submissionMilliseconds, "Longest time slice of GPU work (default: automatic)")
        ->type_name("MS")
        ->check(CLI::Range(0.1, 10000.0).description(""));
}

engine::OpenOptions OpenArguments::options(const std::string& checkpoint) const {
    prepareCacheFolder();
    engine::OpenOptions options;
    options.checkpoint = checkpoint;
    options.device = device;
    options.contextSize = contextSize;
    options.cancel = interrupted();
    options.kvType = kv == "q8" ? engine::KvType::Q8 : engine::KvType::F16;
    if (!tier.empty()) {
        options.maxTier = tier[1] - '0';
    }
    options.submissionSeconds = submissionMilliseconds / 1000;
    options.notice = [](const engine::Sentence& sentence) { writeSentence(inWords(sentence)); };
    return options;
}

OpenRequest OpenArguments::request(const std::string& checkpoint) const {
    const engine::OpenOptions same = options(checkpoint);
    return {.path = fromPath(checkpoint),
            .device = QString::fromStdString(same.device),
            .contextSize = asInt(same.contextSize),
            .submissionMs = submissionMilliseconds,
            .kvType = same.kvType == engine::KvType::Q8 ? KvType::Q8 : KvType::F16,
            .maxTier = same.maxTier};
}

void SamplingArguments::addTo(CLI::App& command) {
    command
        .add_option(
            "--temperature", temperature,
            withDefault("Sampling temperature; 0: always the most likely token", decimal(defaults.temperature, 2)))
        ->type_name("T")
        ->check(CLI::Range(0.0, 100.0).description(""));
    command
        .add_option("--top-k", topK,
                    withDefault("Sample from the K most likely tokens; 0: all", std::to_string(defaults.topK)))
        ->type_name("K");
    command
        .add_option("--top-p", topP,
                    withDefault("Sample from the smallest set of tokens with this total probability",
                                decimal(defaults.topP, 2)))
        ->type_name("P")
        ->check(CLI::Range(1e-6, 1.0).description(""));
    command
        .add_option("--min-p", minP,
                    withDefault("Leave out tokens below this fraction of the most likely one's probability; 0: none",
                                decimal(defaults.minP, 2)))
        ->type_name("P")
        ->check(CLI::Range(0.0, 1.0).description(""));
    command
        .add_option("--repetition-penalty", repetitionPenalty,
                    withDefault("Make recent tokens less likely; 1: off",
                                decimal(defaults.repetitionPenalty, 2) + "; 1 at temperature 0"))
        ->type_name("R")
        ->check(CLI::Range(0.01, 100.0).description(""));
    command.add_option("--seed", seed, "Equal seeds give equal replies (default: a new one each time)")->type_name("S");
    command.add_option("--max-tokens", maxTokens, "Maximum number of tokens; 0: until the context is full (default 0)")
        ->type_name("N");
}

engine::SamplingParameters SamplingArguments::parameters() const {
    engine::SamplingParameters result = defaults;
    result.temperature = temperature.value_or(defaults.temperature);
    result.topK = topK.value_or(defaults.topK);
    result.topP = topP.value_or(defaults.topP);
    result.minP = minP.value_or(defaults.minP);
    result.repetitionPenalty = repetitionPenalty.value_or(result.temperature == 0 ? 1.0F : defaults.repetitionPenalty);
    result.seed = seed ? *seed : randomSeed();
    return result;
}

SamplingSettings SamplingArguments::settings() const {
    const engine::SamplingParameters same = parameters();
    return {.temperature = shortest(same.temperature),
            .topK = asInt(same.topK),
            .topP = shortest(same.topP),
            .minP = shortest(same.minP),
            .repetitionPenalty = shortest(same.repetitionPenalty),
            .maxTokens = asInt(maxTokens),
            .seed = static_cast<qint64>(same.seed)};
}

}  // namespace alcove::cli
