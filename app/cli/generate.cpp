#include <memory>
#include <optional>

#include <CLI/CLI.hpp>

#include "app/cli/checkpoint_opening.h"
#include "app/cli/commands.h"
#include "app/cli/interrupt.h"
#include "app/cli/options.h"
#include "app/cli/reply.h"
#include "app/cli/token_table.h"

namespace alcove::cli {

namespace {

struct GenerateArguments {
    std::string checkpoint;
    std::string prompt;
    bool raw = false;
    OpenArguments open;
    CheckpointOpening opening;
    SamplingArguments sampling;
    bool noSpeculation = false;
    std::optional<std::size_t> logProbabilities;
    bool json = false;
};

int runGenerate(GenerateArguments& arguments) {
    watchInterrupts();
    const std::unique_ptr<engine::Generator> generator =
        arguments.opening.open(arguments.open.options(arguments.checkpoint));
    engine::Request request;
    if (arguments.raw) {
        request.rawPrompt = arguments.prompt;
    } else {
        request.messages = {{engine::Role::User, arguments.prompt}};
    }
    request.sampling = arguments.sampling.parameters();
    request.maxTokens = arguments.sampling.maxTokens;
    request.speculation = !arguments.noSpeculation;
    return printReply(*generator, request, {.json = arguments.json, .logProbabilities = arguments.logProbabilities});
}

}  // namespace

void addGenerate(CLI::App& app, Command& chosen) {
    CLI::App* command = app.add_subcommand("generate", "Generate text from a prompt");
    const auto arguments = std::make_shared<GenerateArguments>();
    addCheckpoint(*command, arguments->checkpoint);
    command->add_option("--prompt", arguments->prompt, "The prompt; put through the chat template unless --raw")
        ->type_name("TEXT");
    command->add_flag("--no-speculation", arguments->noSpeculation,
                      "No speculative decoding: the same reply, slower where text repeats");
    command->add_flag("--raw", arguments->raw, "Use the prompt as it is, right after <s>; it may be empty");
    arguments->sampling.addTo(*command);
    arguments->open.addTo(*command);
    arguments->opening.addTo(*command);
    CLI::Option* logProbabilities =
        command
            ->add_option("--logprobs", arguments->logProbabilities,
                         "With --json: each token's log-probability, and the N most likely tokens there")
            ->type_name("N")
            ->check(CLI::Range(std::size_t{0}, kMostTop).description(""));
    addJson(*command, arguments->json);
    logProbabilities->needs(command->get_option("--json"));
    command->callback([arguments, &chosen] { chosen = [arguments] { return runGenerate(*arguments); }; });
}

}  // namespace alcove::cli
