#include "tests/rig/crash_vfs.h"

#include <algorithm>
#include <cstring>
#include <fcntl.h>
#include <map>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include <QFile>
#include <QRandomGenerator>
#include <sqlite3.h>

namespace alcove::tests {
namespace {

constexpr int kDied = 42;
constexpr int kFailed = 43;
constexpr qsizetype kSector = 512;

QByteArray contentOf(const std::string& path) {
    QFile file(QString::fromStdString(path));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

struct FileChange {
    bool truncates = false;  // to `offset`; otherwise writes `bytes` at `offset`
    qsizetype offset = 0;
    QByteArray bytes;
};

struct TrackedFile {
    QByteArray durable;
    std::vector<FileChange> unsynced;
};

// Of this process; a run sets it in its own.
struct CrashState {
    sqlite3_vfs* real = nullptr;
    Fault fault;
    int operations = 0;
    std::map<std::string, TrackedFile> files;
    std::map<std::string, QByteArray> unsyncedDeletes;  // and what was in the files
};

CrashState& crashState() {
    static CrashState state;
    return state;
}

void put(QByteArray& content, const FileChange& change) {
    if (change.truncates) {
        content.resize(std::min(content.size(), change.offset));
        return;
    }
    const qsizetype end = change.offset + change.bytes.size();
    if (content.size() < end) {
        content.append(QByteArray(end - content.size(), '\0'));
    }
    content.replace(change.offset, change.bytes.size(), change.bytes);
}

// Each change since the last sync is there, is not, or is there in some of its sectors.
QByteArray contentAfterPowerCut(const TrackedFile& file, QRandomGenerator& random, int style) {
    QByteArray content = file.durable;
    for (const FileChange& change : file.unsynced) {
        const int fate = style == 0 ? 0 : (style == 1 ? 1 : random.bounded(3));
        if (fate == 1) {
            put(content, change);
        } else if (fate == 2 && !change.truncates) {
            for (qsizetype at = 0; at < change.bytes.size(); at += kSector) {
                if (random.bounded(2) == 0) {
                    put(content, {false, change.offset + at, change.bytes.mid(at, kSector)});
                }
            }
        }
    }
    return content;
}

void cutPower() {
    CrashState& state = crashState();
    QRandomGenerator random(state.fault.seed);
    const int style = static_cast<int>(state.fault.seed % 4);  // all is lost, nothing is, and twice something of each
    for (const auto& [path, tracked] : state.files) {
        if (tracked.unsynced.empty() || ::access(path.c_str(), F_OK) != 0) {
            continue;
        }
        QFile file(QString::fromStdString(path));
        if (!file.open(QIODevice::WriteOnly | QIODevice::Truncate)) {
            ::_exit(kFailed);
        }
        file.write(contentAfterPowerCut(tracked, random, style));
    }
    for (const auto& [path, content] : state.unsyncedDeletes) {
        if (style == 0 || (style > 1 && random.bounded(2) == 0)) {
            QFile file(QString::fromStdString(path));
            if (file.open(QIODevice::WriteOnly | QIODevice::NewOnly)) {
                file.write(content);
                file.setPermissions(QFile::ReadOwner | QFile::WriteOwner);
            }
        }
    }
}

// Counts an operation. False: it fails. Does not return where the program dies.
bool mayGoOn() {
    CrashState& state = crashState();
    ++state.operations;
    if (state.operations != state.fault.at || state.fault.kind == Fault::Kind::None) {
        return true;
    }
    if (state.fault.kind == Fault::Kind::PowerCut) {
        cutPower();
    }
    if (state.fault.kind == Fault::Kind::Kill || state.fault.kind == Fault::Kind::PowerCut) {
        ::_exit(kDied);
    }
    return false;
}

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
    if (mayGoOn()) {
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
    if (tracked != nullptr && !mayGoOn()) {
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
        if (!mayGoOn()) {
            return SQLITE_IOERR_FSYNC;
        }
        tracked->durable = contentOf(*crashFile(file)->path);
        tracked->unsynced.clear();
        crashState().unsyncedDeletes.clear();
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
    CrashState& state = crashState();
    CrashFile* opened = crashFile(file);
    opened->base.pMethods = nullptr;
    opened->real = reinterpret_cast<sqlite3_file*>(opened + 1);
    opened->path = nullptr;
    const int result = state.real->xOpen(state.real, name, opened->real, flags, outFlags);
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
        state.unsyncedDeletes.erase(name);
    }
    return SQLITE_OK;
}

int crashDelete(sqlite3_vfs*, const char* name, int syncFolder) {
    CrashState& state = crashState();
    if (::access(name, F_OK) == 0) {
        if (!mayGoOn()) {
            return SQLITE_IOERR_DELETE;
        }
        if (syncFolder == 0) {
            state.unsyncedDeletes[name] = state.files[name].durable;
        }
    }
    TrackedFile& tracked = state.files[name];
    tracked.durable.clear();
    tracked.unsynced.clear();
    return state.real->xDelete(state.real, name, 0);
}

void sendBytes(int pipe, const QByteArray& bytes) {
    if (::write(pipe, bytes.constData(), static_cast<std::size_t>(bytes.size())) != bytes.size()) {
        ::_exit(kFailed);
    }
}

}  // namespace

void installCrashVfs() {
    CrashState& state = crashState();
    if (state.real != nullptr) {
        return;
    }
    state.real = sqlite3_vfs_find(nullptr);
    static sqlite3_vfs vfs = *state.real;
    vfs.zName = "crash";
    vfs.pNext = nullptr;
    vfs.szOsFile = static_cast<int>(sizeof(CrashFile)) + state.real->szOsFile;
    vfs.xOpen = crashOpen;
    vfs.xDelete = crashDelete;
    sqlite3_vfs_register(&vfs, 1);
}

Run runWithFault(const Fault& fault, const std::function<void(const std::function<void(char)>& acknowledge)>& work) {
    crashState().files.clear();  // of databases that are closed by now
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) {
        return {};
    }
    const pid_t child = ::fork();
    if (child == 0) {
        CrashState& state = crashState();
        state.fault = fault;
        state.operations = 0;
        state.unsyncedDeletes.clear();
        try {
            work([&ends](char letter) { sendBytes(ends[1], QByteArray(1, letter)); });
        } catch (const std::exception& error) {
            sendBytes(ends[1], QByteArray("!") + error.what());
            ::_exit(kFailed);
        }
        sendBytes(ends[1], '\n' + QByteArray::number(state.operations));
        ::_exit(0);
    }
    ::close(ends[1]);
    QByteArray received;
    char buffer[512];
    for (ssize_t count = ::read(ends[0], buffer, sizeof buffer); count > 0;
         count = ::read(ends[0], buffer, sizeof buffer)) {
        received.append(buffer, count);
    }
    ::close(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    Run run;
    run.ended = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    run.died = WIFEXITED(status) && WEXITSTATUS(status) == kDied;
    const qsizetype line = received.indexOf('\n');
    run.acknowledged = line < 0 ? received : received.left(line);
    run.operations = line < 0 ? fault.at : received.mid(line + 1).toInt();
    return run;
}

}  // namespace alcove::tests
