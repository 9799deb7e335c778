#include "app/cli/talk_opening.h"

#include <cstdio>
#include <unistd.h>
#include <utility>

#include <CLI/CLI.hpp>

#include "app/checkpoints/checkpoint_card.h"
#include "app/checkpoints/checkpoint_copies.h"
#include "app/checkpoints/checkpoint_library.h"
#include "app/checkpoints/file_path.h"
#include "app/settings/data_paths.h"
#include "app/settings/settings.h"

namespace alcove::cli {

void TalkOpening::addTo(CLI::App& command) {
    command.add_flag("--original", original, "Open the checkpoint itself, also where there is a smaller copy of it");
}

std::unique_ptr<engine::Generator> TalkOpening::open(engine::OpenOptions options) {
    const DataPaths paths = locateDataPaths();
    if (original || !SettingsFile(paths.settingsFile).load().smallerCopies) {
        return engine::Generator::open(options);
    }
    const QString checkpoint = fromPath(options.checkpoint);
    std::unique_ptr<engine::Generator> generator;
    const bool fromCopy = CheckpointCopies(paths.copiesFolder)
                              .openEither(
                                  checkpoint,
                                  [&](const std::filesystem::path& path) {
                                      options.checkpoint = path;
                                      generator = engine::Generator::open(options);
                                  },
                                  [](const QString& sentence) { std::fprintf(stderr, "%s\n", qPrintable(sentence)); });
    if (fromCopy && !std::exchange(m_told, true)) {
        const char* over = ::isatty(STDERR_FILENO) == 1 ? "\r" : "";  // what told how far the loading is
        std::fprintf(stderr, "%sUsing the smaller copy of %s; --original opens the checkpoint itself.\n", over,
                     qPrintable(checkpointName(CheckpointLibrary::locationOf(checkpoint))));
    }
    return generator;
}

}  // namespace alcove::cli
