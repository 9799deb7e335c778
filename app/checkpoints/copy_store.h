// Where quantised copies of checkpoints are made, found and deleted.
#pragma once

#include <atomic>
#include <functional>

#include <QString>

namespace alcove {

struct CopyResult {
    bool made = false;
    bool cancelled = false;
    QString problem = {};  // why not; a sentence. Empty if made or cancelled.
};

struct CopiesOnDisk {
    int count = 0;
    qint64 bytes = 0;
};

// What the window needs of them: CheckpointCopies in a folder, FakeCopies for `alcove --fake`. Any thread. Checkpoints
// are named by the path to their folder, a file in it, or a GGUF file.
class CopyStore {
public:
    CopyStore() = default;
    CopyStore(const CopyStore&) = delete;
    CopyStore& operator=(const CopyStore&) = delete;
    virtual ~CopyStore() = default;

    // The copy, if there is one whose header and size are right. Otherwise empty.
    [[nodiscard]] virtual QString find(const QString& checkpoint) const = 0;

    // Takes as long as reading and writing the weights; calls `progress` on this thread, with 0 to 1. Copies of earlier
    // versions of the checkpoint, and what a crash left, are deleted when a new one is made.
    [[nodiscard]] virtual CopyResult make(const QString& checkpoint, const std::function<void(double)>& progress,
                                          const std::atomic<bool>& cancel) const = 0;

    // All copies, of whichever checkpoints, with what a crash left of others.
    [[nodiscard]] virtual CopiesOnDisk onDisk() const = 0;
    // Deletes them; what has a copy open keeps it until it is closed. Returns an empty text, or why it was not
    // possible.
    [[nodiscard]] virtual QString removeAll() const = 0;
};

}  // namespace alcove
