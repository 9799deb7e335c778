#include <memory>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "app/cli/commands.h"
#include "app/cli/interrupt.h"
#include "app/cli/options.h"
#include "app/cli/output.h"
#include "app/cli/token_list.h"

namespace alcove::cli {

namespace {

struct LogitsArguments {
    std::string checkpoint;
    std::string tokens;
    OpenArguments open;
    bool json = false;
};

int runLogits(const LogitsArguments& arguments) {
    watchInterrupts();
    const std::unique_ptr<engine::Generator> generator =
        engine::Generator::open(arguments.open.options(arguments.checkpoint));
    const std::vector<engine::TokenId> tokens = parseTokenList(arguments.tokens).value();
    writeJson({{"logits", generator->logits(tokens)}});
    return 0;
}

}  // namespace

void addLogits(CLI::App& app, Command& chosen) {
    CLI::App* command =
        app.add_subcommand("logits", "Print the logits after the last of the given tokens, always as JSON");
    const auto arguments = std::make_shared<LogitsArguments>();
    addCheckpoint(*command, arguments->checkpoint);
    command->add_option("--tokens", arguments->tokens, "Token ids, such as \"1 2 3\"; nothing is put before them")
        ->required()
        ->type_name("IDS")
        ->check([](const std::string& text) {
            return parseTokenList(text) ? std::string()
                                        : "\"" + text + "\" is not a list of token ids such as \"1 2 3\"";
        });
    arguments->open.addTo(*command);
    addJson(*command, arguments->json);
    command->callback([arguments, &chosen] { chosen = [arguments] { return runLogits(*arguments); }; });
}

}  // namespace alcove::cli
