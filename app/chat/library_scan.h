// Looks through the checkpoint library for the window's menu.
#pragma once

#include <QtCore/QStringList>

#include "app/chat/checkpoint_controller.h"

namespace alcove {

// A scan of `folders`: first what is cheap to find out, then, one checkpoint after the other, what takes
// reading their weights. `factsFile` keeps that for the next time.
[[nodiscard]] CheckpointScan libraryScan(const QStringList& folders, const QString& factsFile);

// The checkpoints that `alcove --fake` pretends to have.
[[nodiscard]] CheckpointScan fakeScan();

}  // namespace alcove
