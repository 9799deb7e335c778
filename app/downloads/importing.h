// Checkpoints that are on this machine already, taken into the library.
#pragma once

#include <functional>
#include <optional>

#include <QList>
#include <QString>

#include "app/checkpoints/checkpoint_library.h"
#include "engine/base/cancellation.h"

namespace alcove {

// Of `entries`, the one whose weights have the same content as those of the checkpoint at `location`; the entry of that
// location itself is none. Reads only files that have the same size. Throws engine::Error{Cancelled}.
[[nodiscard]] std::optional<CheckpointEntry> sameContent(const QString& location, const QList<CheckpointEntry>& entries,
                                                         const engine::Cancellation& cancel);

// Copies a checkpoint, a folder or a GGUF file, into the library's folder, where it appears when it is whole; returns
// its path there. `progress` gets the bytes done and in all. Throws engine::Error.
[[nodiscard]] QString copyIntoLibrary(const QString& location, const QString& checkpointFolder,
                                      const std::function<void(qint64, qint64)>& progress,
                                      const engine::Cancellation& cancel);

}  // namespace alcove
