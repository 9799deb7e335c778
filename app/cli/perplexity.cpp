#include "engine/evaluation/perplexity.h"

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

struct PerplexityArguments {
    std::string checkpoint;
    std::string file;
    std::uint32_t stride = 0;
    OpenArguments open;
    bool json = false;
};

int runPerplexity(const PerplexityArguments& arguments) {
    watchInterrupts();
    const std::string text = engine::readGivenFile(arguments.file, engine::kLongestText);
    if (text.empty()) {
        throw engine::Error(engine::ErrorCode::InvalidRequest,
                            ALCOVE_TEXT("engine", "%1 is empty: there is nothing to measure."), arguments.file);
    }
    const std::unique_ptr<engine::Generator> generator =
        engine::Generator::open(arguments.open.options(arguments.checkpoint));
    engine::PerplexityResult result;
    {
        ProgressLine progress("tokens");
        result = engine::measurePerplexity(engine::measuredModel(*generator, interrupted()), text, arguments.stride,
                                           [&](std::uint64_t done, std::uint64_t all) { progress.show(done, all); });
    }
    if (arguments.json) {
        nlohmann::ordered_json json = {
            {"checkpoint", generator->checkpoint().name()},
            {"device", generator->device().name},
            {"file", arguments.file},
            {"tokens", result.tokens},
            {"words", result.words},
            {"bytes", result.bytes},
            {"context", result.windowSize},
            {"stride", result.stride},
            {"windows", result.windows},
            {"nll", result.negativeLogLikelihood},
            {"nll_per_token", result.negativeLogLikelihood / static_cast<double>(result.tokens)},
            {"perplexity", result.perplexity()},
            {"bits_per_byte", result.bitsPerByte()},
            {"word_perplexity", result.wordPerplexity()},  // null if the text has no words
        };
        writeJson(json);
        return 0;
    }
    const std::string perToken = decimal(result.perplexity(), 4);
    writeTable({
        {ALCOVE_TEXT("engine", "Checkpoint"), Sentence::verbatim(generator->checkpoint().name())},
        {ALCOVE_TEXT("engine", "Device"), Sentence::verbatim(generator->device().name)},
        {ALCOVE_TEXT("engine", "Text"),
         {ALCOVE_TEXT("engine", "%1 tokens, %2 words, %3 bytes"), result.tokens, result.words, result.bytes}},
        {ALCOVE_TEXT("engine", "Windows"),
         {ALCOVE_TEXT("engine", "%1 of %2 tokens, one every %3"), result.windows, result.windowSize, result.stride}},
        {ALCOVE_TEXT("engine", "NLL"),
         {ALCOVE_TEXT("engine", "%1 nats, %2 per token"), decimal(result.negativeLogLikelihood, 4),
          decimal(result.negativeLogLikelihood / static_cast<double>(result.tokens), 4)}},
        {ALCOVE_TEXT("engine", "Perplexity"), result.words == 0
                                                  ? Sentence(ALCOVE_TEXT("engine", "%1 per token"), perToken)
                                                  : Sentence(ALCOVE_TEXT("engine", "%1 per token, %2 per word"),
                                                             perToken, decimal(result.wordPerplexity(), 4))},
        {ALCOVE_TEXT("engine", "Bits per byte"), Sentence::verbatim(decimal(result.bitsPerByte(), 4))},
    });
    return 0;
}

}  // namespace

void addPerplexity(CLI::App& app, Command& chosen) {
    CLI::App* command = app.add_subcommand("perplexity", "Measure how well a model predicts a text");
    command->footer(
        "The text is read in windows as long as the context. Each window begins a stride after the one before, and\n"
        "every token is measured once, in the first window that reaches it, with at least what the windows share "
        "before\n"
        "it. The first token is predicted from <s>. A smaller stride gives each token more to go by, and takes "
        "longer.");
    const auto arguments = std::make_shared<PerplexityArguments>();
    addCheckpoint(*command, arguments->checkpoint);
    command->add_option("FILE", arguments->file, "The text, UTF-8, at most 16 MiB")->required()->type_name("");
    command
        ->add_option("--stride", arguments->stride,
                     "Tokens from one window to the next, less than the context (default: half of the context)")
        ->type_name("N")
        ->check(CLI::Range(std::uint32_t{1}, std::uint32_t{1} << 30U).description(""));
    arguments->open.addTo(*command);
    addJson(*command, arguments->json);
    command->callback([arguments, &chosen] { chosen = [arguments] { return runPerplexity(*arguments); }; });
}

}  // namespace alcove::cli
