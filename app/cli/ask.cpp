#include <memory>

#include <CLI/CLI.hpp>

#include "app/cli/checkpoint_argument.h"
#include "app/cli/checkpoint_opening.h"
#include "app/cli/commands.h"
#include "app/cli/interrupt.h"
#include "app/cli/options.h"
#include "app/cli/reply.h"

namespace alcove::cli {

namespace {

struct AskArguments {
    std::string text;
    std::string checkpoint;
    OpenArguments open;
    CheckpointOpening opening;
    SamplingArguments sampling;
    bool json = false;
};

int runAsk(AskArguments& arguments) {
    watchInterrupts();
    const std::string checkpoint = checkpointNamed(arguments.checkpoint, "--checkpoint");
    const std::unique_ptr<engine::Generator> generator = arguments.opening.open(arguments.open.options(checkpoint));
    engine::Request request;
    request.messages = {{engine::Role::User, arguments.text}};
    request.sampling = arguments.sampling.parameters();
    request.maxTokens = arguments.sampling.maxTokens;
    return printReply(*generator, request, {.json = arguments.json});
}

}  // namespace

void addAsk(CLI::App& app, Command& chosen) {
    CLI::App* command = app.add_subcommand("ask", "Ask one question and print the reply alone; saves nothing");
    const auto arguments = std::make_shared<AskArguments>();
    command->add_option("TEXT", arguments->text, "The question")->required()->type_name("");
    command
        ->add_option("--checkpoint", arguments->checkpoint,
                     "The checkpoint's folder, or its name in the library (default: the one the window would choose)")
        ->type_name("C");
    arguments->sampling.addTo(*command);
    arguments->open.addTo(*command);
    arguments->opening.addTo(*command);
    addJson(*command, arguments->json);
    command->callback([arguments, &chosen] { chosen = [arguments] { return runAsk(*arguments); }; });
}

}  // namespace alcove::cli
