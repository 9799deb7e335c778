// Taking checkpoints out of the library.
#pragma once

#include <QString>

namespace alcove {

// Whether the checkpoint at `location` lies in the person's own library folder, and may be deleted.
[[nodiscard]] bool isOwn(const QString& location, const QString& checkpointFolder);

// Bytes on the disk of the folder or file, with its quantised copy in `copiesFolder`.
[[nodiscard]] qint64 bytesFreed(const QString& location, const QString& copiesFolder);

// Deletes it with its quantised copy. It leaves the library by one rename, so that half of one is never seen. Throws
// engine::Error{InvalidRequest} if it is not own, {FileUnwritable}.
void removeCheckpoint(const QString& location, const QString& checkpointFolder, const QString& copiesFolder);

}  // namespace alcove
