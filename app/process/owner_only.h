// Files and folders that their owner alone may read.
#pragma once

#include <QString>

namespace alcove {

// Takes from others what they may do with a file or folder. Symbolic links, what another account owns, and folders that
// many share (with the sticky bit) stay as they are; so does everything where the file system has no permissions.
void keepFromOthers(const QString& path);

// The same for a folder and the files and folders right in it; what lies deeper cannot be reached any more.
void keepFolderFromOthers(const QString& folder);

}  // namespace alcove
