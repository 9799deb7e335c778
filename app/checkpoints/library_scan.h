// Looks through the checkpoint library for the window's menu.
#pragma once

#include <atomic>
#include <functional>

#include <QtCore/QStringList>

#include "app/checkpoints/checkpoint_library.h"

namespace alcove {

// Finds out what there is on disk and publishes it, as often as it knows more. Called on a thread of its
// own, because it may read for long; looks at the flag between checkpoints.
using CheckpointPublish = std::function<void(const QList<CheckpointEntry>&)>;
using CheckpointScan = std::function<void(const QStringList& addedPaths, const CheckpointPublish& publish,
                                          const std::atomic<bool>& cancel)>;

// A scan of `folders`: first what is cheap to find out, then, one checkpoint after the other, what takes
// reading their weights. `factsFile` keeps that for the next time.
[[nodiscard]] CheckpointScan libraryScan(const QStringList& folders, const QString& factsFile);

}  // namespace alcove
