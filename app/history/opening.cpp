#include "app/history/opening.h"

#include <fcntl.h>
#include <new>
#include <sys/stat.h>
#include <unistd.h>

#include <QDir>
#include <QFile>
#include <QFileInfo>

#include "app/history/empty_replies.h"
#include "app/history/erasure.h"
#include "app/history/file/backup.h"
#include "app/history/file/history_files.h"
#include "app/history/file/migrations.h"
#include "app/history/file/network_folder.h"
#include "app/history/file/page_reader.h"
#include "app/history/file/replacement.h"
#include "app/history/file/search_file.h"
#include "app/history/queries.h"
#include "app/history/recovery.h"

namespace alcove {
namespace {

using State = OpenReport::State;

struct OpeningText {
    Q_DECLARE_TR_FUNCTIONS(alcove::HistoryStore)
};

[[noreturn]] void throwError(const QString& sentence) {
    throw HistoryError(HistoryError::Kind::Other, sentence);
}

// Replies of programs that are gone were interrupted, and those without text were none; what these programs deleted can
// no longer be brought back. True: some of that was removed.
bool clearUpAfterOthers(OpenedHistory& opened) {
    Database& database = *opened.database;
    bool erased = false;
    QList<QVariant> gone;
    const auto collect = [&](const char* sql) {
        gone.clear();
        Rows rows = database.rows(sql);
        while (rows.next()) {
            if (!opened.lock || !opened.lock->isAlive(rows.value(0).toLongLong())) {
                gone << rows.value(0);
            }
        }
    };
    try {
        collect(queries::kWriters);
        for (const QVariant& writer : std::as_const(gone)) {
            Transaction transaction(database);
            QList<qint64> empty;
            {
                Rows rows = database.rows(
                    "SELECT id FROM messages WHERE status = 'writing' AND writer IS ? AND text = ''", {writer});
                while (rows.next()) {
                    empty << rows.value(0).toLongLong();
                }
            }
            for (const qint64 id : std::as_const(empty)) {
                removeEmptyReply(database, id);
            }
            database.run(
                "UPDATE messages SET status = 'interrupted', writer = NULL WHERE status = 'writing' AND writer IS ?",
                {writer});
            transaction.commit();
        }
        // After a recovery the next start does it: the damaged file, which holds them, would go at once.
        if (opened.report.state != State::Recovered) {
            collect(queries::kDeleters);
            for (const QVariant& session : std::as_const(gone)) {
                erased = eraseDeletedBy(database, opened.folder, session) || erased;
            }
        }
        database.run(
            "DELETE FROM drafts WHERE conversation_id <> 0 AND conversation_id NOT IN (SELECT id FROM conversations)");
    } catch (const HistoryError& error) {
        // On a full disk or beside a busy program these wait for the next start; reading shows them right already.
        if (error.kind() == HistoryError::Kind::Damaged) {
            throw;
        }
    }
    return erased;
}

void requireThatItCanBeRead(Database& database) {
    try {
        database.run(queries::kConversations);
        database.run(queries::kTree, {0});
        database.run(queries::kMessages, {QStringLiteral("[0]")});
    } catch (const HistoryError&) {
        throwError(OpeningText::tr(
            "This history was written by a newer version of Alcove and cannot be read by this one. Nothing "
            "in it was changed; update Alcove to see it."));
    }
}

OpenReport newerReport() {
    return {State::ReadOnlyNewer,
            OpeningText::tr("This history was written by a newer version of Alcove. You can read it "
                            "here; update Alcove to go on with it.")};
}

// Opens a history in `folder`, which can be written; `opened.lock` is held on it.
class FolderOpening {
public:
    FolderOpening(OpenedHistory& opened, const QString& folder, const HistoryStore::OpenOptions& options)
        : m_opened(opened),
          m_folder(folder),
          m_options(options),
          m_alone(options.isOnNetwork ? options.isOnNetwork(folder) : isOnNetwork(folder)) {}

    void open() {
        if (m_alone && m_opened.lock->othersAlive()) {
            throwError(otherOnNetwork());
        }
        if (!m_opened.lock->beginOpening(m_options.openingTimeoutMs)) {
            throwError(OpeningText::tr(
                "Another Alcove has been opening the history for a long time. Close it and start again."));
        }
        finishInterruptedReplacement(m_folder);
        removeUnfinishedFiles(m_folder);
        restrictToOwner(m_folder);
        rollBackJournal();
        const Examination found = examine(historyFile(m_folder), readingMode(), m_options.busyTimeoutMs);
        m_opened.report.state = State::Opened;
        switch (found.state) {
            case Examination::State::Unreadable:
                throwError(m_alone && found.busy ? otherOnNetwork() : found.problem);
            case Examination::State::Newer:
                m_opened.database =
                    std::make_unique<Database>(historyFile(m_folder), readingMode(), m_options.busyTimeoutMs);
                requireThatItCanBeRead(*m_opened.database);
                m_opened.report = newerReport();
                break;
            case Examination::State::Damaged:
                recoverDamaged();
                m_opened.database = openReadWrite();
                break;
            case Examination::State::Missing:
                m_opened.database = openReadWrite();
                migrate(*m_opened.database);
                m_opened.report.state = State::Fresh;
                break;
            case Examination::State::Healthy:
                m_opened.database = openReadWrite();
                if (found.version < kSchemaVersion) {
                    migrateOlder();
                }
                break;
        }
        if (m_opened.report.state != State::ReadOnlyNewer) {
            m_opened.folder = m_folder;
            finishErasing(*m_opened.database, m_folder, clearUpAfterOthers(m_opened));
        }
        m_opened.lock->endOpening();
    }

private:
    [[nodiscard]] QString otherOnNetwork() const {
        return OpeningText::
            tr("The folder %1 is on a network file system, where only one Alcove can use the history at a time, and "
               "another one has it open. Close that one, perhaps on another machine, and start again.")
                .arg(m_folder);
    }

    // A file gets its write-ahead log by a transaction with a rollback journal. Where that was interrupted, only a
    // connection that can write ends it.
    void rollBackJournal() const {
        if (QFile::exists(journalOf(historyFile(m_folder)))) {
            try {
                const Database database(historyFile(m_folder),
                                        m_alone ? Database::Mode::Exclusive : Database::Mode::ReadWrite,
                                        m_options.busyTimeoutMs);
            } catch (const HistoryError&) {
                return;  // the examination says what is wrong
            }
        }
    }

    [[nodiscard]] Database::Mode readingMode() const {
        return m_alone ? Database::Mode::ExclusiveReadOnly : Database::Mode::ReadOnly;
    }

    [[nodiscard]] std::unique_ptr<Database> openReadWrite() const {
        const QString path = historyFile(m_folder);
        if (!QFile::exists(path)) {
            createPrivateFile(path);
        }
        auto database = std::make_unique<Database>(
            path, m_alone ? Database::Mode::Exclusive : Database::Mode::ReadWrite, m_options.busyTimeoutMs);
        if (m_options.maxPageCount > 0) {
            database->runOnce(QStringLiteral("PRAGMA max_page_count=%1").arg(m_options.maxPageCount));
        }
        return database;
    }

    void recoverDamaged() {
        if (m_opened.lock->othersAlive()) {
            throwError(OpeningText::tr(
                "The history file is damaged. Close all windows of Alcove and start it again: it then recovers "
                "what can be read."));
        }
        const Recovery recovery = recover(m_folder);
        emptySearchIndex(m_folder);  // it is of the damaged file
        const QString aside = QFileInfo(recovery.setAsideAs).fileName();
        m_opened.report.state = State::Recovered;
        m_opened.report.sentence =
            recovery.messages + recovery.conversations == 0
                ? OpeningText::tr("The history file was damaged and nothing could be read from it. It is kept as %1.")
                      .arg(aside)
                : OpeningText::tr(
                      "The history file was damaged. %1 conversations with %2 messages were recovered; the damaged "
                      "file is kept as %3.")
                      .arg(recovery.conversations)
                      .arg(recovery.messages)
                      .arg(aside);
    }

    void migrateOlder() {
        if (m_opened.lock->othersAlive()) {
            throwError(OpeningText::tr(
                "The history must be brought up to date while another Alcove has it open. Close that one and "
                "start again."));
        }
        backUp(*m_opened.database, m_folder);
        migrate(*m_opened.database);
        m_opened.report.state = State::Migrated;
    }

    OpenedHistory& m_opened;
    const QString& m_folder;
    const HistoryStore::OpenOptions& m_options;
    bool m_alone;
};

std::unique_ptr<Database> databaseInMemory() {
    return std::make_unique<Database>(QStringLiteral(":memory:"), Database::Mode::ReadWrite, 0);
}

// A WAL database cannot even be read where nothing can be written beside it, so its pages are read into memory.
void openCopyInMemory(OpenedHistory& opened, const QString& folder) {
    const QString file = historyFile(folder);
    if (QFile::exists(file) && !QFile(file).open(QIODevice::ReadOnly)) {
        throwError(OpeningText::tr("The history %1 can be neither written nor read.").arg(file));
    }
    opened.lock.reset();
    opened.database = databaseInMemory();
    try {
        if (const QByteArray image = PageReader(file).image(); !image.isEmpty()) {
            opened.database->load(image);
        }
    } catch (const std::bad_alloc&) {
        throwError(
            OpeningText::tr("The folder %1 cannot be written, and its history does not fit into memory.").arg(folder));
    }
    const Examination found = examine(*opened.database);
    opened.report = {State::ReadOnlyFolder, OpeningText::tr("The folder %1 cannot be written. You can read your "
                                                            "conversations and chat, but nothing new is saved.")
                                                .arg(folder)};
    switch (found.state) {
        case Examination::State::Unreadable:
            throwError(found.problem);
        case Examination::State::Newer:
            requireThatItCanBeRead(*opened.database);
            opened.report = newerReport();
            return;
        case Examination::State::Damaged:
            opened.database = databaseInMemory();
            migrate(*opened.database);
            recoverInto(*opened.database, file);
            opened.report.sentence =
                OpeningText::tr(
                    "The history in %1 is damaged and the folder cannot be written. What could be read is shown; "
                    "nothing new is saved.")
                    .arg(folder);
            break;
        case Examination::State::Missing:
        case Examination::State::Healthy:
            migrate(*opened.database);
            break;
    }
    clearUpAfterOthers(opened);
}

// Makes the folder, with those above it, and keeps other accounts out of it from the first moment on.
void makeFolder(const QString& folder) {
    if (QFileInfo(folder).isDir()) {
        return;
    }
    const QString above = QFileInfo(QDir::cleanPath(folder)).absolutePath();
    if (!QDir().mkpath(above) || ::mkdir(QFile::encodeName(folder).constData(), 0700) != 0) {
        throwError(OpeningText::tr("The folder %1 for conversations could not be made.").arg(folder));
    }
}

// Without opening it: SQLite's locks of this process on a file go when any descriptor of it is closed.
bool canWriteFile(const QString& path) {
    return !QFile::exists(path) || ::faccessat(AT_FDCWD, QFile::encodeName(path).constData(), W_OK, AT_EACCESS) == 0;
}

}  // namespace

OpenedHistory openHistory(const QString& folder, const HistoryStore::OpenOptions& options) {
    QString problem;
    try {
        OpenedHistory opened;
        makeFolder(folder);
        opened.lock = SessionLock::take(folder + QStringLiteral("/history.lock"));
        if (opened.lock && canWriteFile(historyFile(folder))) {
            FolderOpening(opened, folder, options).open();
        } else {
            openCopyInMemory(opened, folder);
        }
        return opened;
    } catch (const HistoryError& error) {
        problem = error.sentence();
    }
    OpenedHistory opened;
    opened.database = databaseInMemory();
    migrate(*opened.database);
    opened.report = {
        State::Unavailable,
        OpeningText::tr("%1 Conversations are kept in memory only and are gone when Alcove closes.").arg(problem)};
    return opened;
}

}  // namespace alcove
