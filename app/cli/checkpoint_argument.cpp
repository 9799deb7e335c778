#include "app/cli/checkpoint_argument.h"

#include <filesystem>

#include <QCoreApplication>
#include <QFileInfo>

#include "app/checkpoints/checkpoint_library.h"
#include "app/checkpoints/file_path.h"
#include "app/cli/interrupt.h"
#include "app/settings/data_paths.h"
#include "app/settings/settings.h"
#include "engine/base/error.h"

namespace alcove::cli {

namespace {

std::string pathText(const QString& path) {
    return toPath(path).string();
}

QString folderName(const CheckpointEntry& entry) {
    return QFileInfo(entry.path).fileName();
}

QString displayName(const CheckpointEntry& entry) {
    return entry.name;
}

}  // namespace

std::string checkpointNamed(const std::string& request, const std::string& argument) {
    std::error_code failure;
    if (!request.empty() && std::filesystem::exists(request, failure)) {
        return request;
    }
    const DataPaths paths = locateDataPaths();
    const Settings settings = SettingsFile(paths.settingsFile).load();
    CheckpointLibrary library(libraryFolders(paths.checkpointFolder, QCoreApplication::applicationDirPath()));
    const QList<CheckpointEntry> entries = library.scan(settings.addedCheckpoints, {.cancel = interrupted()});
    engine::Cancellation(interrupted()).check(ALCOVE_TEXT("engine", "The search for the model was stopped."));
    if (request.empty()) {
        if (const std::optional<CheckpointEntry> entry = defaultCheckpoint(entries, settings.lastCheckpoint)) {
            return pathText(entry->path);
        }
        throw engine::Error(engine::ErrorCode::FileMissing,
                            ALCOVE_TEXT("engine",
                                        "There is no model yet. Put one (a folder with config.json, "
                                        "tokenizer.model and the weights) into %1, or name one with %2."),
                            pathText(paths.checkpointFolder), argument);
    }
    // Folder names come first: display names are given by the checkpoints themselves, and two may be alike.
    const QString wanted = QString::fromStdString(request);
    for (const auto nameOf : {&folderName, &displayName}) {
        for (const CheckpointEntry& entry : entries) {
            if (nameOf(entry).compare(wanted, Qt::CaseInsensitive) == 0) {
                return pathText(entry.path);
            }
        }
    }
    return request;
}

}  // namespace alcove::cli
