// The tree: walking between siblings, forks, and branches in the bin.
#include <utility>

#include <QHash>

#include "app/history/erasure.h"
#include "app/history/history_impl.h"

namespace alcove {
namespace {

constexpr qsizetype kPreviewCharacters = 160;

// A copy of a message, its facts and its tokens, in another conversation; its new id.
qint64 copyMessage(Database& database, qint64 id, qint64 conversationId, qint64 parentId) {
    const qint64 copy = database.insert(
        "INSERT INTO messages (conversation_id, author, text, status, created_at, parent_id)"
        " SELECT ?, author, text, CASE status WHEN 'writing' THEN 'stopped' ELSE status END, created_at, ?"
        " FROM messages WHERE id = ?",
        {conversationId, idOrNull(parentId), id});
    database.run(
        "INSERT INTO replies (message_id, checkpoint_name, checkpoint_path, device, sampling, prompt_tokens,"
        " reused_tokens, generated_tokens, context_used, context_size, tokens_per_second, prefill_seconds, stop_reason,"
        " memory_starts_at, error)"
        " SELECT ?, checkpoint_name, checkpoint_path, device, sampling, prompt_tokens, reused_tokens, generated_tokens,"
        " context_used, context_size, tokens_per_second, prefill_seconds, stop_reason, memory_starts_at, error"
        " FROM replies WHERE message_id = ?",
        {copy, id});
    database.run(
        "INSERT INTO reply_tokens (message_id, ids, ends, seed, position, context_size, fingerprint)"
        " SELECT ?, ids, ends, seed, position, context_size, fingerprint FROM reply_tokens WHERE message_id = ?",
        {copy, id});
    return copy;
}

// Where the path ends when the branch below `id` has gone.
qint64 leafWithout(const MessageTree& tree, qint64 id) {
    const QList<qint64> siblings = tree.siblings(id);
    if (siblings.size() == 1) {
        return tree.parent(id);
    }
    const qsizetype at = tree.siblingIndex(id);
    return tree.newestEnd(siblings[at > 0 ? at - 1 : 1]);
}

}  // namespace

QList<qint64> HistoryStore::siblings(qint64 messageId) const {
    const MessageTree tree = m_impl->tree(m_impl->conversationOf(messageId));
    return tree.contains(messageId) ? tree.siblings(messageId) : QList<qint64>();
}

qint64 HistoryStore::conversationOf(qint64 messageId) const {
    return m_impl->conversationOf(messageId);
}

qint64 HistoryStore::leaf(qint64 conversationId) const {
    return m_impl->tree(conversationId).leaf(m_impl->storedLeaf(conversationId));
}

void HistoryStore::setLeaf(qint64 messageId) {
    m_impl->requireWritable();
    m_impl->setLeaf(m_impl->conversationOf(messageId), messageId);
}

void HistoryStore::showMessage(qint64 messageId) {
    m_impl->requireWritable();
    Transaction transaction(m_impl->database);
    const qint64 conversation = m_impl->conversationOf(messageId);
    const MessageTree tree = m_impl->tree(conversation);
    if (!tree.contains(messageId)) {
        Impl::throwNotFound();
    }
    if (!tree.path(tree.leaf(m_impl->storedLeaf(conversation))).contains(messageId)) {
        m_impl->setLeaf(conversation, tree.newestEnd(messageId));
        transaction.commit();
    }
}

qint64 HistoryStore::fork(qint64 messageId) {
    m_impl->requireWritable();
    Database& database = m_impl->database;
    Transaction transaction(database);
    const qint64 from = m_impl->conversationOf(messageId);
    const MessageTree tree = m_impl->tree(from);
    if (!tree.contains(messageId)) {
        Impl::throwNotFound();
    }
    const QString title = database.value("SELECT title FROM conversations WHERE id = ?", {from}).toString();
    const qint64 conversation = m_impl->insertConversation(tr("%1 (branch)").arg(title));
    database.run(
        "UPDATE conversations SET (folder_id, system_prompt, sampling, checkpoint_path) ="
        " (SELECT folder_id, system_prompt, sampling, checkpoint_path FROM conversations WHERE id = ?) WHERE id = ?",
        {from, conversation});
    QHash<qint64, qint64> copies;
    qint64 last = 0;
    for (const qint64 id : tree.path(messageId)) {
        last = copyMessage(database, id, conversation, last);
        copies.insert(id, last);
    }
    for (const qint64 copy : std::as_const(copies)) {
        const qint64 start =
            database.value("SELECT memory_starts_at FROM replies WHERE message_id = ?", {copy}).toLongLong();
        if (start != 0) {
            database.run("UPDATE replies SET memory_starts_at = ? WHERE message_id = ?", {copies.value(start), copy});
        }
    }
    m_impl->setLeaf(conversation, last);
    transaction.commit();
    return conversation;
}

void HistoryStore::binBranch(qint64 messageId) {
    m_impl->requireWritable();
    Database& database = m_impl->database;
    Transaction transaction(database);
    const qint64 conversation = m_impl->conversationOf(messageId);
    const MessageTree tree = m_impl->tree(conversation);
    if (!tree.contains(messageId)) {
        Impl::throwNotFound();
    }
    const qint64 leaf = tree.leaf(m_impl->storedLeaf(conversation));
    if (tree.path(leaf).contains(messageId)) {
        m_impl->setLeaf(conversation, leafWithout(tree, messageId));
    }
    const qint64 time = timeNow();
    for (const qint64 id : tree.branch(messageId)) {
        database.run("UPDATE messages SET binned_at = ?, binned_root = ? WHERE id = ? AND binned_at IS NULL",
                     {time, messageId, id});
    }
    transaction.commit();
    database.emptyLog();  // recovery reads older pages in it where the file is damaged
}

void HistoryStore::restoreBranch(qint64 rootId) {
    m_impl->requireWritable();
    Transaction transaction(m_impl->database);
    m_impl->changeOne("UPDATE messages SET binned_at = NULL, binned_root = NULL WHERE binned_root = ?", {rootId});
    const qint64 conversation = m_impl->conversationOf(rootId);
    const MessageTree tree = m_impl->tree(conversation);
    if (tree.contains(rootId)) {
        m_impl->setLeaf(conversation, tree.newestEnd(rootId));
    }
    transaction.commit();
}

QList<BinnedBranch> HistoryStore::binnedBranches() const {
    QList<BinnedBranch> branches;
    Rows rows = m_impl->database.rows(
        "SELECT m.id, m.conversation_id, m.binned_at, substr(m.text, 1, 300),"
        " (SELECT count(*) FROM messages b WHERE b.binned_root = m.id)"
        " FROM messages m JOIN conversations c ON c.id = m.conversation_id"
        " WHERE m.binned_at IS NOT NULL AND m.binned_root = m.id AND c.deleted_at IS NULL"
        " ORDER BY m.binned_at DESC, m.id DESC");
    while (rows.next()) {
        branches << BinnedBranch{rows.value(0).toLongLong(), rows.value(1).toLongLong(), toTime(rows.value(2)),
                                 rows.value(3).toString().simplified().left(kPreviewCharacters), rows.value(4).toInt()};
    }
    return branches;
}

}  // namespace alcove
