#include <cstdio>
#include <memory>
#include <unistd.h>

#include <CLI/CLI.hpp>

#include "app/checkpoints/checkpoint_library.h"
#include "app/checkpoints/file_path.h"
#include "app/cli/chat_terminal.h"
#include "app/cli/checkpoint_argument.h"
#include "app/cli/checkpoint_opening.h"
#include "app/cli/commands.h"
#include "app/cli/conversation.h"
#include "app/cli/interrupt.h"
#include "app/cli/options.h"
#include "app/cli/output.h"
#include "app/session/engine_backend.h"
#include "app/settings/data_paths.h"

namespace alcove::cli {

namespace {

struct ChatArguments {
    std::string checkpoint;
    OpenArguments open;
    CheckpointOpening opening;
    SamplingArguments sampling;
    bool json = false;
};

int runChat(ChatArguments& arguments) {
    const std::string checkpoint = checkpointNamed(arguments.checkpoint, "alcove-cli chat CHECKPOINT");
    ConversationInterrupts interrupts;
    const DataPaths paths = prepareDataPaths();
    HistoryStore store = HistoryStore::open(paths.dataFolder);
    for (const QString& sentence : {paths.problem, store.report().sentence}) {
        if (!sentence.isEmpty()) {
            writeSentence(sentence);
        }
    }
    const QString location = CheckpointLibrary::locationOf(fromPath(checkpoint));
    EngineBackend backend(paths.copiesFolder);
    backend.notice = [](const QString& sentence) { writeSentence(sentence); };
    backend.activity = [](const QString& sentence) {
        if (!sentence.isEmpty()) {
            writeSentence(sentence);
        }
    };
    OpenRequest request = arguments.open.request(checkpoint);
    request.useCopy = arguments.opening.useCopies();
    const bool visible = ::isatty(STDERR_FILENO) == 1;
    const auto onProgress = [visible](double share) {
        if (visible) {
            std::fprintf(stderr, "\rLoading %3.0f %%", 100 * share);
        }
    };
    const auto open = [&] {
        LoadedCheckpoint loaded = backend.open(request, onProgress, interrupts.stopReply());
        loaded.path = location;
        if (loaded.fromCopy) {
            arguments.opening.announceCopy(location);
        }
        if (visible) {
            writeSentenceOverLine(
                QStringLiteral("%1 on %2. /help lists the commands.").arg(loaded.name, loaded.deviceName));
        }
        return loaded;
    };
    Conversation conversation(store, backend, open, arguments.sampling.settings());
    return ChatTerminal(store, conversation, interrupts, arguments.sampling, arguments.json).run();
}

}  // namespace

void addChat(CLI::App& app, Command& chosen) {
    CLI::App* command =
        app.add_subcommand("chat",
                           "Chat in the terminal, with the same history as the window. Reads lines; /help "
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
