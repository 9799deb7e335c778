// What the commands below "alcove-cli library" share.
#pragma once

#include <QList>
#include <QString>

#include "app/checkpoints/checkpoint_library.h"
#include "app/cli/commands.h"
#include "app/downloads/catalogue.h"
#include "app/settings/data_paths.h"
#include "app/settings/settings.h"

namespace alcove::cli {

// The checkpoints on this machine, as the window finds them.
[[nodiscard]] QList<CheckpointEntry> installedCheckpoints(const DataPaths& paths, const Settings& settings);

// The one that a person means, by path or name. Throws engine::Error{FileMissing}.
[[nodiscard]] CheckpointEntry installedNamed(const DataPaths& paths, const Settings& settings, const QString& name);

// Each adds a command to "library".
void addLibraryList(CLI::App& library, Command& chosen);
void addLibraryDownload(CLI::App& library, Command& chosen);
void addLibraryFiles(CLI::App& library, Command& chosen);  // import, verify, remove, add

}  // namespace alcove::cli
