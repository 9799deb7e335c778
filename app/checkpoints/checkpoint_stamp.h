// Whether a checkpoint is still what it was.
#pragma once

#include <QString>

namespace alcove {

// 32 letters that change whenever a file of the checkpoint does, in name, size or time of change: any file of its
// folder, or the GGUF file and the alcove.json beside it. Hidden files are not part of a checkpoint, nor is what comes
// after the first thousand files. Never throws.
[[nodiscard]] QString checkpointStamp(const QString& location);

}  // namespace alcove
