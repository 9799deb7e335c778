// What a history does to its folder without SQLite: renames, deletions and syncs. These functions of the C library are
// replaced in the program that links this, for Qt as well, so that they are counted, fail and are lost as SQLite's own.
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/rig/crash_state.h"

using alcove::tests::CrashState;
using alcove::tests::crashState;
using alcove::tests::Fault;

namespace {

bool counts() {
    return crashState().running && crashState().inSqlite == 0;
}

int refused() {
    errno = crashState().fault.kind == Fault::Kind::NoSpace ? ENOSPC : EIO;
    return -1;
}

std::string pathOf(int file) {
    char path[4096];
    const std::string link = "/proc/self/fd/" + std::to_string(file);
    const ssize_t length = ::readlink(link.c_str(), path, sizeof path);
    return {path, static_cast<std::size_t>(length < 0 ? 0 : length)};
}

int renameFile(const char* from, const char* to, unsigned flags) {
    const auto doIt = [&] { return static_cast<int>(::syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, flags)); };
    if (!counts()) {
        return doIt();
    }
    CrashState& state = crashState();
    if (!state.mayGoOn('r')) {
        return refused();
    }
    const int result = doIt();
    if (result == 0) {
        state.unsyncedNames.push_back({from, to, {}});
        if (const auto moved = state.files.find(from); moved != state.files.end()) {
            state.files[to] = moved->second;
            moved->second = {};
        }
    }
    return result;
}

}  // namespace

extern "C" {

int fsync(int file) {
    if (!counts()) {
        return alcove::tests::crashVfsInstalled() ? 0 : static_cast<int>(::syscall(SYS_fsync, file));
    }
    CrashState& state = crashState();
    if (!state.mayGoOn('s')) {
        return refused();
    }
    const std::string path = pathOf(file);
    if (const auto tracked = state.files.find(path); tracked != state.files.end()) {
        tracked->second.durable = alcove::tests::contentOf(path);
        tracked->second.unsynced.clear();
    }
    state.unsyncedNames.clear();
    return 0;
}

int rename(const char* from, const char* to) noexcept {
    return renameFile(from, to, 0);
}

int renameat2(int fromFolder, const char* from, int toFolder, const char* to, unsigned flags) noexcept {
    if (fromFolder != AT_FDCWD || toFolder != AT_FDCWD) {
        return static_cast<int>(::syscall(SYS_renameat2, fromFolder, from, toFolder, to, flags));
    }
    return renameFile(from, to, flags);
}

int unlink(const char* path) noexcept {
    CrashState& state = crashState();
    if (counts() && ::access(path, F_OK) == 0) {
        if (!state.mayGoOn('d')) {
            return refused();
        }
        const auto tracked = state.files.find(path);
        const bool known = tracked != state.files.end();
        state.unsyncedNames.push_back({path, {}, known ? tracked->second.durable : alcove::tests::contentOf(path)});
        if (known) {
            tracked->second = {};
        }
    }
    return static_cast<int>(::syscall(SYS_unlinkat, AT_FDCWD, path, 0));
}

}  // extern "C"
