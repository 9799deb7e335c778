// Smaller copies of checkpoints: Q4_0 files in the cache folder that are opened in place of weights that are not
// quantised. Only a cache: whoever deletes it loses nothing.
#pragma once

#include <atomic>
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

// Makes the copy of a checkpoint. Any thread; takes as long as reading and writing the weights. `progress` is
// called on that thread, with 0 to 1.
using CopyMaker = std::function<CopyResult(const QString& checkpoint, const std::function<void(double)>& progress,
                                           const std::atomic<bool>& cancel)>;

// Checkpoints are named by the path to their folder, a file in it, or a GGUF file. No function throws. Keeps no state
// but the folder's name: any thread.
class CheckpointCopies {
public:
    explicit CheckpointCopies(QString folder) : m_folder(std::move(folder)) {}

    // Where the copy of the checkpoint is or would be. Another file as soon as a file of the checkpoint changes in
    // size or time of change, or the checkpoint moves. Empty if there is no such checkpoint.
    [[nodiscard]] QString fileFor(const QString& checkpoint) const;

    // The copy, if there is one whose header and size are right. Otherwise empty.
    [[nodiscard]] QString find(const QString& checkpoint) const;

    // Copies of earlier versions of the checkpoint, and what a crash left, go when a new one is made.
    [[nodiscard]] CopyResult make(const QString& checkpoint, const std::function<void(double)>& progress,
                                  const std::atomic<bool>& cancel) const;

    // About how large the copy would be, in bytes; 0 if it is not worth making: weights that are quantised already,
    // or too few of them to matter.
    [[nodiscard]] static qint64 worthwhileBytes(const engine::Checkpoint& checkpoint);

private:
    QString m_folder;
};

}  // namespace alcove
