// Order among conversations: pins, the archive, folders, and what each has of its own.
#include <QHash>

#include "app/history/history_impl.h"

namespace alcove {
namespace {

constexpr int kDeepestFolder = 32;

QString idList(const QList<qint64>& ids) {
    QString list = QStringLiteral("[");
    for (const qint64 id : ids) {
        list += (list.size() > 1 ? QStringLiteral(",") : QString()) + QString::number(id);
    }
    return list + QLatin1Char(']');
}

Folder folderIn(const Rows& rows) {
    return {.id = rows.value(0).toLongLong(),
            .parentId = rows.value(1).toLongLong(),
            .name = rows.value(2).toString(),
            .colour = rows.value(3).toString(),
            .position = rows.value(4).toLongLong(),
            .createdAt = toTime(rows.value(5)),
            .archivedAt = toTime(rows.value(6)),
            .settings = {rows.value(7).toString(), rows.value(8).toString(), rows.value(9).toString()},
            .expiresDays = rows.value(10).toInt()};
}

constexpr const char* kHeads =
    "SELECT id, title, created_at, updated_at, folder_id, pinned_at, archived_at, expires_at FROM conversations"
    " WHERE deleted_at IS NULL";
constexpr const char* kHead =
    "SELECT id, title, created_at, updated_at, folder_id, pinned_at, archived_at, expires_at FROM conversations"
    " WHERE deleted_at IS NULL AND id = ?";

ConversationSummary headIn(const Rows& rows) {
    return {.id = rows.value(0).toLongLong(),
            .title = rows.value(1).toString(),
            .createdAt = toTime(rows.value(2)),
            .updatedAt = toTime(rows.value(3)),
            .preview = {},
            .folderId = rows.value(4).toLongLong(),
            .pinnedAt = toTime(rows.value(5)),
            .archivedAt = toTime(rows.value(6)),
            .expiresAt = toTime(rows.value(7))};
}

constexpr const char* kFolders =
    "SELECT id, parent_id, name, colour, position, created_at, archived_at, system_prompt, sampling, checkpoint_path,"
    " expires_days FROM folders WHERE deleted_at IS NULL ORDER BY position, name COLLATE NOCASE, id";

}  // namespace

QList<ConversationSummary> HistoryStore::conversationHeads() const {
    QList<ConversationSummary> result;
    Rows rows = m_impl->database.rows(kHeads);
    while (rows.next()) {
        result << headIn(rows);
    }
    return result;
}

std::optional<ConversationSummary> HistoryStore::conversationHead(qint64 id) const {
    Rows rows = m_impl->database.rows(kHead, {id});
    return rows.next() ? std::optional(headIn(rows)) : std::nullopt;
}

void HistoryStore::setPinned(const QList<qint64>& conversations, bool pinned) {
    m_impl->requireWritable();
    m_impl->database.run("UPDATE conversations SET pinned_at = ? WHERE id IN (SELECT value FROM json_each(?))",
                         {pinned ? QVariant(timeNow()) : QVariant(), idList(conversations)});
}

void HistoryStore::setArchived(const QList<qint64>& conversations, bool archived) {
    m_impl->requireWritable();
    m_impl->database.run("UPDATE conversations SET archived_at = ? WHERE id IN (SELECT value FROM json_each(?))",
                         {archived ? QVariant(timeNow()) : QVariant(), idList(conversations)});
}

void HistoryStore::setExpiry(const QList<qint64>& conversations, const QDateTime& time) {
    m_impl->requireWritable();
    m_impl->database.run("UPDATE conversations SET expires_at = ? WHERE id IN (SELECT value FROM json_each(?))",
                         {time.isValid() ? QVariant(time.toMSecsSinceEpoch()) : QVariant(), idList(conversations)});
}

void HistoryStore::moveToFolder(const QList<qint64>& conversations, qint64 folderId) {
    m_impl->requireWritable();
    Transaction transaction(m_impl->database);
    m_impl->requireFolder(folderId);
    m_impl->database.run("UPDATE conversations SET folder_id = ? WHERE id IN (SELECT value FROM json_each(?))",
                         {idOrNull(folderId), idList(conversations)});
    transaction.commit();
}

void HistoryStore::Impl::requireFolder(qint64 id) {
    if (id != 0 && database.value("SELECT 1 FROM folders WHERE id = ? AND deleted_at IS NULL", {id}).isNull()) {
        throw HistoryError(HistoryError::Kind::NotFound, tr("This folder is no longer in the history."));
    }
}

QList<Folder> HistoryStore::folders() const {
    QList<Folder> result;
    Rows rows = m_impl->database.rows(kFolders);
    while (rows.next()) {
        result << folderIn(rows);
    }
    return result;
}

qint64 HistoryStore::createFolder(const QString& name, qint64 parentId) {
    m_impl->requireWritable();
    const QString clean = storableText(name.simplified());
    if (clean.isEmpty()) {
        throw HistoryError(HistoryError::Kind::Other, tr("A folder needs a name."));
    }
    Transaction transaction(m_impl->database);
    m_impl->requireFolder(parentId);
    const qint64 id = m_impl->database.insert(
        "INSERT INTO folders (parent_id, name, position, created_at)"
        " VALUES (?, ?, (SELECT ifnull(max(position), 0) + 1 FROM folders), ?)",
        {idOrNull(parentId), clean, timeNow()});
    transaction.commit();
    return id;
}

void HistoryStore::renameFolder(qint64 id, const QString& name) {
    m_impl->requireWritable();
    if (const QString clean = storableText(name.simplified()); !clean.isEmpty()) {
        m_impl->changeOne("UPDATE folders SET name = ? WHERE id = ?", {clean, id});
    }
}

void HistoryStore::setFolderColour(qint64 id, const QString& colour) {
    m_impl->changeOne("UPDATE folders SET colour = ? WHERE id = ?", {storableText(colour), id});
}

void HistoryStore::setFolderExpiry(qint64 id, int days) {
    m_impl->changeOne("UPDATE folders SET expires_days = ? WHERE id = ?", {days > 0 ? QVariant(days) : QVariant(), id});
}

void HistoryStore::moveFolder(qint64 id, qint64 parentId) {
    m_impl->requireWritable();
    Transaction transaction(m_impl->database);
    m_impl->requireFolder(parentId);
    int depth = 0;
    for (qint64 above = parentId; above != 0; ++depth) {
        if (above == id || depth > kDeepestFolder) {
            throw HistoryError(HistoryError::Kind::Other, tr("A folder cannot be moved into itself."));
        }
        above = m_impl->database.value("SELECT parent_id FROM folders WHERE id = ?", {above}).toLongLong();
    }
    m_impl->changeOne("UPDATE folders SET parent_id = ? WHERE id = ?", {idOrNull(parentId), id});
    transaction.commit();
}

ConversationSettings HistoryStore::ownSettings(qint64 conversationId) const {
    Rows rows = m_impl->database.rows("SELECT system_prompt, sampling, checkpoint_path FROM conversations WHERE id = ?",
                                      {conversationId});
    return rows.next()
               ? ConversationSettings{rows.value(0).toString(), rows.value(1).toString(), rows.value(2).toString()}
               : ConversationSettings{};
}

void HistoryStore::setOwnSettings(qint64 conversationId, const ConversationSettings& settings) {
    m_impl->changeOne("UPDATE conversations SET system_prompt = ?, sampling = ?, checkpoint_path = ? WHERE id = ?",
                      {storableText(settings.systemPrompt), storableText(settings.sampling),
                       storableText(settings.checkpointPath), conversationId});
}

void HistoryStore::setFolderSettings(qint64 folderId, const ConversationSettings& settings) {
    m_impl->changeOne("UPDATE folders SET system_prompt = ?, sampling = ?, checkpoint_path = ? WHERE id = ?",
                      {storableText(settings.systemPrompt), storableText(settings.sampling),
                       storableText(settings.checkpointPath), folderId});
}

ConversationSettings HistoryStore::settingsFor(qint64 conversationId) const {
    ConversationSettings result = ownSettings(conversationId);
    qint64 folder =
        m_impl->database.value("SELECT folder_id FROM conversations WHERE id = ?", {conversationId}).toLongLong();
    for (int depth = 0; folder != 0 && depth < kDeepestFolder; ++depth) {
        Rows rows = m_impl->database.rows(
            "SELECT system_prompt, sampling, checkpoint_path, parent_id FROM folders"
            " WHERE id = ? AND deleted_at IS NULL",
            {folder});
        if (!rows.next()) {
            break;
        }
        const auto orElse = [](QString& own, const QVariant& above) {
            if (own.isEmpty()) {
                own = above.toString();
            }
        };
        orElse(result.systemPrompt, rows.value(0));
        orElse(result.sampling, rows.value(1));
        orElse(result.checkpointPath, rows.value(2));
        folder = rows.value(3).toLongLong();
    }
    return result;
}

}  // namespace alcove
