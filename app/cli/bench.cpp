#include <algorithm>
#include <memory>
#include <optional>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "app/cli/bytes_per_token.h"
#include "app/cli/commands.h"
#include "app/cli/interrupt.h"
#include "app/cli/numbers.h"
#include "app/cli/options.h"
#include "app/cli/output.h"
#include "engine/base/clock.h"
#include "engine/base/sentence.h"

namespace alcove::cli {

namespace {

struct BenchArguments {
    std::string checkpoint;
    std::uint32_t promptTokens = 128;
    std::uint32_t generateTokens = 64;
    OpenArguments open;
    bool json = false;
};

struct Figures {
    double prefillPerSecond = 0;
    double decodePerSecond = 0;
    double bytesPerToken = 0;
    double deviceReadPerSecond = 0;
    std::optional<double> outsideKernels;  // share of a token's time
    double loadSeconds = 0;
    double readySeconds = 0;
    std::uint64_t peakRssBytes = 0;
    engine::ForwardPassCounters perToken;
};

using engine::Clock;
using engine::secondsSince;
using engine::Sentence;

constexpr std::uint32_t kWarmUp = 4;      // tokens that are decoded before the time is taken
constexpr std::size_t kReadyTokens = 16;  // length of the first prompt, which shows when the model is ready

std::uint64_t peakRss() {
    rusage usage = {};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;  // Linux counts it in KiB
}

void stopIfInterrupted() {
    if (interrupted()) {
        throw engine::Error(engine::ErrorCode::Cancelled, ALCOVE_TEXT("engine", "The benchmark was stopped."));
    }
}

// Reads `prompt` into an empty cache, in chunks; `logits` are those of its last token.
void prefill(engine::ForwardPass& model, std::span<const engine::TokenId> prompt, std::span<float> logits) {
    for (std::size_t done = 0; done < prompt.size();) {
        stopIfInterrupted();
        const std::size_t count = std::min<std::size_t>(prompt.size() - done, model.chunkSize());
        const bool last = done + count == prompt.size();
        model.evaluate(prompt.subspan(done, count), static_cast<std::uint32_t>(done),
                       last ? logits : std::span<float>());
        done += count;
    }
}

Figures measure(engine::Generator& generator, const BenchArguments& arguments) {
    engine::ForwardPass& model = generator.forwardPass();
    const std::uint32_t vocabSize = generator.checkpoint().config().vocabSize;
    // Which tokens they are does not matter to the speed: spread over the vocabulary, the same in each run.
    std::vector<engine::TokenId> prompt(arguments.promptTokens);
    for (std::size_t i = 0; i < prompt.size(); ++i) {
        prompt[i] = static_cast<engine::TokenId>((i * 7919 + 1) % vocabSize);
    }
    std::vector<float> logits(vocabSize);
    Figures figures;
    Clock::time_point begin = Clock::now();
    prefill(model, std::span(prompt).first(std::min<std::size_t>(prompt.size(), kReadyTokens)), logits);
    figures.readySeconds = secondsSince(begin);
    prefill(model, prompt, logits);  // warms up caches and clocks

    begin = Clock::now();
    prefill(model, prompt, logits);
    figures.prefillPerSecond = arguments.promptTokens / secondsSince(begin);

    // Greedy tokens; during the first few the device's queue fills, so they are not counted.
    std::vector<engine::TokenId> history = prompt;
    history.push_back(prompt.front());
    engine::DecodeRun decode{.history = history, .sampling = {}, .maxTokens = kWarmUp + arguments.generateTokens};
    decode.sampling.temperature = 0;
    decode.sampling.repetitionPenalty = 1;
    model.beginDecoding(decode);
    for (std::uint32_t i = 0; i < decode.maxTokens; ++i) {
        if (i == kWarmUp) {
            begin = Clock::now();
        }
        stopIfInterrupted();
        static_cast<void>(model.nextTokens({}));
    }
    figures.decodePerSecond = arguments.generateTokens / secondsSince(begin);
    model.endDecoding();
    figures.perToken = model.counters();
    const double meanPositions = arguments.promptTokens + (arguments.generateTokens + 1) / 2.0;
    figures.bytesPerToken = bytesPerToken(generator.checkpoint(), model, meanPositions);
    if (const std::optional<double> kernels = model.measureKernels()) {
        figures.outsideKernels = std::max(0.0, 1 - *kernels * figures.decodePerSecond);
    }
    figures.peakRssBytes = peakRss();  // before the measurement of reading, whose buffer is no part of the model
    figures.deviceReadPerSecond = model.measureReadBandwidth();
    return figures;
}

int runBench(const BenchArguments& arguments) {
    watchInterrupts();
    const Clock::time_point begin = Clock::now();
    const std::unique_ptr<engine::Generator> generator =
        engine::Generator::open(arguments.open.options(arguments.checkpoint));
    const double loadSeconds = secondsSince(begin);
    const std::uint64_t needed = std::uint64_t{arguments.promptTokens} + kWarmUp + arguments.generateTokens;
    if (needed > generator->forwardPass().contextSize()) {
        throw engine::Error(engine::ErrorCode::InvalidRequest,
                            ALCOVE_TEXT("engine",
                                        "The benchmark needs %1 tokens, but the context holds %2: choose fewer "
                                        "with --prompt-tokens or --generate-tokens."),
                            needed, generator->forwardPass().contextSize());
    }
    Figures figures = measure(*generator, arguments);
    figures.loadSeconds = loadSeconds;
    figures.readySeconds += loadSeconds;
    const double achieved = figures.bytesPerToken * figures.decodePerSecond;
    const std::uint64_t weightBytes = generator->forwardPass().weightBytes();
    constexpr double kGiga = 1e9;
    if (arguments.json) {
        writeJson({
            {"checkpoint", generator->checkpoint().name()},
            {"device", generator->device().name},
            {"kernels", generator->forwardPass().kernels()},
            {"prompt_tokens", arguments.promptTokens},
            {"generate_tokens", arguments.generateTokens},
            {"prefill_tokens_per_second", figures.prefillPerSecond},
            {"decode_tokens_per_second", figures.decodePerSecond},
            {"weight_bytes", weightBytes},
            {"bytes_per_token", static_cast<std::uint64_t>(figures.bytesPerToken)},
            {"achieved_gb_per_second", achieved / kGiga},
            {"device_read_gb_per_second", figures.deviceReadPerSecond / kGiga},
            {"load_seconds", figures.loadSeconds},
            {"ready_seconds", figures.readySeconds},
            {"peak_rss_bytes", figures.peakRssBytes},
            {"dispatches_per_token", figures.perToken.dispatches},
            {"barriers_per_token", figures.perToken.barriers},
            {"outside_kernels", figures.outsideKernels ? nlohmann::ordered_json(*figures.outsideKernels) : nullptr},
        });
        return 0;
    }
    const Sentence perToken =
        figures.outsideKernels
            ? Sentence(ALCOVE_TEXT("engine", "%1 dispatches, %2 barriers, %3 % of the time outside kernels"),
                       figures.perToken.dispatches, figures.perToken.barriers,
                       decimal(100 * *figures.outsideKernels, 1))
            : Sentence(ALCOVE_TEXT("engine", "%1 dispatches, %2 barriers"), figures.perToken.dispatches,
                       figures.perToken.barriers);
    writeTable({
        {ALCOVE_TEXT("engine", "Checkpoint"), Sentence::verbatim(generator->checkpoint().name())},
        {ALCOVE_TEXT("engine", "Device"), Sentence::verbatim(generator->device().name)},
        {ALCOVE_TEXT("engine", "Kernels"), Sentence::verbatim(generator->forwardPass().kernels())},
        {ALCOVE_TEXT("engine", "Prefill"),
         {ALCOVE_TEXT("engine", "%1 tokens/s over %2 tokens"), decimal(figures.prefillPerSecond, 2),
          arguments.promptTokens}},
        {ALCOVE_TEXT("engine", "Decode"),
         {ALCOVE_TEXT("engine", "%1 tokens/s over %2 tokens"), decimal(figures.decodePerSecond, 2),
          arguments.generateTokens}},
        {ALCOVE_TEXT("engine", "Weights"), {ALCOVE_TEXT("engine", "%1 on the device"), byteCount(weightBytes)}},
        {ALCOVE_TEXT("engine", "Read per token"),
         {ALCOVE_TEXT("engine", "%1 (feed-forward block once per layer, keys and values included)"),
          byteCount(static_cast<std::uint64_t>(figures.bytesPerToken))}},
        {ALCOVE_TEXT("engine", "Achieved"),
         {ALCOVE_TEXT("engine", "%1 GB/s, %2 % of a plain read"), decimal(achieved / kGiga, 2),
          decimal(100 * achieved / figures.deviceReadPerSecond, 0)}},
        {ALCOVE_TEXT("engine", "Plain read"),
         Sentence::verbatim(decimal(figures.deviceReadPerSecond / kGiga, 2) + " GB/s")},
        {ALCOVE_TEXT("engine", "Load"), Sentence::verbatim(decimal(figures.loadSeconds, 2) + " s")},
        {ALCOVE_TEXT("engine", "Ready"),
         {ALCOVE_TEXT("engine", "%1 s from the file to the first token after a prompt of %2"),
          decimal(figures.readySeconds, 2), std::min<std::size_t>(arguments.promptTokens, kReadyTokens)}},
        {ALCOVE_TEXT("engine", "Peak memory"), Sentence::verbatim(byteCount(figures.peakRssBytes))},
        {ALCOVE_TEXT("engine", "Per token"), perToken},
    });
    return 0;
}

}  // namespace

void addBench(CLI::App& app, Command& chosen) {
    CLI::App* command = app.add_subcommand("bench", "Measure speed and memory traffic");
    const auto arguments = std::make_shared<BenchArguments>();
    const auto range = CLI::Range(std::uint32_t{1}, std::uint32_t{1} << 20U).description("");
    addCheckpoint(*command, arguments->checkpoint);
    command->add_option("--prompt-tokens", arguments->promptTokens, "Tokens to read at once (default 128)")
        ->type_name("N")
        ->check(range);
    command->add_option("--generate-tokens", arguments->generateTokens, "Tokens to decode one by one (default 64)")
        ->type_name("N")
        ->check(range);
    arguments->open.addTo(*command);
    addJson(*command, arguments->json);
    command->callback([arguments, &chosen] { chosen = [arguments] { return runBench(*arguments); }; });
}

}  // namespace alcove::cli
