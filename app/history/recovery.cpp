#include "app/history/recovery.h"

#include <utility>

#include <QDateTime>
#include <QFile>
#include <QFileInfo>
#include <QSet>

#include "app/history/file/history_files.h"
#include "app/history/file/migrations.h"
#include "app/history/file/page_reader.h"
#include "app/history/file/replacement.h"
#include "app/history/title.h"

namespace alcove {
namespace {

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
QVariant integerOrNull(const QVariantList& columns, int i) {
    return i < columns.size() && isInteger(columns[i]) ? columns[i] : QVariant();
}
bool isBytes(const QVariant& value) {
    return value.typeId() == QMetaType::QByteArray;
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

enum class Table { Other, Conversations, Messages, Replies, Drafts, Folders, Tokens };

Table tableByTag(const RecoveredRow& row) {
    constexpr std::pair<Table, RowTag> kTables[] = {{Table::Conversations, kConversationTag},
                                                    {Table::Messages, kMessageTag},
                                                    {Table::Replies, kReplyTag},
                                                    {Table::Drafts, kDraftTag},
                                                    {Table::Folders, kFolderTag},
                                                    {Table::Tokens, kTokensTag}};
    for (const auto& [table, tag] : kTables) {
        if (hasTag(row, tag)) {
            return table;
        }
    }
    return Table::Other;
}

// In schemas 1 to 3 a row has no tag; no two of their tables have rows with the same number and types of columns. A
// column that was added later is missing in the rows that were there before.
Table tableByShape(const RecoveredRow& row) {
    const QVariantList& c = row.columns;
    const qsizetype count = row.types.size();
    if (c.size() >= 4 && (count == 6 || count == 7) && isInteger(c[1]) && isText(c[2]) && isText(c[3])) {
        return Table::Messages;
    }
    if (c.size() >= 4 && (count == 4 || count == 6) && isText(c[1]) && isInteger(c[2]) && isInteger(c[3])) {
        return Table::Conversations;
    }
    if (c.size() >= 6 && count == 15 && isText(c[1]) && isText(c[2]) && isText(c[3]) && isText(c[4]) &&
        isInteger(c[5])) {
        return Table::Replies;
    }
    return c.size() == 2 && count == 2 && isText(c[1]) ? Table::Drafts : Table::Other;
}

// Puts rows back where they belong.
class Rebuilder {
public:
    // `tagged`: the file is of a schema whose rows all have tags.
    Rebuilder(Database& database, bool tagged) : m_database(&database), m_tagged(tagged) {}

    void take(const RecoveredRow& row) {
        if (row.rowid < 0 || row.columns.size() < 2 || !row.columns[0].isNull()) {
            return;
        }
        switch (m_tagged ? tableByTag(row) : tableByShape(row)) {
            case Table::Conversations:
                takeConversation(row);
                break;
            case Table::Messages:
                takeMessage(row);
                break;
            case Table::Replies:
                takeReply(row);
                break;
            case Table::Drafts:
                takeDraft(row);
                break;
            case Table::Folders:
                takeFolder(row);
                break;
            case Table::Tokens:
                takeTokens(row);
                break;
            case Table::Other:
                break;
        }
    }

    // Messages whose conversation is lost get a new one under the old id.
    Recovery finish() {
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
        m_database->run("DELETE FROM reply_tokens WHERE message_id NOT IN (SELECT id FROM messages)");
        // As MessageTree reads it, for good: the rows in between may be lost, or older than the tree.
        m_database->run(
            "UPDATE messages SET parent_id = (SELECT max(b.id) FROM messages b"
            " WHERE b.conversation_id = messages.conversation_id AND b.id < messages.id)"
            " WHERE parent_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM messages parent WHERE parent.id = "
            "messages.parent_id"
            " AND parent.conversation_id = messages.conversation_id AND parent.id < messages.id)");
        m_database->run(
            "UPDATE conversations SET leaf_id = (SELECT max(id) FROM messages"
            " WHERE conversation_id = conversations.id AND binned_at IS NULL)"
            " WHERE leaf_id IS NULL OR NOT EXISTS (SELECT 1 FROM messages leaf WHERE leaf.id = conversations.leaf_id"
            " AND leaf.conversation_id = conversations.id)");
        m_database->run("UPDATE conversations SET folder_id = NULL WHERE folder_id NOT IN (SELECT id FROM folders)");
        m_database->run("UPDATE folders SET parent_id = NULL WHERE parent_id >= id");
        m_database->run("UPDATE folders SET parent_id = NULL WHERE parent_id NOT IN (SELECT id FROM folders)");
        m_database->run(
            "DELETE FROM drafts WHERE conversation_id <> 0 AND conversation_id NOT IN (SELECT id FROM conversations)");
        Recovery recovery;
        recovery.conversations =
            m_database->value("SELECT count(*) FROM conversations WHERE deleted_at IS NULL").toInt();
        recovery.messages = m_database
                                ->value(
                                    "SELECT count(*) FROM messages WHERE conversation_id NOT IN"
                                    " (SELECT id FROM conversations WHERE deleted_at IS NOT NULL)")
                                .toInt();
        return recovery;
    }

private:
    void takeConversation(const RecoveredRow& row) {
        const QVariantList& c = row.columns;
        if (row.rowid == 0) {
            return;
        }
        const QString title = text(c, 1);
        // deleted_at and deleted_by: what was deleted stays deleted, whatever else of the row can be believed.
        const bool deleted = c.size() > 4 && isInteger(c[4]);
        m_database->run(
            "INSERT OR IGNORE INTO conversations (id, title, created_at, updated_at, deleted_at, deleted_by, leaf_id,"
            " folder_id, pinned_at, archived_at, renamed_at, system_prompt, sampling, checkpoint_path, expires_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            {row.rowid, title.isEmpty() ? conversationTitle({}) : title, plausibleTime(integer(c, 2)),
             plausibleTime(integer(c, 3)), deleted ? c[4] : QVariant(), deleted ? QVariant(integer(c, 5)) : QVariant(),
             integerOrNull(c, 7), integerOrNull(c, 8), integerOrNull(c, 9), integerOrNull(c, 10), integerOrNull(c, 11),
             text(c, 12), text(c, 13), text(c, 14), integerOrNull(c, 15)});
        if (c.size() > 16 && isText(c[16])) {  // unless another row has it
            m_database->run("UPDATE OR IGNORE conversations SET source = ? WHERE id = ?", {text(c, 16), row.rowid});
        }
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
            if (author == QLatin1String("assistant") && text(c, 3).isEmpty()) {
                return;
            }
        }
        // Rows from before the tree have no parent column: they follow the message before (finish()).
        const QVariant parent = c.size() > 8 ? integerOrNull(c, 8) : QVariant(qint64{0});
        // What was in the bin stays there where only the end of the row is lost.
        const bool binned = row.types.size() > 9 && row.types[9] != 0;
        const QVariant binnedAt = c.size() > 9 ? integerOrNull(c, 9) : QVariant(QDateTime::currentMSecsSinceEpoch());
        const QVariant binnedRoot = c.size() > 10 ? integerOrNull(c, 10) : QVariant(row.rowid);
        m_database->run(
            "INSERT OR IGNORE INTO messages (id, conversation_id, author, text, status, created_at, parent_id,"
            " binned_at, binned_root) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            {row.rowid, integer(c, 1), author, text(c, 3), status, plausibleTime(integer(c, 5)), parent,
             binned ? binnedAt : QVariant(), binned ? binnedRoot : QVariant()});
    }

    void takeReply(const RecoveredRow& row) {
        const QVariantList& c = row.columns;
        m_database->run(
            "INSERT OR IGNORE INTO replies (message_id, checkpoint_name, checkpoint_path, device, sampling,"
            " prompt_tokens, reused_tokens, generated_tokens, context_used, context_size, tokens_per_second,"
            " prefill_seconds, stop_reason, memory_starts_at, error)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            {row.rowid, text(c, 1), text(c, 2), text(c, 3), text(c, 4), integer(c, 5), integer(c, 6), integer(c, 7),
             integer(c, 8), integer(c, 9), real(c, 10), real(c, 11), text(c, 12), integer(c, 13), text(c, 14)});
    }

    void takeDraft(const RecoveredRow& row) {
        if (row.whole && row.current) {
            m_database->run("INSERT OR IGNORE INTO drafts (conversation_id, text) VALUES (?, ?)",
                            {row.rowid, text(row.columns, 1)});
        }
    }

    void takeFolder(const RecoveredRow& row) {
        const QVariantList& c = row.columns;
        if (row.rowid == 0) {
            return;
        }
        m_database->run(
            "INSERT OR IGNORE INTO folders (id, parent_id, name, colour, position, created_at, archived_at, deleted_at,"
            " deleted_by, system_prompt, sampling, checkpoint_path, expires_days)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            {row.rowid, integerOrNull(c, 1), text(c, 2), text(c, 3), integer(c, 4), plausibleTime(integer(c, 5)),
             integerOrNull(c, 6), integerOrNull(c, 7), integerOrNull(c, 8), text(c, 9), text(c, 10), text(c, 11),
             integerOrNull(c, 12)});
    }

    // Those of an older text would not fit to the one that was recovered.
    void takeTokens(const RecoveredRow& row) {
        const QVariantList& c = row.columns;
        if (row.whole && row.current && c.size() > 6 && isBytes(c[1]) && isBytes(c[2])) {
            m_database->run(
                "INSERT OR IGNORE INTO reply_tokens (message_id, ids, ends, seed, position, context_size, fingerprint)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                {row.rowid, c[1], c[2], text(c, 3), integer(c, 4), integer(c, 5), text(c, 6)});
        }
    }

    Database* m_database;
    bool m_tagged;
};

// Rows without a tag are of tables that this program does not know, unless the file is older than tags.
bool hasTags(const PageReader& reader) {
    bool tagged = false;
    reader.forEachRow([&tagged](const RecoveredRow& row) {
        tagged = tagged || (row.whole && row.current && tableByTag(row) != Table::Other);
    });
    return tagged;
}

Examination problemOf(const HistoryError& error) {
    const bool damaged = error.kind() == HistoryError::Kind::Damaged;
    return {damaged ? Examination::State::Damaged : Examination::State::Unreadable, 0, error.sentence(),
            error.kind() == HistoryError::Kind::Busy};
}

}  // namespace

Examination examine(Database& database) {
    using Found = Examination::State;
    try {
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
        return problemOf(error);
    }
}

Examination examine(const QString& path, Database::Mode mode, int busyTimeoutMs) {
    if (!QFile::exists(path)) {
        return {};
    }
    try {
        Database database(path, mode, busyTimeoutMs);
        return examine(database);
    } catch (const HistoryError& error) {
        return problemOf(error);
    }
}

Recovery recoverInto(Database& database, const QString& file) {
    database.runOnce(QStringLiteral("PRAGMA foreign_keys=OFF"));  // children may come before their parents
    Transaction transaction(database);
    const PageReader reader(file);
    Rebuilder rebuilder(database, hasTags(reader));
    reader.forEachRow([&rebuilder](const RecoveredRow& row) { rebuilder.take(row); });
    Recovery recovery = rebuilder.finish();
    transaction.commit();
    database.runOnce(QStringLiteral("PRAGMA foreign_keys=ON"));
    return recovery;
}

Recovery recover(const QString& folder) {
    const QString part = folder + QStringLiteral("/history-recovered.sqlite.part");
    removeDatabase(part);
    Recovery recovery;
    try {
        createPrivateFile(part);
        Database database(part, Database::Mode::Exclusive, 0);
        migrate(database);
        recovery = recoverInto(database, historyFile(folder));
        database.run("PRAGMA wal_checkpoint(TRUNCATE)");
    } catch (const HistoryError&) {
        removeDatabase(part);
        throw;
    }
    recovery.setAsideAs = replaceDamagedFile(folder, part);
    return recovery;
}

}  // namespace alcove
