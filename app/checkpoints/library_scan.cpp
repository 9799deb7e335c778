#include "app/checkpoints/library_scan.h"

#include <exception>

namespace alcove {

CheckpointScan libraryScan(const QStringList& folders, const QString& factsFile) {
    // Scans follow one another on the same thread pool of one thread, so the library has one user at a time.
    auto library = std::make_shared<CheckpointLibrary>(folders, factsFile);
    return [library](const ScanRequest& request, const CheckpointPublish& publish, const std::atomic<bool>& cancel) {
        QList<CheckpointEntry> entries =
            library->scan(request.added, {.first = request.first,
                                          .found = [&](const QList<CheckpointEntry>& found) { publish(found, false); },
                                          .cancel = cancel});
        if (cancel) {
            return;
        }
        publish(entries, true);
        for (CheckpointEntry& entry : entries) {
            if (!entry.usable || entry.facts) {
                continue;
            }
            try {
                library->remember(entry, CheckpointLibrary::readFacts(entry.path, cancel));
            } catch (const std::exception&) {  // opening it will say what is wrong with it
            }
            if (cancel) {
                return;
            }
            publish(entries, true);
        }
    };
}

}  // namespace alcove
