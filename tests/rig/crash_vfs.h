// A disk on which a program dies, the power goes or a call fails at a chosen operation.
//
// It passes everything on to the real files, and remembers of each file what a power cut would leave of it: its content
// at the last sync, and what was written since; and of the folder, which renames and deletions were not synced. A sync
// of any file makes earlier changes of names last, as journalling file systems have it. Real syncs are left out, so
// that many runs are quick. SQLite's operations come by a VFS, others by the functions of the C library
// (crash_calls.cpp).
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
    int at = 0;         // which of the operations, counted from 1
    unsigned seed = 0;  // what a power cut leaves; where kPowerCutStyles divides it, nothing that was not synced
};
constexpr unsigned kPowerCutStyles = 3;

// Makes it what SQLite uses for all databases that are opened from now on.
void installCrashVfs();
[[nodiscard]] bool crashVfsInstalled();

struct Run {
    bool ended = false;  // `work` came to its end
    bool died = false;   // by Kill or PowerCut
    // Of a run that ended, one letter for each operation: w(rite), s(ync), t(runcate), d(elete), r(ename).
    QByteArray kinds;
    QByteArray acknowledged;
};

// Runs `work` in a process of its own. No database may be open in this one meanwhile. What it acknowledges by a letter
// is known here even if it dies.
[[nodiscard]] Run runWithFault(const Fault& fault,
                               const std::function<void(const std::function<void(char)>& acknowledge)>& work);

}  // namespace alcove::tests
