#include "app/history/opening.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>

#include "app/history/file/backup.h"
#include "app/history/file/migrations.h"
#include "app/history/queries.h"
#include "app/history/recovery.h"

namespace alcove {
namespace {

using State = OpenReport::State;
constexpr int kOpeningTimeoutMs = 10000;

struct OpeningText {
    Q_DECLARE_TR_FUNCTIONS(alcove::HistoryStore)
};

void throwError(const QString& sentence) {
    throw HistoryError(HistoryError::Kind::Other, sentence);
}

// Replies of programs that are gone were interrupted; what they deleted can no longer be brought back.
void settle(Database& database, const SessionLock& lock) {
    QList<QVariant> gone;
    const auto collect = [&](const char* sql) {
        gone.clear();
        Rows rows = database.rows(sql);
        while (rows.next()) {
            if (!lock.isAlive(rows.value(0).toLongLong())) {
                gone << rows.value(0);
            }
        }
    };
    try {
        collect(queries::kWriters);
        for (const QVariant& writer : std::as_const(gone)) {
            database.run(
                "UPDATE messages SET status = 'interrupted', writer = NULL WHERE status = 'writing' AND writer IS ?",
                {writer});
        }
        collect(queries::kDeleters);
        for (const QVariant& session : std::as_const(gone)) {
            database.run("DELETE FROM conversations WHERE deleted_at IS NOT NULL AND deleted_by IS ?", {session});
        }
        database.run(
            "DELETE FROM drafts WHERE conversation_id <> 0 AND conversation_id NOT IN (SELECT id FROM conversations)");
    } catch (const HistoryError& error) {
        // On a full disk or beside a busy program these wait for the next start; reading shows them right already.
        if (error.kind() == HistoryError::Kind::Damaged) {
            throw;
        }
    }
}

std::unique_ptr<Database> openReadWrite(const QString& folder, const HistoryStore::OpenOptions& options) {
    const QString path = historyFile(folder);
    if (!QFile::exists(path)) {
        QFile file(path);  // made here so that it is never readable by others; SQLite's own files follow it
        if (!file.open(QIODevice::WriteOnly | QIODevice::NewOnly) ||
            !file.setPermissions(QFile::ReadOwner | QFile::WriteOwner)) {
            throwError(OpeningText::tr("The history file %1 could not be made: %2").arg(path, file.errorString()));
        }
    }
    auto database = std::make_unique<Database>(path, Database::Mode::ReadWrite, options.busyTimeoutMs);
    if (options.maxPageCount > 0) {
        database->runOnce(QStringLiteral("PRAGMA max_page_count=%1").arg(options.maxPageCount));
    }
    return database;
}

void openNewer(OpenedHistory& opened, const QString& folder, int busyTimeoutMs) {
    opened.database = std::make_unique<Database>(historyFile(folder), Database::Mode::ReadOnly, busyTimeoutMs);
    try {
        opened.database->run(queries::kConversations);
        opened.database->run(queries::kMessages, {0});
    } catch (const HistoryError&) {
        throwError(OpeningText::tr(
            "This history was written by a newer version of Alcove and cannot be read by this one. Nothing "
            "in it was changed; update Alcove to see it."));
    }
    opened.report = {State::ReadOnlyNewer,
                     OpeningText::tr("This history was written by a newer version of Alcove. You can read it "
                                     "here; update Alcove to go on with it.")};
}

void recoverDamaged(OpenedHistory& opened, const QString& folder) {
    if (opened.lock->othersAlive()) {
        throwError(OpeningText::tr(
            "The history file is damaged. Close all windows of Alcove and start it again: it then recovers "
            "what can be read."));
    }
    const Recovery recovery = recover(folder);
    const QString aside = QFileInfo(recovery.setAsideAs).fileName();
    opened.report.state = State::Recovered;
    opened.report.sentence =
        recovery.messages + recovery.conversations == 0
            ? OpeningText::tr("The history file was damaged and nothing could be read from it. It is kept as %1.")
                  .arg(aside)
            : OpeningText::tr(
                  "The history file was damaged. %1 conversations with %2 messages were recovered; the damaged file is "
                  "kept as %3.")
                  .arg(recovery.conversations)
                  .arg(recovery.messages)
                  .arg(aside);
}

void migrateOlder(OpenedHistory& opened, const QString& folder) {
    if (opened.lock->othersAlive()) {
        throwError(OpeningText::tr(
            "The history must be brought up to date while another Alcove has it open. Close that one and "
            "start again."));
    }
    backUp(*opened.database, folder);
    migrate(*opened.database);
    opened.report.state = State::Migrated;
}

// `opened.lock` is held on `folder`, which can be written.
void openIn(OpenedHistory& opened, const QString& folder, const HistoryStore::OpenOptions& options) {
    if (!opened.lock->beginOpening(kOpeningTimeoutMs)) {
        throwError(
            OpeningText::tr("Another Alcove has been opening the history for a long time. Close it and start again."));
    }
    finishInterruptedRecovery(folder);
    const Examination found = examine(historyFile(folder), options.busyTimeoutMs);
    opened.report.state = State::Opened;
    switch (found.state) {
        case Examination::State::Unreadable:
            throwError(found.problem);
            break;
        case Examination::State::Newer:
            openNewer(opened, folder, options.busyTimeoutMs);
            break;
        case Examination::State::Damaged:
            recoverDamaged(opened, folder);
            opened.database = openReadWrite(folder, options);
            break;
        case Examination::State::Missing:
            opened.database = openReadWrite(folder, options);
            migrate(*opened.database);
            opened.report.state = State::Fresh;
            break;
        case Examination::State::Healthy:
            opened.database = openReadWrite(folder, options);
            if (found.version < kSchemaVersion) {
                migrateOlder(opened, folder);
            }
            break;
    }
    if (opened.report.state != State::ReadOnlyNewer) {
        settle(*opened.database, *opened.lock);
    }
    opened.lock->endOpening();
}

// A WAL database cannot even be read where nothing can be written beside it, so a copy is opened instead.
void openCopy(OpenedHistory& opened, const QString& folder, const HistoryStore::OpenOptions& options) {
    opened.temporary = std::make_unique<QTemporaryDir>();
    const QString copy = opened.temporary->path();
    for (const char* suffix : {"", "-wal"}) {
        const QString from = historyFile(folder) + QLatin1String(suffix);
        const QString to = historyFile(copy) + QLatin1String(suffix);
        if (!QFileInfo::exists(from)) {
            continue;
        }
        QFile file(from);
        if (!file.copy(to)) {
            throwError(
                OpeningText::tr("The history %1 can be neither written nor copied: %2").arg(from, file.errorString()));
        }
        QFile::setPermissions(to, QFile::ReadOwner | QFile::WriteOwner);
    }
    opened.lock = SessionLock::take(copy + QStringLiteral("/history.lock"));
    if (!opened.lock) {
        throwError(OpeningText::tr("Neither the data folder %1 nor the folder for temporary files can be written.")
                       .arg(folder));
    }
    openIn(opened, copy, options);
    if (opened.report.state == State::ReadOnlyNewer) {
        return;
    }
    QString sentence = OpeningText::tr(
                           "The folder %1 cannot be written. You can read your conversations and chat, but nothing new "
                           "is saved.")
                           .arg(folder);
    if (opened.report.state == State::Recovered) {
        sentence = OpeningText::tr(
                       "The history in %1 is damaged and the folder cannot be written. What could be read is shown; "
                       "nothing new is saved.")
                       .arg(folder);
    }
    opened.report = {State::ReadOnlyFolder, sentence};
}

bool canWriteFile(const QString& path) {
    QFile file(path);
    return !file.exists() || file.open(QIODevice::ReadWrite | QIODevice::ExistingOnly);
}

}  // namespace

OpenedHistory openHistory(const QString& folder, const HistoryStore::OpenOptions& options) {
    QString problem;
    try {
        OpenedHistory opened;
        if (!QFileInfo(folder).isDir()) {
            if (!QDir().mkpath(folder)) {
                throwError(OpeningText::tr("The folder %1 for conversations could not be made.").arg(folder));
            }
            QFile::setPermissions(folder, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
        }
        opened.lock = SessionLock::take(folder + QStringLiteral("/history.lock"));
        if (opened.lock && canWriteFile(historyFile(folder))) {
            openIn(opened, folder, options);
        } else {
            openCopy(opened, folder, options);
        }
        return opened;
    } catch (const HistoryError& error) {
        problem = error.sentence();
    }
    OpenedHistory opened;
    opened.database = std::make_unique<Database>(QStringLiteral(":memory:"), Database::Mode::ReadWrite, 0);
    migrate(*opened.database);
    opened.report = {
        State::Unavailable,
        OpeningText::tr("%1 Conversations are kept in memory only and are gone when Alcove closes.").arg(problem)};
    return opened;
}

}  // namespace alcove
