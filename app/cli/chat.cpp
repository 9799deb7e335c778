#include <cstdio>
#include <memory>
#include <unistd.h>

#include <CLI/CLI.hpp>

#include "app/checkpoints/checkpoint_card.h"
#include "app/checkpoints/checkpoint_library.h"
#include "app/checkpoints/file_path.h"
#include "app/cli/chat_terminal.h"
#include "app/cli/checkpoint_choice.h"
#include "app/cli/commands.h"
#include "app/cli/conversation.h"
#include "app/cli/interrupt.h"
#include "app/cli/options.h"
#include "app/cli/talk_opening.h"
#include "app/settings/data_paths.h"

namespace alcove::cli {

namespace {

struct ChatArguments {
    std::string checkpoint;
    OpenArguments open;
    TalkOpening opening;
    SamplingArguments sampling;
    bool json = false;
};

int runChat(ChatArguments& arguments) {
    const std::string checkpoint = chosenCheckpoint(arguments.checkpoint, "alcove-cli chat CHECKPOINT");
    ConversationInterrupts interrupts;
    const DataPaths paths = prepareDataPaths();
    HistoryStore store = HistoryStore::open(paths.dataFolder);
    for (const QString& sentence : {paths.problem, store.report().sentence}) {
        if (!sentence.isEmpty()) {
            std::fprintf(stderr, "%s\n", qPrintable(sentence));
        }
    }
    const QString location = CheckpointLibrary::locationOf(fromPath(checkpoint));
    const auto openGenerator = [&arguments, &checkpoint, &location] {
        engine::OpenOptions options = arguments.open.options(checkpoint);
        const bool visible = ::isatty(STDERR_FILENO) == 1;
        if (visible) {
            options.progress = [](double share) { std::fprintf(stderr, "\rLoading %3.0f %%", 100 * share); };
        }
        std::unique_ptr<engine::Generator> generator = arguments.opening.open(options);
        if (visible) {
            std::fprintf(stderr, "\r%s on %s. /help shows what else can be typed.\n",
                         qPrintable(checkpointName(location)), generator->device().name.c_str());
        }
        return generator;
    };
    Conversation conversation(store, location, openGenerator, arguments.sampling.parameters(),
                              arguments.sampling.maxTokens);
    return ChatTerminal(store, conversation, interrupts, arguments.sampling, arguments.json).run();
}

}  // namespace

void addChat(CLI::App& app, Command& chosen) {
    CLI::App* command = app.add_subcommand(
        "chat",
        "Talk in the terminal; the conversation is kept in the same history as the window's. Reads lines; /help "
        "shows commands. Ctrl-C stops a reply, once more it leaves");
    const auto arguments = std::make_shared<ChatArguments>();
    command
        ->add_option("CHECKPOINT", arguments->checkpoint,
                     "The checkpoint's folder, or its name in the library (default: the one the window would choose)")
        ->type_name("");
    arguments->sampling.addTo(*command);
    arguments->open.addTo(*command);
    arguments->opening.addTo(*command);
    addJson(*command, arguments->json);
    command->callback([arguments, &chosen] { chosen = [arguments] { return runChat(*arguments); }; });
}

}  // namespace alcove::cli
