#include <limits>
#include <memory>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "app/cli/commands.h"
#include "app/cli/options.h"
#include "app/cli/output.h"
#include "engine/checkpoint/location.h"
#include "engine/text/tokenizer.h"

namespace alcove::cli {

namespace {

struct TokenizeArguments {
    std::string checkpoint;
    std::string text;
    bool json = false;
};

// Reads nothing but the tokenizer: a folder without weights serves as well.
int runTokenize(const TokenizeArguments& arguments) {
    const std::filesystem::path location = engine::locateCheckpoint(arguments.checkpoint);
    const auto anySize = static_cast<std::uint32_t>(std::numeric_limits<engine::TokenId>::max());
    const engine::Tokenizer tokenizer = engine::Tokenizer::open(location, anySize);
    const std::vector<engine::TokenId> tokens = tokenizer.encode(arguments.text);
    if (arguments.json) {
        nlohmann::ordered_json pieces = nlohmann::ordered_json::array();
        for (const engine::TokenId token : tokens) {
            pieces.push_back(tokenizer.piece(token));
        }
        writeJson({{"tokens", tokens}, {"pieces", pieces}});
        return 0;
    }
    std::string line;
    for (const engine::TokenId token : tokens) {
        line += (line.empty() ? "" : " ") + std::to_string(token);
    }
    writeText(line + "\n");
    return 0;
}

}  // namespace

void addTokenize(CLI::App& app, Command& chosen) {
    CLI::App* command =
        app.add_subcommand("tokenize", "Show the token ids of a text, without <s> (needs no Vulkan device)");
    const auto arguments = std::make_shared<TokenizeArguments>();
    addCheckpoint(*command, arguments->checkpoint);
    command->add_option("TEXT", arguments->text, "The text")->required()->type_name("");
    addJson(*command, arguments->json);
    command->callback([arguments, &chosen] { chosen = [arguments] { return runTokenize(*arguments); }; });
}

}  // namespace alcove::cli
