// What crash_vfs.cpp and crash_calls.cpp share: the operations counted so far, and what a power cut would leave.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <QByteArray>

#include "tests/rig/crash_vfs.h"

namespace alcove::tests {

struct FileChange {
    bool truncates = false;  // to `offset`; otherwise writes `bytes` at `offset`
    qsizetype offset = 0;
    QByteArray bytes;
};

struct TrackedFile {
    QByteArray durable;
    std::vector<FileChange> unsynced;
};

// A change of names, lost by a power cut unless something was synced since.
struct NameChange {
    std::string from;
    std::string to;      // empty: `from` was deleted
    QByteArray content;  // of a file that was deleted
};

// Of this process; a run sets it in its own.
struct CrashState {
    Fault fault;
    bool running = false;  // operations count, and syncs are left out
    int inSqlite = 0;      // calls of SQLite's own file system are under way: what they call does not count again
    QByteArray kinds;      // of the operations so far (Run::kinds)
    std::map<std::string, TrackedFile> files;
    std::vector<NameChange> unsyncedNames;

    // Counts an operation. False: it fails. Does not return where the program dies.
    bool mayGoOn(char kind);
    // The power goes: files and names become what the disk has of them.
    void cutPower();
};

CrashState& crashState();

[[nodiscard]] QByteArray contentOf(const std::string& path);

constexpr int kDied = 42;    // exit code of a run that the fault ended
constexpr int kFailed = 43;  // … of one in which the rig failed

}  // namespace alcove::tests
