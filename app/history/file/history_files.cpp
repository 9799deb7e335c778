#include "app/history/file/history_files.h"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <QCoreApplication>
#include <QDateTime>
#include <QDir>
#include <QFile>

namespace alcove {
namespace {

struct FilesText {
    Q_DECLARE_TR_FUNCTIONS(alcove::HistoryStore)
};

void removeOthersRights(const QString& path) {
    const QByteArray name = QFile::encodeName(path);
    struct stat status {};
    if (::stat(name.constData(), &status) != 0 || status.st_uid != ::geteuid() || (status.st_mode & 077) == 0 ||
        (S_ISDIR(status.st_mode) && (status.st_mode & S_ISVTX) != 0)) {
        return;
    }
    // A file system without permissions refuses, and the history works as well there.
    static_cast<void>(::chmod(name.constData(), status.st_mode & 0700));
}

QStringList filesNamed(const QString& folder, const QStringList& patterns) {
    QStringList paths;
    const QFileInfoList entries = QDir(folder).entryInfoList(patterns, QDir::Files | QDir::Hidden);
    for (const QFileInfo& entry : entries) {
        paths << entry.absoluteFilePath();
    }
    return paths;
}

}  // namespace

QString historyFile(const QString& folder) {
    return folder + QStringLiteral("/history.sqlite");
}

QString logOf(const QString& file) {
    return file + QStringLiteral("-wal");
}

QString sharedMemoryOf(const QString& file) {
    return file + QStringLiteral("-shm");
}

QString journalOf(const QString& file) {
    return file + QStringLiteral("-journal");
}

QString datedName(const QString& folder, const QString& stem) {
    const QString when = QDateTime::currentDateTimeUtc().toString(QStringLiteral("yyyyMMdd-HHmmsszzz"));
    const QString base = QStringLiteral("%1/%2-%3").arg(folder, stem, when);
    QString name = base + QStringLiteral(".sqlite");
    for (int i = 2; QFile::exists(name) || QFile::exists(logOf(name)); ++i) {
        name = QStringLiteral("%1-%2.sqlite").arg(base).arg(i);
    }
    return name;
}

void createPrivateFile(const QString& path) {
    const int file = ::open(QFile::encodeName(path).constData(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0) {
        throw HistoryError(
            HistoryError::Kind::Other,
            FilesText::tr("The history file %1 could not be made: %2").arg(path, qt_error_string(errno)));
    }
    ::close(file);
}

void restrictToOwner(const QString& folder) {
    removeOthersRights(folder);
    const QStringList files = filesNamed(folder, {QStringLiteral("history.sqlite*"), QStringLiteral("history-*"),
                                                  QStringLiteral("history.lock"), QStringLiteral("search.sqlite*")});
    for (const QString& path : files) {
        removeOthersRights(path);
    }
}

void removeDatabase(const QString& path) {
    for (const char* suffix : {"", "-wal", "-shm", "-journal"}) {
        QFile::remove(path + QLatin1String(suffix));
    }
}

void removeUnfinishedFiles(const QString& folder) {
    const QStringList files =
        filesNamed(folder, {QStringLiteral("history-*.part"), QStringLiteral("history-*.part-*")});
    for (const QString& path : files) {
        QFile::remove(path);
    }
}

void syncFolder(const QString& folder) {
    const int file = ::open(QFile::encodeName(folder).constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file >= 0) {
        ::fsync(file);
        ::close(file);
    }
}

void renameOrThrow(const QString& from, const QString& to) {
    // QFile::rename copies where it cannot rename, and a copy may stay unfinished.
    const bool taken = QFile::exists(to);
    if (taken || ::rename(QFile::encodeName(from).constData(), QFile::encodeName(to).constData()) != 0) {
        throw HistoryError(
            HistoryError::Kind::Other,
            FilesText::tr("%1 could not be renamed to %2: %3").arg(from, to, qt_error_string(taken ? EEXIST : errno)));
    }
}

}  // namespace alcove
