#include "app/settings/data_paths.h"

#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>
#include <QStandardPaths>
#include <QTemporaryFile>

#include "app/process/owner_only.h"

namespace alcove {
namespace {

bool makePrivate(const QString& folder) {
    const bool there = QFileInfo(folder).isDir() || QDir().mkpath(folder);
    keepFromOthers(folder);
    return there;
}

// What lies in a data folder of Alcove's own is Alcove's. In one that a person chose, only what has Alcove's names is.
void keepDataFromOthers(const DataPaths& paths) {
    if (paths.chosen) {
        keepFromOthers(paths.settingsFile);
        keepFromOthers(paths.dataFolder + QStringLiteral("/checkpoint-facts.json"));
    } else {
        keepFolderFromOthers(paths.dataFolder);
        keepFolderFromOthers(QFileInfo(paths.settingsFile).absolutePath());
    }
    keepFolderFromOthers(paths.copiesFolder);
}

// Permission bits do not tell (root, read-only mounts, access lists): only an attempt does.
bool canWriteIn(const QString& folder) {
    QTemporaryFile probe(folder + QStringLiteral("/.alcove-XXXXXX"));
    return probe.open();
}

}  // namespace

DataPaths locateDataPaths() {
    DataPaths paths;
    const QString chosen = qEnvironmentVariable("ALCOVE_DATA_DIR");
    paths.chosen = !chosen.isEmpty();
    if (paths.chosen) {
        paths.dataFolder = QDir::cleanPath(QDir(chosen).absolutePath());
        paths.settingsFile = paths.dataFolder + QStringLiteral("/settings.ini");
    } else {
        // The window and the terminal chat are different programs with one set of files: the name is given here,
        // not taken from the application.
        const QString name = QStringLiteral("/alcove");
        paths.dataFolder = QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation) + name;
        paths.settingsFile = QStandardPaths::writableLocation(QStandardPaths::GenericConfigLocation) + name +
                             QStringLiteral("/settings.ini");
    }
    paths.checkpointFolder = paths.dataFolder + QStringLiteral("/checkpoints");
    // Like the engine's compiled shaders, whatever the data folder: nothing in it is anybody's data.
    paths.cacheFolder =
        QStandardPaths::writableLocation(QStandardPaths::GenericCacheLocation) + QStringLiteral("/alcove");
    paths.copiesFolder = paths.cacheFolder + QStringLiteral("/copies");
    return paths;
}

DataPaths prepareDataPaths() {
    DataPaths paths = locateDataPaths();
    if (!makePrivate(paths.dataFolder)) {
        paths.problem = QCoreApplication::translate("alcove::DataPaths",
                                                    "The data folder %1 cannot be made. Conversations are not saved.")
                            .arg(paths.dataFolder);
    } else if (!canWriteIn(paths.dataFolder)) {
        paths.problem = QCoreApplication::translate("alcove::DataPaths",
                                                    "The data folder %1 cannot be written. Nothing new is saved in it.")
                            .arg(paths.dataFolder);
    } else {
        makePrivate(paths.checkpointFolder);
    }
    makePrivate(QFileInfo(paths.settingsFile).absolutePath());
    keepDataFromOthers(paths);
    prepareCacheFolder();
    return paths;
}

void prepareCacheFolder() {
    const QString folder = locateDataPaths().cacheFolder;
    QDir().mkpath(folder);
    keepFolderFromOthers(folder);
}

}  // namespace alcove
