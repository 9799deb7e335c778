#include "app/cli/talk_opening.h"

#include <cstdio>
#include <unistd.h>
#include <utility>

#include <CLI/CLI.hpp>
#include <QFile>

#include "app/library/checkpoint_card.h"
#include "app/library/checkpoint_copies.h"
#include "app/library/checkpoint_library.h"
#include "app/library/data_paths.h"
#include "app/library/settings.h"

namespace alcove::cli {

void TalkOpening::addTo(CLI::App& command) {
    command.add_flag("--original", original, "Open the checkpoint itself, also where there is a smaller copy of it");
}

std::unique_ptr<engine::Generator> TalkOpening::open(engine::OpenOptions options) {
    const DataPaths paths = locateDataPaths();
    if (original || !SettingsFile(paths.settingsFile).load().smallerCopies) {
        return engine::Generator::open(options);
    }
    const QString checkpoint = QFile::decodeName(options.checkpoint.string().c_str());
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
