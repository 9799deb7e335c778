#include "tests/rig/crash_vfs.h"

#include <unistd.h>

#include <sqlite3.h>

#include "tests/rig/crash_state.h"

namespace alcove::tests {
namespace {

sqlite3_vfs* realVfs = nullptr;

class InSqlite {
public:
    InSqlite() { ++crashState().inSqlite; }
    InSqlite(const InSqlite&) = delete;
    InSqlite& operator=(const InSqlite&) = delete;
    ~InSqlite() { --crashState().inSqlite; }
};

struct CrashFile {
    sqlite3_file base;
    const std::string* path;  // null: a temporary file without a name
    sqlite3_file* real;       // lies behind this
};

CrashFile* crashFile(sqlite3_file* file) {
    return reinterpret_cast<CrashFile*>(file);
}
sqlite3_file* realFile(sqlite3_file* file) {
    return crashFile(file)->real;
}
TrackedFile* trackedFile(sqlite3_file* file) {
    const std::string* path = crashFile(file)->path;
    return path == nullptr ? nullptr : &crashState().files[*path];
}

int crashClose(sqlite3_file* file) {
    const InSqlite inside;
    return realFile(file)->pMethods->xClose(realFile(file));
}

int crashRead(sqlite3_file* file, void* into, int count, sqlite3_int64 offset) {
    return realFile(file)->pMethods->xRead(realFile(file), into, count, offset);
}

int crashWrite(sqlite3_file* file, const void* from, int count, sqlite3_int64 offset) {
    TrackedFile* tracked = trackedFile(file);
    if (tracked == nullptr) {
        return realFile(file)->pMethods->xWrite(realFile(file), from, count, offset);
    }
    // Remembered first: when the power goes, the last write may be half done.
    tracked->unsynced.push_back({false, offset, QByteArray(static_cast<const char*>(from), count)});
    if (crashState().mayGoOn('w')) {
        return realFile(file)->pMethods->xWrite(realFile(file), from, count, offset);
    }
    const Fault::Kind kind = crashState().fault.kind;
    tracked->unsynced.pop_back();
    if (kind == Fault::Kind::ShortWrite) {
        tracked->unsynced.push_back({false, offset, QByteArray(static_cast<const char*>(from), count / 2)});
        static_cast<void>(realFile(file)->pMethods->xWrite(realFile(file), from, count / 2, offset));
    }
    return kind == Fault::Kind::IoError ? SQLITE_IOERR_WRITE : SQLITE_FULL;
}

int crashTruncate(sqlite3_file* file, sqlite3_int64 size) {
    TrackedFile* tracked = trackedFile(file);
    if (tracked != nullptr && !crashState().mayGoOn('t')) {
        return SQLITE_IOERR_TRUNCATE;
    }
    if (tracked != nullptr) {
        tracked->unsynced.push_back({true, size, {}});
    }
    return realFile(file)->pMethods->xTruncate(realFile(file), size);
}

int crashSync(sqlite3_file* file, int) {
    TrackedFile* tracked = trackedFile(file);
    if (tracked != nullptr) {
        if (!crashState().mayGoOn('s')) {
            return SQLITE_IOERR_FSYNC;
        }
        tracked->durable = contentOf(*crashFile(file)->path);
        tracked->unsynced.clear();
        crashState().unsyncedNames.clear();
    }
    return SQLITE_OK;
}

int crashFileSize(sqlite3_file* file, sqlite3_int64* size) {
    return realFile(file)->pMethods->xFileSize(realFile(file), size);
}
int crashLock(sqlite3_file* file, int level) {
    return realFile(file)->pMethods->xLock(realFile(file), level);
}
int crashUnlock(sqlite3_file* file, int level) {
    return realFile(file)->pMethods->xUnlock(realFile(file), level);
}
int crashCheckReservedLock(sqlite3_file* file, int* result) {
    return realFile(file)->pMethods->xCheckReservedLock(realFile(file), result);
}
int crashFileControl(sqlite3_file* file, int operation, void* argument) {
    return realFile(file)->pMethods->xFileControl(realFile(file), operation, argument);
}
int crashSectorSize(sqlite3_file* file) {
    return realFile(file)->pMethods->xSectorSize(realFile(file));
}
int crashDeviceCharacteristics(sqlite3_file* file) {
    return realFile(file)->pMethods->xDeviceCharacteristics(realFile(file));
}
int crashShmMap(sqlite3_file* file, int page, int size, int extend, void volatile** mapped) {
    return realFile(file)->pMethods->xShmMap(realFile(file), page, size, extend, mapped);
}
int crashShmLock(sqlite3_file* file, int offset, int count, int flags) {
    return realFile(file)->pMethods->xShmLock(realFile(file), offset, count, flags);
}
void crashShmBarrier(sqlite3_file* file) {
    realFile(file)->pMethods->xShmBarrier(realFile(file));
}
int crashShmUnmap(sqlite3_file* file, int remove) {
    const InSqlite inside;
    return realFile(file)->pMethods->xShmUnmap(realFile(file), remove);
}

const sqlite3_io_methods kCrashMethods = {
    2,  // without memory-mapped reading
    crashClose,
    crashRead,
    crashWrite,
    crashTruncate,
    crashSync,
    crashFileSize,
    crashLock,
    crashUnlock,
    crashCheckReservedLock,
    crashFileControl,
    crashSectorSize,
    crashDeviceCharacteristics,
    crashShmMap,
    crashShmLock,
    crashShmBarrier,
    crashShmUnmap,
    nullptr,
    nullptr,
};

int crashOpen(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* outFlags) {
    const InSqlite inside;
    CrashState& state = crashState();
    CrashFile* opened = crashFile(file);
    opened->base.pMethods = nullptr;
    opened->real = reinterpret_cast<sqlite3_file*>(opened + 1);
    opened->path = nullptr;
    const int result = realVfs->xOpen(realVfs, name, opened->real, flags, outFlags);
    if (result != SQLITE_OK) {
        return result;
    }
    opened->base.pMethods = &kCrashMethods;
    if (name != nullptr) {
        const auto place = state.files.try_emplace(name).first;
        opened->path = &place->first;
        if (place->second.unsynced.empty()) {
            place->second.durable = contentOf(place->first);
        }
    }
    return SQLITE_OK;
}

int crashDelete(sqlite3_vfs*, const char* name, int syncFolder) {
    const InSqlite inside;
    CrashState& state = crashState();
    TrackedFile& tracked = state.files[name];
    if (::access(name, F_OK) == 0) {
        if (!state.mayGoOn('d')) {
            return SQLITE_IOERR_DELETE;
        }
        state.unsyncedNames.push_back({name, {}, tracked.durable});
        if (syncFolder != 0) {
            state.unsyncedNames.clear();
        }
    }
    tracked.durable.clear();
    tracked.unsynced.clear();
    return realVfs->xDelete(realVfs, name, 0);
}

}  // namespace

bool crashVfsInstalled() {
    return realVfs != nullptr;
}

void installCrashVfs() {
    if (realVfs != nullptr) {
        return;
    }
    realVfs = sqlite3_vfs_find(nullptr);
    static sqlite3_vfs vfs = *realVfs;
    vfs.zName = "crash";
    vfs.pNext = nullptr;
    vfs.szOsFile = static_cast<int>(sizeof(CrashFile)) + realVfs->szOsFile;
    vfs.xOpen = crashOpen;
    vfs.xDelete = crashDelete;
    sqlite3_vfs_register(&vfs, 1);
}

}  // namespace alcove::tests
