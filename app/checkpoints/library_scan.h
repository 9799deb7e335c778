// Looks through the checkpoint library for the window's menu.
#pragma once

#include <atomic>
#include <functional>

#include <QtCore/QStringList>

#include "app/checkpoints/checkpoint_library.h"

namespace alcove {

struct ScanRequest {
    QStringList added;  // paths of checkpoints outside the library
    QString first;      // the checkpoint that is wanted most; may be empty
};

// The checkpoints so far, in their order; `complete`: no further ones will follow, though more may be found out about
// these.
using CheckpointPublish = std::function<void(const QList<CheckpointEntry>&, bool complete)>;

// Finds out what there is on disk and publishes it, after each checkpoint. Called on a thread of its own, because it
// may read for long. Asks the flag often, and then returns, having published `complete` or not.
using CheckpointScan =
    std::function<void(const ScanRequest& request, const CheckpointPublish& publish, const std::atomic<bool>& cancel)>;

// A scan of `folders`: first what is cheap to find out, then, one checkpoint after the other, what takes
// reading their weights. `factsFile` keeps that for the next time.
[[nodiscard]] CheckpointScan libraryScan(const QStringList& folders, const QString& factsFile);

}  // namespace alcove
