// The subcommands of alcove-cli. Each function adds one to the command line; if the person chose it,
// `chosen` is set to what it does, which returns the exit code or throws engine::Error.
#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace alcove::cli {

using Command = std::function<int()>;

void addDevices(CLI::App& app, Command& chosen);
void addInspect(CLI::App& app, Command& chosen);
void addInspectText(CLI::App& app, Command& chosen);
void addTokenize(CLI::App& app, Command& chosen);
void addLogits(CLI::App& app, Command& chosen);
void addGenerate(CLI::App& app, Command& chosen);
void addAsk(CLI::App& app, Command& chosen);
void addChat(CLI::App& app, Command& chosen);
void addBench(CLI::App& app, Command& chosen);
void addPerplexity(CLI::App& app, Command& chosen);
void addEvaluate(CLI::App& app, Command& chosen);
void addDivergence(CLI::App& app, Command& chosen);
void addQuantize(CLI::App& app, Command& chosen);
void addExport(CLI::App& app, Command& chosen);
void addHistory(CLI::App& app, Command& chosen);
void addLibrary(CLI::App& app, Command& chosen);
void addNetworkLog(CLI::App& app, Command& chosen);
void addForget(CLI::App& app, Command& chosen);
void addPrivacy(CLI::App& app, Command& chosen);

}  // namespace alcove::cli
