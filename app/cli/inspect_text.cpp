#include <memory>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "app/cli/commands.h"
#include "app/cli/interrupt.h"
#include "app/cli/options.h"
#include "app/cli/output.h"
#include "app/cli/token_table.h"
#include "engine/evaluation/given_file.h"
#include "engine/evaluation/text_windows.h"
#include "engine/evaluation/token_report.h"

namespace alcove::cli {

namespace {

struct InspectTextArguments {
    std::string checkpoint;
    std::string file;
    std::uint32_t stride = 0;
    std::size_t top = 0;
    OpenArguments open;
    bool json = false;
};

std::string onOneLine(const nlohmann::ordered_json& json) {
    return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

// A text may have millions of tokens, so each window is written as soon as it is known.
int runInspectText(const InspectTextArguments& arguments) {
    watchInterrupts();
    const std::string text = engine::readGivenFile(arguments.file, engine::kLongestText);
    const std::unique_ptr<engine::Generator> generator =
        engine::Generator::open(arguments.open.options(arguments.checkpoint));
    const engine::Tokenizer& tokenizer = generator->tokenizer();
    const std::vector<engine::TokenId> tokens =
        engine::textTokens(tokenizer, text, generator->checkpoint().config().bosToken);
    if (arguments.json) {
        std::string head = onOneLine({{"checkpoint", generator->checkpoint().name()},
                                      {"device", generator->device().name},
                                      {"file", arguments.file}});
        head.back() = ',';  // the object goes on
        writeText(head + "\"tokens\":[");
    }
    bool first = true;
    for (const engine::TextWindow& window :
         engine::textWindows(tokens.size(), generator->forwardPass().contextSize(), arguments.stride)) {
        std::string written;
        const std::span<const engine::TokenId> context =
            std::span(tokens).subspan(window.begin, window.measured - window.begin);
        const std::vector<engine::TokenId> fresh(tokens.begin() + static_cast<std::ptrdiff_t>(window.measured),
                                                 tokens.begin() + static_cast<std::ptrdiff_t>(window.end));
        generator->distributions(
            context, std::span(&fresh, 1),
            [&](std::size_t /*which*/, std::size_t index, std::span<const float> logits) {
                const engine::TokenReport report = engine::reportToken(logits, fresh[index], arguments.top);
                written += arguments.json ? (first ? "" : ",") + onOneLine(tokenJson(report, tokenizer))
                                          : tokenLine(report, tokenizer);
                first = false;
            },
            interrupted());
        writeText(written);
    }
    if (arguments.json) {
        writeText("]}\n");
    }
    return 0;
}

}  // namespace

void addInspectText(CLI::App& app, Command& chosen) {
    CLI::App* command = app.add_subcommand(
        "inspect-text", "Show how likely a model finds each token of a text, and what else it expected");
    command->footer(
        "Each token is measured once, as `perplexity` does. Probabilities are natural logarithms of the model's own\n"
        "distribution.");
    const auto arguments = std::make_shared<InspectTextArguments>();
    addCheckpoint(*command, arguments->checkpoint);
    command->add_option("FILE", arguments->file, "The text, UTF-8, at most 16 MiB")->required()->type_name("");
    command->add_option("--top", arguments->top, "Show the N most likely tokens at each place (default 0)")
        ->type_name("N")
        ->check(CLI::Range(std::size_t{0}, kMostTop).description(""));
    command
        ->add_option("--stride", arguments->stride,
                     "Tokens from one window to the next, less than the context (default: half of the context)")
        ->type_name("N")
        ->check(CLI::Range(std::uint32_t{1}, std::uint32_t{1} << 30U).description(""));
    arguments->open.addTo(*command);
    addJson(*command, arguments->json);
    command->callback([arguments, &chosen] { chosen = [arguments] { return runInspectText(*arguments); }; });
}

}  // namespace alcove::cli
