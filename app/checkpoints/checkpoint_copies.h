// Smaller copies of checkpoints: Q4_0 files in the cache folder that are opened in place of weights that are not
// quantised. Only a cache: whoever deletes it loses nothing.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <utility>

#include <QString>

namespace alcove::engine {
class Checkpoint;
}

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

// Checkpoints are named by the path to their folder, a file in it, or a GGUF file. Only openEither() throws. Keeps no
// state but the folder's name: any thread. Virtual for the sake of a window without checkpoints.
class CheckpointCopies {
public:
    // An empty folder: there are none, and none can be made.
    explicit CheckpointCopies(QString folder) : m_folder(std::move(folder)) {}
    virtual ~CheckpointCopies() = default;

    // Where the copy of the checkpoint is or would be. Another file as soon as a file of the checkpoint changes in
    // size or time of change, or the checkpoint moves. Empty if there is no such checkpoint.
    [[nodiscard]] QString fileFor(const QString& checkpoint) const;

    // The copy, if there is one whose header and size are right. Otherwise empty.
    [[nodiscard]] virtual QString find(const QString& checkpoint) const;

    // Calls `open` with the copy if there is one, otherwise with the checkpoint as it was named; returns whether it was
    // the copy. A copy that is damaged, or that `open` cannot make sense of (an engine::Error about its files), is
    // deleted, `notice` gets the sentence that says so, and the checkpoint itself is opened. Throws what `open` throws.
    bool openEither(const QString& checkpoint, const std::function<void(const std::filesystem::path&)>& open,
                    const std::function<void(const QString&)>& notice) const;

    // Deletes the copy that was found to be damaged; returns the sentence that says so.
    [[nodiscard]] QString drop(const QString& checkpoint) const;

    // Takes as long as reading and writing the weights; calls `progress` on this thread, with 0 to 1. Copies of earlier
    // versions of the checkpoint, and what a crash left, go when a new one is made.
    [[nodiscard]] virtual CopyResult make(const QString& checkpoint, const std::function<void(double)>& progress,
                                          const std::atomic<bool>& cancel) const;

    // All copies, of whichever checkpoints, with what a crash left of others.
    [[nodiscard]] virtual CopiesOnDisk onDisk() const;
    // Deletes them; what has a copy open keeps it until it is closed. Returns an empty text, or why it was not
    // possible.
    [[nodiscard]] virtual QString removeAll() const;

    // About how large the copy would be, in bytes; 0 if it is not worth making: weights that are quantised already,
    // or too few of them to matter.
    [[nodiscard]] static qint64 worthwhileBytes(const engine::Checkpoint& checkpoint);

private:
    QString m_folder;
};

}  // namespace alcove
