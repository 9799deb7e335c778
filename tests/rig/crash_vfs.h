// A file system for SQLite on which a program dies, the power goes or a call fails at a chosen operation.
//
// It passes everything on to the real files, and remembers of each file what a power cut would leave of it: its content
// at the last sync, and what was written since. A sync of any file makes earlier deletions last, as journalling file
// systems have it. Real syncs are left out, so that many runs are quick.
#pragma once

#include <functional>

#include <QByteArray>

namespace alcove::tests {

struct Fault {
    enum class Kind {
        None,
        Kill,        // the program ends before the operation; what it wrote is there
        PowerCut,    // the same, and what was not synced is lost, torn into sectors or written in part
        IoError,     // this one operation fails
        NoSpace,     // the same; only writes can fail so, others fail as above
        ShortWrite,  // the same after half of what was to be written
    };
    Kind kind = Kind::None;
    int at = 0;         // which of the operations (write, sync, truncate, delete), counted from 1
    unsigned seed = 0;  // what a power cut leaves
};

// Makes it what SQLite uses for all databases that are opened from now on.
void installCrashVfs();

struct Run {
    bool ended = false;  // `work` came to its end
    bool died = false;   // by Kill or PowerCut
    int operations = 0;  // where it ended
    QByteArray acknowledged;
};

// Runs `work` in a process of its own. No database may be open in this one meanwhile. What it acknowledges by a letter
// is known here even if it dies.
[[nodiscard]] Run runWithFault(const Fault& fault,
                               const std::function<void(const std::function<void(char)>& acknowledge)>& work);

}  // namespace alcove::tests
