#include "app/settings/traces.h"

#include <algorithm>
#include <cerrno>
#include <fts.h>
#include <memory>
#include <sys/stat.h>
#include <unistd.h>

#include <QDir>
#include <QFile>
#include <QFileInfo>

namespace alcove {
namespace {

constexpr QDir::Filters kEverything = QDir::AllEntries | QDir::Hidden | QDir::System | QDir::NoDotAndDotDot;

// Which files in a data folder are Alcove's, whatever else a person keeps there: the history with its copies and what
// SQLite puts beside it, and what this folder's sources write.
const QStringList kOurNames = {
    QStringLiteral("history.sqlite*"),   QStringLiteral("history-backup-*"),
    QStringLiteral("history-damaged-*"), QStringLiteral("history-recovered.sqlite*"),
    QStringLiteral("history-erasing*"),  QStringLiteral("history.lock"),
    QStringLiteral("settings.ini*"),     QStringLiteral("checkpoint-facts.json*"),
    QStringLiteral(".alcove-*"),         QStringLiteral("checkpoints"),
    QStringLiteral("search.sqlite*"),    QStringLiteral("window.lock*"),
    QStringLiteral("window.socket"),     QStringLiteral("network-log.jsonl"),
    QStringLiteral("library.json*"),
};
const QString kLock = QStringLiteral("history.lock");

// Calls `each` with every entry of the tree, a folder's contents between two calls for it.
template <typename Each>
void walk(const QString& path, const Each& each) {
    QByteArray name = QFile::encodeName(path);
    char* roots[] = {name.data(), nullptr};
    const std::unique_ptr<FTS, int (*)(FTS*)> tree(
        ::fts_open(static_cast<char* const*>(roots), FTS_PHYSICAL | FTS_XDEV | FTS_NOCHDIR, nullptr), &::fts_close);
    while (const FTSENT* entry = tree ? ::fts_read(tree.get()) : nullptr) {
        each(*entry);
    }
}

Trace traceAt(const QString& path) {
    Trace trace{.path = path};
    walk(path, [&trace](const FTSENT& entry) {
        if (entry.fts_info == FTS_F) {
            trace.bytes += entry.fts_statp->st_size;
        }
    });
    return trace;
}

bool isThere(const QString& path) {
    const QFileInfo info(path);
    return info.exists() || info.isSymLink();
}

void findInDataFolder(Traces& traces, const DataPaths& paths, bool checkpoints) {
    const QDir folder(paths.dataFolder);
    QStringList names = folder.entryList(kEverything);
    // A program that starts meanwhile sees by this file that the folder is being worked on.
    if (names.removeOne(kLock)) {
        names << kLock;
    }
    for (const QString& name : names) {
        const Trace trace = traceAt(folder.filePath(name));
        if (paths.chosen && !QDir::match(kOurNames, name)) {
            traces.kept << KeptTrace{trace, KeptTrace::Reason::NotOurs};
        } else if (trace.path == paths.checkpointFolder && !checkpoints) {
            traces.kept << KeptTrace{trace, KeptTrace::Reason::Checkpoints};
        } else {
            traces.removable << trace;
        }
    }
    traces.folders << paths.dataFolder;
}

// Empty, or why the system did not remove it.
QString removeEntry(const FTSENT& entry) {
    switch (entry.fts_info) {
        case FTS_D:  // its contents come first
        case FTS_DC:
            return {};
        case FTS_DNR:
        case FTS_ERR:
        case FTS_NS:
            return qt_error_string(entry.fts_errno);
        case FTS_DP:
            return ::rmdir(entry.fts_accpath) == 0 ? QString() : qt_error_string(errno);
        default:
            return ::unlink(entry.fts_accpath) == 0 || errno == ENOENT ? QString() : qt_error_string(errno);
    }
}

}  // namespace

Traces findTraces(const DataPaths& paths, bool checkpoints) {
    Traces traces;
    const auto isLink = [&traces](const QString& folder) {
        const bool link = QFileInfo(folder).isSymLink();
        if (link) {
            traces.kept << KeptTrace{{.path = folder}, KeptTrace::Reason::Link};
        }
        return link;
    };
    if (!isLink(paths.dataFolder)) {
        findInDataFolder(traces, paths, checkpoints);
    }
    QStringList whole = {paths.cacheFolder};
    if (!paths.chosen) {
        whole.prepend(QFileInfo(paths.settingsFile).absolutePath());
    }
    for (const QString& folder : whole) {
        if (isThere(folder) && !isLink(folder)) {
            traces.removable << traceAt(folder);
        }
    }
    return traces;
}

QList<KeptTrace> removeTraces(const Traces& traces) {
    QList<KeptTrace> failed;
    for (const Trace& trace : traces.removable) {
        walk(trace.path, [&failed](const FTSENT& entry) {
            if (const QString problem = removeEntry(entry); !problem.isEmpty()) {
                failed << KeptTrace{{.path = QFile::decodeName(entry.fts_path)}, KeptTrace::Reason::Failed, problem};
            }
        });
    }
    for (const QString& folder : traces.folders) {
        QDir().rmdir(folder);
    }
    return failed;
}

}  // namespace alcove
