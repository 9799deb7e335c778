// Checkpoints that other programs have downloaded: the cache of the hub's own libraries.
#pragma once

#include <QString>

namespace alcove {

// HF_HOME, or ~/.cache/huggingface.
[[nodiscard]] QString hubCacheFolder();

// The folder of a repository at a revision in it: hub/models--ORG--NAME/snapshots/COMMIT, by refs/REVISION where the
// revision is no commit. Empty if there is none.
[[nodiscard]] QString hubCacheSnapshot(const QString& cacheFolder, const QString& repository, const QString& revision);

}  // namespace alcove
