// Whether a folder is on a file system that other machines can have open too.
//
// SQLite's write-ahead log needs memory that all programs share, which two machines do not have; used by both, the
// history would be damaged. There it is opened by one program alone.
#pragma once

#include <QString>

namespace alcove {

// Also true where it cannot be told. FUSE file systems count unless they are known to be local.
[[nodiscard]] bool isOnNetwork(const QString& folder);

}  // namespace alcove
