// The checkpoints that `alcove --fake` pretends to have.
#pragma once

#include "app/checkpoints/library_scan.h"

namespace alcove {

[[nodiscard]] CheckpointScan fakeScan();

}  // namespace alcove
