#include "app/cli/checkpoint_opening.h"

#include <utility>

#include <CLI/CLI.hpp>

#include "app/checkpoints/checkpoint_card.h"
#include "app/checkpoints/checkpoint_copies.h"
#include "app/checkpoints/checkpoint_library.h"
#include "app/checkpoints/file_path.h"
#include "app/cli/output.h"
#include "app/settings/data_paths.h"
#include "app/settings/settings.h"

namespace alcove::cli {

void CheckpointOpening::addTo(CLI::App& command) {
    command.add_flag("--original", original, "Open the original even where there is a smaller copy");
}

bool CheckpointOpening::useCopies() const {
    return !original && SettingsFile(locateDataPaths().settingsFile).load().smallerCopies;
}

std::unique_ptr<engine::Generator> CheckpointOpening::open(engine::OpenOptions options) {
    if (!useCopies()) {
        return engine::Generator::open(options);
    }
    const QString checkpoint = fromPath(options.checkpoint);
    std::unique_ptr<engine::Generator> generator;
    const bool fromCopy = CheckpointCopies(locateDataPaths().copiesFolder)
                              .openEither(
                                  checkpoint,
                                  [&](const std::filesystem::path& path) {
                                      options.checkpoint = path;
                                      generator = engine::Generator::open(options);
                                  },
                                  [](const QString& sentence) { writeSentence(sentence); });
    if (fromCopy) {
        announceCopy(checkpoint);
    }
    return generator;
}

void CheckpointOpening::announceCopy(const QString& checkpoint) {
    if (!std::exchange(m_announced, true)) {
        writeSentenceOverLine(QStringLiteral("Using the smaller copy of %1; --original opens the original.")
                                  .arg(checkpointName(CheckpointLibrary::locationOf(checkpoint))));
    }
}

}  // namespace alcove::cli
