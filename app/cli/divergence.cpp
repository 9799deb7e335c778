#include "engine/evaluation/divergence.h"

#include <memory>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "app/cli/commands.h"
#include "app/cli/interrupt.h"
#include "app/cli/numbers.h"
#include "app/cli/options.h"
#include "app/cli/output.h"
#include "app/cli/progress_line.h"
#include "engine/base/sentence.h"
#include "engine/evaluation/given_file.h"

namespace alcove::cli {

namespace {

using engine::Sentence;

struct DivergenceArguments {
    std::string original;
    std::string other;
    std::string file;
    OpenArguments open;
    bool json = false;
};

int runDivergence(const DivergenceArguments& arguments) {
    watchInterrupts();
    const std::string text = engine::readGivenFile(arguments.file, engine::kLongestText);
    const std::unique_ptr<engine::Generator> original =
        engine::Generator::open(arguments.open.options(arguments.original));
    const std::unique_ptr<engine::Generator> other = engine::Generator::open(arguments.open.options(arguments.other));
    const std::uint32_t vocabSize = original->checkpoint().config().vocabSize;
    if (other->checkpoint().config().vocabSize != vocabSize) {
        throw engine::Error(
            engine::ErrorCode::InvalidRequest,
            ALCOVE_TEXT("engine", "%1 and %2 have different vocabularies: give two copies of one model."),
            arguments.original, arguments.other);
    }
    const std::vector<engine::TokenId> tokens = original->tokenizer().encode(text);
    if (tokens.empty()) {
        throw engine::Error(engine::ErrorCode::InvalidRequest, ALCOVE_TEXT("engine", "%1 holds nothing to measure."),
                            arguments.file);
    }
    const std::uint32_t window = std::min(original->forwardPass().contextSize(), other->forwardPass().contextSize());
    engine::DivergenceResult result;
    {
        ProgressLine progress("tokens");
        result = engine::measureDivergence(
            original->forwardPass(), other->forwardPass(), tokens, original->checkpoint().config().bosToken, vocabSize,
            window, [&](std::uint64_t done) { progress.show(done, tokens.size()); }, interrupted());
    }
    if (arguments.json) {
        writeJson({{"original", original->checkpoint().name()},
                   {"other", other->checkpoint().name()},
                   {"device", original->device().name},
                   {"tokens", result.tokens},
                   {"window", window},
                   {"kl_mean", result.kullbackLeibler},
                   {"kl_worst", result.worst},
                   {"same_top", result.sameTop},
                   {"normalised_error", result.normalisedError}});
        return 0;
    }
    constexpr double kPercent = 100;
    writeTable(
        {{ALCOVE_TEXT("engine", "Original"), Sentence::verbatim(original->checkpoint().name())},
         {ALCOVE_TEXT("engine", "Other"), Sentence::verbatim(other->checkpoint().name())},
         {ALCOVE_TEXT("engine", "Device"), Sentence::verbatim(original->device().name)},
         {ALCOVE_TEXT("engine", "Text"), {ALCOVE_TEXT("engine", "%1 tokens in windows of %2"), result.tokens, window}},
         {ALCOVE_TEXT("engine", "KL divergence"),
          {ALCOVE_TEXT("engine", "%1 nats per token, %2 at worst"), decimal(result.kullbackLeibler, 5),
           decimal(result.worst, 3)}},
         {ALCOVE_TEXT("engine", "Same top token"), Sentence::verbatim(decimal(kPercent * result.sameTop, 1) + " %")},
         {ALCOVE_TEXT("engine", "Logits"),
          {ALCOVE_TEXT("engine", "%1 millionths of normalised squared error"),
           decimal(1e6 * result.normalisedError, 1)}}});
    return 0;
}

}  // namespace

void addDivergence(CLI::App& app, Command& chosen) {
    CLI::App* command = app.add_subcommand("divergence", "Measure how far a smaller copy diverges from its original");
    command->footer(
        "Both models read the text in windows as long as the context, and what they expect after each token is\n"
        "compared: the Kullback-Leibler divergence of the copy's distribution from the original's, and how often\n"
        "both find the same token the likeliest.");
    const auto arguments = std::make_shared<DivergenceArguments>();
    addCheckpoint(*command, arguments->original);
    command->add_option("OTHER", arguments->other, "Another copy of the same model")->required()->type_name("");
    command->add_option("FILE", arguments->file, "The text, UTF-8, at most 16 MiB")->required()->type_name("");
    arguments->open.addTo(*command);
    addJson(*command, arguments->json);
    command->callback([arguments, &chosen] { chosen = [arguments] { return runDivergence(*arguments); }; });
}

}  // namespace alcove::cli
