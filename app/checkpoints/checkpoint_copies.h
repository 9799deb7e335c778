// Quantised copies of checkpoints: Q4_0 files in the cache folder that are opened in place of weights that are not
// quantised. Only a cache: whoever deletes it loses nothing.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <utility>

#include "app/checkpoints/copy_store.h"

namespace alcove::engine {
class Checkpoint;
}

namespace alcove {

// Keeps no state but the folder's name. Only openEither() throws.
class CheckpointCopies : public CopyStore {
public:
    // An empty folder: there are none, and none can be made.
    explicit CheckpointCopies(QString folder) : m_folder(std::move(folder)) {}

    // Where the copy of the checkpoint is or would be. Another file as soon as a file of the checkpoint changes in
    // size or time of change, or the checkpoint moves. Empty if there is no such checkpoint.
    [[nodiscard]] QString fileFor(const QString& checkpoint) const;

    // Calls `open` with the copy if there is one, otherwise with the checkpoint as it was named; returns whether it was
    // the copy. Where `open` fails over the copy's files (an engine::Error about them), the checkpoint itself is
    // opened, and `notice` gets a sentence that says so; the copy is deleted if its content is proven to be wrong, and
    // stays if it only could not be read. Throws what `open` throws.
    bool openEither(const QString& checkpoint, const std::function<void(const std::filesystem::path&)>& open,
                    const std::function<void(const QString&)>& notice) const;

    [[nodiscard]] QString find(const QString& checkpoint) const override;
    [[nodiscard]] CopyResult make(const QString& checkpoint, const std::function<void(double)>& progress,
                                  const std::atomic<bool>& cancel) const override;
    [[nodiscard]] CopiesOnDisk onDisk() const override;
    [[nodiscard]] QString removeAll() const override;

    // About how large the copy would be, in bytes; 0 if it is not worth making: weights that are quantised already,
    // or too few of them to matter.
    [[nodiscard]] static qint64 worthwhileBytes(const engine::Checkpoint& checkpoint);

private:
    QString m_folder;
};

}  // namespace alcove
