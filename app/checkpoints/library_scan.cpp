#include "app/checkpoints/library_scan.h"

#include <exception>

namespace alcove {

CheckpointScan libraryScan(const QStringList& folders, const QString& factsFile) {
    // Scans follow one another on the same thread pool of one thread, so the library has one user at a time.
    auto library = std::make_shared<CheckpointLibrary>(folders, factsFile);
    return [library](const QStringList& addedPaths, const CheckpointPublish& publish, const std::atomic<bool>& cancel) {
        const QList<CheckpointEntry> entries = library->scan(addedPaths);
        publish(entries);
        for (const CheckpointEntry& entry : entries) {
            if (cancel) {
                return;
            }
            if (!entry.usable || entry.facts) {
                continue;
            }
            try {
                library->remember(entry.path, CheckpointLibrary::readFacts(entry.path));
            } catch (const std::exception&) {
                continue;  // opening it will say what is wrong with it
            }
            publish(library->scan(addedPaths));
        }
    };
}

}  // namespace alcove
