// Whole conversations on their way into the history and out of it.
#include <algorithm>
#include <limits>

#include <QFile>
#include <QHash>
#include <QRegularExpression>
#include <QSet>

#include "app/history/file/backup.h"
#include "app/history/history_impl.h"

namespace alcove {
namespace {

constexpr qsizetype kLongestFolderName = 200;
constexpr qsizetype kDeepestFolders = 16;

QVariant timeOrNull(const QDateTime& time) {
    return time.isValid() ? QVariant(time.toMSecsSinceEpoch()) : QVariant();
}

// The source of a conversation that was begun in this history: what it is and when it was begun.
QString ownSource(qint64 id, qint64 createdAt) {
    return QStringLiteral("alcove:%1-%2").arg(id).arg(createdAt);
}

struct Found {
    qint64 id = 0;  // 0: it is not there
    bool deleted = false;
};

Found findBySource(Database& database, const QString& source) {
    const auto firstOf = [](Rows rows) {
        return rows.next() ? Found{rows.value(0).toLongLong(), !rows.value(1).isNull()} : Found();
    };
    if (source.isEmpty()) {
        return {};
    }
    const Found named = firstOf(database.rows("SELECT id, deleted_at FROM conversations WHERE source = ?", {source}));
    static const QRegularExpression kOwn(QStringLiteral("^alcove:(\\d{1,18})-(\\d{1,18})$"));
    const QRegularExpressionMatch own = kOwn.match(source);
    if (named.id != 0 || !own.hasMatch()) {
        return named;
    }
    return firstOf(
        database.rows("SELECT id, deleted_at FROM conversations WHERE id = ? AND created_at = ? AND source IS NULL",
                      {own.captured(1).toLongLong(), own.captured(2).toLongLong()}));
}

}  // namespace

// Adds what a record has and the history has not; or counts it.
class HistoryStore::Taking {
public:
    Taking(Impl& history, const ConversationRecord& record, bool adds)
        : m_history(history), m_database(history.database), m_record(record), m_adds(adds) {}

    AddedConversation take() {
        const Found found = findBySource(m_database, m_record.source);
        if (found.deleted) {
            m_result.inBin = true;
            return m_result;
        }
        m_result.isNew = found.id == 0;
        m_result.id = found.id;
        if (m_result.isNew) {
            if (m_adds) {
                m_result.id = insertConversation();
            }
        } else {
            m_known = KnownMessages(m_database, m_history.tree(found.id), found.id);
            m_parents = m_known.parents();
        }
        for (const MessageRecord& message : m_record.messages) {
            takeMessage(message);
        }
        finish();
        return m_result;
    }

private:
    // The messages that are there already, to find those that a record has too.
    class KnownMessages {
    public:
        KnownMessages(Database& database, const MessageTree& tree, qint64 conversationId) {
            Rows rows = database.rows(
                "SELECT id, parent_id, author, text, binned_at FROM messages WHERE conversation_id = ? ORDER BY id",
                {conversationId});
            while (rows.next()) {
                const qint64 id = rows.value(0).toLongLong();
                const qint64 parent = tree.contains(id) ? tree.parent(id) : rows.value(1).toLongLong();
                m_parents.insert(parent);
                m_byContent[keyOf(parent, rows.value(2).toString(), rows.value(3).toString())] << m_all.size();
                m_all << Known{id, parent, rows.value(2).toString(), rows.value(3).toString(), !rows.value(4).isNull()};
            }
        }
        KnownMessages() = default;

        struct Known {
            qint64 id = 0;
            qint64 parent = 0;
            QString author;
            QString text;
            bool binned = false;
        };

        // Each is found once. Null: there is none like this.
        const Known* take(qint64 parent, const QString& author, const QString& text) {
            const auto alike = m_byContent.find(keyOf(parent, author, text));
            if (alike == m_byContent.end()) {
                return nullptr;
            }
            for (qsizetype i = 0; i < alike->size(); ++i) {
                const Known& known = m_all[alike->at(i)];
                if (known.parent == parent && known.author == author && known.text == text) {
                    alike->removeAt(i);
                    return &known;
                }
            }
            return nullptr;
        }
        [[nodiscard]] const QSet<qint64>& parents() const { return m_parents; }

    private:
        static size_t keyOf(qint64 parent, const QString& author, const QString& text) {
            return qHashMulti(0, parent, author, text);
        }

        QList<Known> m_all;
        QHash<size_t, QList<qsizetype>> m_byContent;  // oldest first
        QSet<qint64> m_parents;                       // that have children
    };

    [[nodiscard]] qint64 timeOf(const QDateTime& time) const {
        return time.isValid() ? time.toMSecsSinceEpoch() : m_now;
    }

    qint64 insertConversation() {
        const QDateTime& created = m_record.createdAt.isValid() ? m_record.createdAt : m_record.updatedAt;
        const QDateTime& updated = m_record.updatedAt.isValid() ? m_record.updatedAt : created;
        return m_database.insert(
            "INSERT INTO conversations (title, created_at, updated_at, renamed_at, folder_id, pinned_at, archived_at,"
            " expires_at, system_prompt, sampling, checkpoint_path, source) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
            "?)",
            {storableText(m_record.title), timeOf(created), timeOf(updated), timeOrNull(m_record.renamedAt),
             idOrNull(m_history.folderAt(m_record.folder)), timeOrNull(m_record.pinnedAt),
             timeOrNull(m_record.archivedAt), timeOrNull(m_record.expiresAt),
             storableText(m_record.settings.systemPrompt), storableText(m_record.settings.sampling),
             storableText(m_record.settings.checkpointPath),
             m_record.source.isEmpty() ? QVariant() : QVariant(storableText(m_record.source))});
    }

    void takeMessage(const MessageRecord& message) {
        const qint64 parent = m_ids.value(message.parentId);
        if (!message.parentId.isEmpty() && parent == kLeftOut) {
            m_ids.insert(message.id, kLeftOut);
            return;
        }
        const QString author = message.author == Author::User ? QStringLiteral("user") : QStringLiteral("assistant");
        const QString text = storableText(message.text);
        if (const KnownMessages::Known* const known = m_known.take(parent, author, text)) {
            m_ids.insert(message.id, known->binned ? kLeftOut : known->id);
            return;
        }
        const qint64 id = m_adds ? insertMessage(message, parent, author, text) : --m_imagined;
        m_ids.insert(message.id, id);
        ++m_result.messages;
        m_result.branches += m_parents.contains(parent) ? 1 : 0;
        m_parents.insert(parent);
        m_newest = id;
    }

    qint64 insertMessage(const MessageRecord& message, qint64 parent, const QString& author, const QString& text) {
        const MessageStatus status =
            message.status == MessageStatus::Writing ? MessageStatus::Interrupted : message.status;
        const qint64 id = m_database.insert(
            "INSERT INTO messages (conversation_id, parent_id, author, text, status, created_at)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            {m_result.id, idOrNull(parent), author, text, statusName(status),
             timeOf(message.createdAt.isValid() ? message.createdAt : m_record.createdAt)});
        if (message.author == Author::Assistant) {
            insertFacts(message, id);
        }
        return id;
    }

    void insertFacts(const MessageRecord& message, qint64 id) {
        const ReplySettings& settings = message.settings;
        const ReplyStatistics& statistics = message.statistics;
        m_database.run(
            "INSERT INTO replies (message_id, checkpoint_name, checkpoint_path, device, sampling, prompt_tokens,"
            " reused_tokens, generated_tokens, context_used, context_size, tokens_per_second, prefill_seconds,"
            " stop_reason, memory_starts_at, error) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            {id, storableText(settings.checkpointName), storableText(settings.checkpointPath),
             storableText(settings.device), storableText(settings.sampling), statistics.promptTokens,
             statistics.reusedTokens, statistics.generatedTokens, statistics.contextUsed, statistics.contextSize,
             statistics.tokensPerSecond, statistics.prefillSeconds, storableText(statistics.stopReason),
             std::max<qint64>(m_ids.value(message.memoryStartsAt), 0), storableText(message.error)});
        if (message.tokens) {
            m_history.storeTokens(id, *message.tokens);
        }
    }

    // Of a conversation that has grown, too, the path goes to where it was last.
    void finish() {
        if (!m_adds || m_result.id == 0 || (m_result.messages == 0 && !m_result.isNew)) {
            return;
        }
        const qint64 leaf = m_ids.value(m_record.leafId);
        const qint64 shown = leaf > 0 ? leaf : m_newest;
        if (shown > 0) {
            m_history.setLeaf(m_result.id, shown);
        }
        if (!m_result.isNew && m_record.updatedAt.isValid()) {
            m_database.run("UPDATE conversations SET updated_at = max(updated_at, ?) WHERE id = ?",
                           {m_record.updatedAt.toMSecsSinceEpoch(), m_result.id});
        }
    }

    static constexpr qint64 kLeftOut = std::numeric_limits<qint64>::min();  // in the bin, or behind what is there

    Impl& m_history;
    Database& m_database;
    const ConversationRecord& m_record;
    bool m_adds;
    qint64 m_now = timeNow();
    AddedConversation m_result;
    KnownMessages m_known;
    QSet<qint64> m_parents;  // that have children
    QHash<QString, qint64> m_ids;
    qint64 m_imagined = 0;  // ids of messages that are only counted
    qint64 m_newest = 0;
};

qint64 HistoryStore::Impl::folderAt(const QStringList& path) {
    qint64 parent = 0;
    for (const QString& name : path.mid(0, kDeepestFolders)) {
        const QString stored = storableText(name.simplified().left(kLongestFolderName));
        if (stored.isEmpty()) {
            continue;
        }
        qint64 id = database
                        .value("SELECT min(id) FROM folders WHERE parent_id IS ? AND name = ? AND deleted_at IS NULL",
                               {idOrNull(parent), stored})
                        .toLongLong();
        if (id == 0) {
            id = database.insert(
                "INSERT INTO folders (parent_id, name, position, created_at) VALUES (?, ?,"
                " (SELECT coalesce(max(position), -1) + 1 FROM folders WHERE parent_id IS ?), ?)",
                {idOrNull(parent), stored, idOrNull(parent), timeNow()});
        }
        parent = id;
    }
    return parent;
}

AddedConversation HistoryStore::importConversation(const ConversationRecord& record) {
    m_impl->requireWritable();
    const UnsyncedCommits unsynced(m_impl->database);
    Transaction transaction(m_impl->database);
    AddedConversation added = Taking(*m_impl, record, true).take();
    transaction.commit();
    return added;
}

void HistoryStore::finishImport() {
    // Any commit that waits for the disk takes those before it along.
    m_impl->database.run("UPDATE conversations SET title = title WHERE id = (SELECT max(id) FROM conversations)");
}

AddedConversation HistoryStore::wouldImport(const ConversationRecord& record) const {
    return Taking(*m_impl, record, false).take();
}

void HistoryStore::importFolder(const FolderRecord& record) {
    m_impl->requireWritable();
    Transaction transaction(m_impl->database);
    const qint64 id = m_impl->folderAt(record.path);
    // What a person has set here stays.
    m_impl->database.run(
        "UPDATE folders SET colour = ?, archived_at = ?, system_prompt = ?, sampling = ?, checkpoint_path = ?,"
        " expires_days = ?, created_at = coalesce(?, created_at)"
        " WHERE id = ? AND colour = '' AND archived_at IS NULL AND system_prompt = '' AND sampling = ''"
        " AND checkpoint_path = '' AND expires_days IS NULL",
        {storableText(record.colour), timeOrNull(record.archivedAt), storableText(record.settings.systemPrompt),
         storableText(record.settings.sampling), storableText(record.settings.checkpointPath),
         idOrNull(record.expiresDays), timeOrNull(record.createdAt), id});
    transaction.commit();
}

ConversationRecord HistoryStore::conversationRecord(qint64 id) const {
    ConversationRecord record;
    qint64 folder = 0;
    {
        Rows rows = m_impl->database.rows(
            "SELECT title, created_at, updated_at, renamed_at, folder_id, pinned_at, archived_at, expires_at,"
            " system_prompt, sampling, checkpoint_path, source FROM conversations WHERE id = ? AND deleted_at IS NULL",
            {id});
        if (!rows.next()) {
            Impl::throwNotFound();
        }
        int column = 0;
        const auto next = [&] { return rows.value(column++); };
        record.title = next().toString();
        record.createdAt = toTime(next());
        record.updatedAt = toTime(next());
        record.renamedAt = toTime(next());
        folder = next().toLongLong();
        record.pinnedAt = toTime(next());
        record.archivedAt = toTime(next());
        record.expiresAt = toTime(next());
        record.settings.systemPrompt = next().toString();
        record.settings.sampling = next().toString();
        record.settings.checkpointPath = next().toString();
        const QString source = next().toString();
        record.source = source.isEmpty() ? ownSource(id, record.createdAt.toMSecsSinceEpoch()) : source;
    }
    record.folder = folderPath(folder);
    const MessageTree tree = m_impl->tree(id);
    QHash<qint64, QString> names;
    for (const qint64 message : tree.all()) {
        names.insert(message, QString::number(names.size() + 1));
    }
    record.leafId = names.value(tree.leaf(m_impl->storedLeaf(id)));
    eachMessage(id, [&](const Message& message) {
        MessageRecord one;
        one.id = names.value(message.id);
        one.parentId = names.value(message.parentId);
        one.author = message.author;
        one.text = message.text;
        one.status = message.status;
        one.createdAt = message.createdAt;
        one.settings = message.settings;
        if (one.settings.sampling.isEmpty()) {
            one.settings.sampling = ReplySettings().sampling;
        }
        one.statistics = message.statistics;
        one.memoryStartsAt = names.value(message.statistics.memoryStartsAt);
        one.statistics.memoryStartsAt = 0;
        one.error = message.error;
        const ReplyTokens tokens = message.author == Author::Assistant ? replyTokens(message.id) : ReplyTokens();
        if (!tokens.ids.isEmpty()) {
            one.tokens = tokens;
        }
        record.messages << one;
        return true;
    });
    return record;
}

QStringList HistoryStore::folderPath(qint64 folderId) const {
    QStringList path;
    qint64 folder = folderId;
    while (folder != 0 && path.size() < kDeepestFolders) {
        Rows rows =
            m_impl->database.rows("SELECT name, parent_id FROM folders WHERE id = ? AND deleted_at IS NULL", {folder});
        if (!rows.next()) {
            break;
        }
        path.prepend(rows.value(0).toString());
        folder = rows.value(1).toLongLong();
    }
    return path;
}

QList<FolderRecord> HistoryStore::folderRecords() const {
    QList<qint64> ids;
    {
        Rows rows = m_impl->database.rows("SELECT id FROM folders WHERE deleted_at IS NULL ORDER BY position, id");
        while (rows.next()) {
            ids << rows.value(0).toLongLong();
        }
    }
    QList<FolderRecord> result;
    for (const qint64 id : ids) {
        FolderRecord record;
        record.path = folderPath(id);
        Rows rows = m_impl->database.rows(
            "SELECT colour, created_at, archived_at, system_prompt, sampling, checkpoint_path, expires_days"
            " FROM folders WHERE id = ?",
            {id});
        if (!rows.next()) {
            continue;
        }
        int column = 0;
        const auto next = [&] { return rows.value(column++); };
        record.colour = next().toString();
        record.createdAt = toTime(next());
        record.archivedAt = toTime(next());
        record.settings.systemPrompt = next().toString();
        record.settings.sampling = next().toString();
        record.settings.checkpointPath = next().toString();
        record.expiresDays = next().toInt();
        result << record;
    }
    std::stable_sort(result.begin(), result.end(), [](const FolderRecord& a, const FolderRecord& b) {
        return a.path.size() < b.path.size();  // a folder comes before those in it
    });
    return result;
}

void HistoryStore::backUpTo(const QString& file) const {
    const QString part = file + QStringLiteral(".part");
    QFile::remove(part);
    copyTo(m_impl->database, part);
    try {
        replaceFile(part, file);
    } catch (const HistoryError&) {
        QFile::remove(part);
        throw;
    }
}

HistoryFigures HistoryStore::figures() const {
    HistoryFigures figures;
    const auto number = [this](const char* sql) { return m_impl->database.value(sql).toLongLong(); };
    {
        Rows rows = m_impl->database.rows(
            "SELECT count(*), count(archived_at), min(created_at), max(updated_at) FROM conversations"
            " WHERE deleted_at IS NULL");
        if (rows.next()) {
            figures.conversations = rows.value(0).toLongLong();
            figures.archived = rows.value(1).toLongLong();
            figures.first = toTime(rows.value(2));
            figures.last = toTime(rows.value(3));
        }
    }
    {
        Rows rows = m_impl->database.rows(
            "SELECT count(*), sum(m.author = 'assistant'), sum(length(m.text)),"
            " count(*) - count(DISTINCT coalesce(m.parent_id, -m.conversation_id))"
            " FROM messages m JOIN conversations c ON c.id = m.conversation_id"
            " WHERE c.deleted_at IS NULL AND m.binned_at IS NULL");
        if (rows.next()) {
            figures.messages = rows.value(0).toLongLong();
            figures.replies = rows.value(1).toLongLong();
            figures.characters = rows.value(2).toLongLong();
            figures.branches = rows.value(3).toLongLong();
        }
    }
    figures.folders = number("SELECT count(*) FROM folders WHERE deleted_at IS NULL");
    figures.tokens = number(
        "SELECT sum(r.generated_tokens) FROM replies r JOIN messages m ON m.id = r.message_id"
        " JOIN conversations c ON c.id = m.conversation_id WHERE c.deleted_at IS NULL AND m.binned_at IS NULL");
    figures.binned = number(
        "SELECT (SELECT count(*) FROM conversations WHERE deleted_at IS NOT NULL)"
        " + (SELECT count(*) FROM messages m JOIN conversations c ON c.id = m.conversation_id"
        "    WHERE c.deleted_at IS NULL AND m.binned_at IS NOT NULL)");
    return figures;
}

}  // namespace alcove
