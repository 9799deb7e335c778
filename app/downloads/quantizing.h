// Writes a smaller copy of a checkpoint as a file of its own.
#pragma once

#include <atomic>
#include <functional>

#include <QString>

#include "app/checkpoints/copy_store.h"
#include "app/downloads/download_job.h"

namespace alcove {

// Takes as long as reading and writing the weights; replaces `file` when the copy is whole. Any thread.
[[nodiscard]] CopyResult writeQuantizedFile(const QString& checkpoint, const QString& file, QuantizedForm form,
                                            const std::function<void(double)>& progress,
                                            const std::atomic<bool>& cancel);

}  // namespace alcove
