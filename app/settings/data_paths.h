// Where Alcove keeps its files.
#pragma once

#include <QString>

namespace alcove {

struct DataPaths {
    QString dataFolder;        // history.sqlite, checkpoint-facts.json, checkpoints/
    QString checkpointFolder;  // the library folder: checkpoints/ in the data folder
    QString settingsFile;      // settings.ini
    QString cacheFolder;       // what may be deleted at any time
    QString copiesFolder;      // of quantised copies: copies/ in the cache folder
    bool chosen = false;       // the data folder is the one that ALCOVE_DATA_DIR names, and may hold others' files too
    QString problem;           // a sentence, if the data folder cannot be made or written; otherwise empty
};

// The folders of this person: ALCOVE_DATA_DIR if it is set (all files are in that folder then), otherwise the
// system's places for an application's data and settings. Touches no disk; `problem` is empty.
[[nodiscard]] DataPaths locateDataPaths();

// The same, with the folders made where they are missing, readable by their owner alone, and what is there already made
// so. A folder that cannot be made or written is not fatal: `problem` says so, and reading what is there still works.
[[nodiscard]] DataPaths prepareDataPaths();

// Of these only the cache folder, which drivers of graphics devices expect to be there.
void prepareCacheFolder();

}  // namespace alcove
