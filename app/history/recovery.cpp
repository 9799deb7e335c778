#include "app/history/recovery.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QFile>
#include <QFileInfo>
#include <QHash>
#include <QSet>

#include "app/history/file/backup.h"
#include "app/history/file/migrations.h"
#include "app/history/file/page_reader.h"
#include "app/history/title.h"

namespace alcove {
namespace {

const QString kLog = QStringLiteral("-wal");
const QString kSharedMemory = QStringLiteral("-shm");

QString recoveredFile(const QString& folder) {
    return folder + QStringLiteral("/history-recovered.sqlite");
}

bool isInteger(const QVariant& value) {
    return value.typeId() == QMetaType::LongLong;
}
bool isText(const QVariant& value) {
    return value.typeId() == QMetaType::QString;
}

QString text(const QVariantList& columns, int i) {
    return storableText(i < columns.size() && isText(columns[i]) ? columns[i].toString() : QString());
}
qint64 integer(const QVariantList& columns, int i) {
    return i < columns.size() && isInteger(columns[i]) ? columns[i].toLongLong() : 0;
}
double real(const QVariantList& columns, int i) {
    const double value = i < columns.size() && !isText(columns[i]) ? columns[i].toDouble() : 0;
    return qIsFinite(value) ? value : 0;
}

// A time that a history of this program can hold; otherwise now.
qint64 plausibleTime(qint64 milliseconds) {
    constexpr qint64 kYear2000 = 946684800000;
    constexpr qint64 kYear3000 = 32503680000000;
    return milliseconds >= kYear2000 && milliseconds < kYear3000 ? milliseconds : QDateTime::currentMSecsSinceEpoch();
}

// Puts rows back where they belong. Tables are told apart by their first columns (migrations.cpp).
class Rebuilder {
public:
    explicit Rebuilder(Database& database) : m_database(&database) {}

    void take(const RecoveredRow& row) {
        const QVariantList& c = row.columns;
        if (row.rowid < 0 || c.size() < 2 || !c[0].isNull()) {
            return;
        }
        if (c.size() >= 4 && isInteger(c[1]) && isText(c[2]) && isText(c[3])) {
            takeMessage(row);
        } else if (c.size() >= 4 && isText(c[1]) && isInteger(c[2]) && isInteger(c[3])) {
            takeConversation(row);
        } else if (c.size() >= 6 && isText(c[1]) && isText(c[2]) && isText(c[3]) && isText(c[4]) && isInteger(c[5])) {
            takeReply(row);
        } else if (c.size() == 2 && isText(c[1]) && row.whole) {
            m_database->run("INSERT OR IGNORE INTO drafts VALUES (?, ?)", {row.rowid, text(c, 1)});
        }
    }

    // Messages whose conversation is lost get a new one under the old id; what belongs to deleted ones goes.
    Recovery finish() {
        for (const qint64 id : std::as_const(m_deleted)) {
            m_database->run("DELETE FROM messages WHERE conversation_id = ?", {id});
        }
        QList<qint64> orphaned;
        {
            Rows rows = m_database->rows(
                "SELECT DISTINCT conversation_id FROM messages"
                " WHERE conversation_id NOT IN (SELECT id FROM conversations)");
            while (rows.next()) {
                orphaned << rows.value(0).toLongLong();
            }
        }
        for (const qint64 id : std::as_const(orphaned)) {
            const QString first = m_database
                                      ->value(
                                          "SELECT text FROM messages WHERE conversation_id = ? AND author = 'user'"
                                          " ORDER BY id LIMIT 1",
                                          {id})
                                      .toString();
            m_database->run(
                "INSERT INTO conversations (id, title, created_at, updated_at)"
                " SELECT ?, ?, min(created_at), max(created_at) FROM messages WHERE conversation_id = ?",
                {id, conversationTitle(first), id});
        }
        m_database->run("DELETE FROM replies WHERE message_id NOT IN (SELECT id FROM messages)");
        m_database->run(
            "DELETE FROM drafts WHERE conversation_id <> 0 AND conversation_id NOT IN (SELECT id FROM conversations)");
        Recovery recovery;
        recovery.conversations = m_database->value("SELECT count(*) FROM conversations").toInt();
        recovery.messages = m_database->value("SELECT count(*) FROM messages").toInt();
        return recovery;
    }

private:
    void takeConversation(const RecoveredRow& row) {
        const QVariantList& c = row.columns;
        if (row.rowid == 0) {
            return;
        }
        if (c.size() > 4 && isInteger(c[4])) {  // deleted_at: the person wanted it gone
            m_deleted << row.rowid;
            return;
        }
        const QString title = text(c, 1);
        m_database->run("INSERT OR IGNORE INTO conversations (id, title, created_at, updated_at) VALUES (?, ?, ?, ?)",
                        {row.rowid, title.isEmpty() ? conversationTitle({}) : title, plausibleTime(integer(c, 2)),
                         plausibleTime(integer(c, 3))});
    }

    void takeMessage(const RecoveredRow& row) {
        const QVariantList& c = row.columns;
        const QString author = text(c, 2);
        if (row.rowid == 0 || integer(c, 1) <= 0 ||
            (author != QLatin1String("user") && author != QLatin1String("assistant"))) {
            return;
        }
        static const QSet<QString> kEnded{QStringLiteral("complete"), QStringLiteral("stopped"),
                                          QStringLiteral("failed")};
        QString status = text(c, 4);
        if (!kEnded.contains(status)) {
            status = QStringLiteral("interrupted");
        }
        m_database->run(
            "INSERT OR IGNORE INTO messages (id, conversation_id, author, text, status, created_at)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            {row.rowid, integer(c, 1), author, text(c, 3), status, plausibleTime(integer(c, 5))});
    }

    void takeReply(const RecoveredRow& row) {
        const QVariantList& c = row.columns;
        m_database->run(
            "INSERT OR IGNORE INTO replies VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            {row.rowid, text(c, 1), text(c, 2), text(c, 3), text(c, 4), integer(c, 5), integer(c, 6), integer(c, 7),
             integer(c, 8), integer(c, 9), real(c, 10), real(c, 11), text(c, 12), integer(c, 13), text(c, 14)});
    }

    Database* m_database;
    QSet<qint64> m_deleted;
};

void removeDatabase(const QString& path) {
    QFile::remove(path);
    QFile::remove(path + kLog);
    QFile::remove(path + kSharedMemory);
}

void renameOrThrow(const QString& from, const QString& to) {
    QFile file(from);
    if (!file.rename(to)) {
        throw HistoryError(HistoryError::Kind::Other,
                           QCoreApplication::translate("alcove::HistoryStore", "%1 could not be renamed to %2: %3")
                               .arg(from, to, file.errorString()));
    }
}

// The renames of a recovery, in an order that a power cut may stop anywhere (finishInterruptedRecovery).
void replaceBy(const QString& recovered, const QString& folder, const QString& aside) {
    const QString file = historyFile(folder);
    if (QFile::exists(file)) {
        renameOrThrow(file, aside);
    }
    if (QFile::exists(file + kLog)) {
        renameOrThrow(file + kLog, aside + kLog);
    }
    QFile::remove(file + kSharedMemory);  // an index of the log, made again when needed
    renameOrThrow(recovered, file);
}

}  // namespace

QString historyFile(const QString& folder) {
    return folder + QStringLiteral("/history.sqlite");
}

Examination examine(const QString& path, int busyTimeoutMs) {
    using Found = Examination::State;
    if (!QFile::exists(path)) {
        return {};
    }
    try {
        Database database(path, Database::Mode::ReadOnly, busyTimeoutMs);
        Examination found;
        found.version = schemaVersion(database);
        const bool empty = database.value("SELECT count(*) FROM sqlite_schema").toInt() == 0;
        if (empty && found.version == 0) {
            return {};
        }
        if (database.value("PRAGMA application_id").toInt() != kApplicationId || found.version < 1) {
            found.state = Found::Damaged;
        } else if (found.version > kSchemaVersion) {
            found.state = Found::Newer;
        } else {
            found.problem = database.value("PRAGMA integrity_check(1)").toString();
            found.state = found.problem == QLatin1String("ok") ? Found::Healthy : Found::Damaged;
        }
        return found;
    } catch (const HistoryError& error) {
        const bool damaged = error.kind() == HistoryError::Kind::Damaged;
        return {damaged ? Found::Damaged : Found::Unreadable, 0, error.sentence()};
    }
}

Recovery recover(const QString& folder) {
    const QString file = historyFile(folder);
    const QString recovered = recoveredFile(folder);
    const QString part = recovered + QStringLiteral(".part");
    removeDatabase(part);
    Recovery recovery;
    try {
        Database database(part, Database::Mode::ReadWrite, 0);
        migrate(database);
        database.runOnce(QStringLiteral("PRAGMA foreign_keys=OFF"));  // children may come before their parents
        Transaction transaction(database);
        Rebuilder rebuilder(database);
        PageReader(file).forEachRow([&rebuilder](const RecoveredRow& row) { rebuilder.take(row); });
        recovery = rebuilder.finish();
        transaction.commit();
        database.runOnce(QStringLiteral("PRAGMA wal_checkpoint(TRUNCATE)"));
    } catch (const HistoryError&) {
        removeDatabase(part);
        throw;
    }
    QFile::setPermissions(part, QFile::ReadOwner | QFile::WriteOwner);
    renameOrThrow(part, recovered);
    recovery.setAsideAs = datedName(folder, QStringLiteral("history-damaged"));
    replaceBy(recovered, folder, recovery.setAsideAs);
    return recovery;
}

void finishInterruptedRecovery(const QString& folder) {
    const QString recovered = recoveredFile(folder);
    if (!QFile::exists(recovered)) {
        return;
    }
    if (QFile::exists(historyFile(folder))) {
        QFile::remove(recovered);  // stopped before the first rename: it will be made anew
    } else {
        replaceBy(recovered, folder, datedName(folder, QStringLiteral("history-damaged")));
    }
}

}  // namespace alcove
