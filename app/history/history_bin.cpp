// The bin: conversations and folders that can be brought back, until they are erased.
#include <algorithm>

#include "app/history/bin.h"
#include "app/history/erasure.h"
#include "app/history/file/history_files.h"
#include "app/history/history_impl.h"

namespace alcove {
namespace {

constexpr int kEraserTimeoutMs = 5000;

QString binList(const QList<qint64>& ids) {
    QString list = QStringLiteral("[");
    for (const qint64 id : ids) {
        list += (list.size() > 1 ? QStringLiteral(",") : QString()) + QString::number(id);
    }
    return list + QLatin1Char(']');
}

}  // namespace

void HistoryStore::binConversations(const QList<qint64>& ids) {
    m_impl->requireWritable();
    m_impl->database.run(
        "UPDATE conversations SET deleted_at = ?, deleted_by = ?"
        " WHERE deleted_at IS NULL AND id IN (SELECT value FROM json_each(?))",
        {timeNow(), kInBin, binList(ids)});
    m_impl->database.emptyLog();  // recovery reads older pages in it where the file is damaged
}

void HistoryStore::restoreConversations(const QList<qint64>& ids) {
    m_impl->requireWritable();
    m_impl->database.run(
        "UPDATE conversations SET deleted_at = NULL, deleted_by = NULL,"
        " folder_id = (SELECT f.id FROM folders f WHERE f.id = folder_id AND f.deleted_at IS NULL)"
        " WHERE id IN (SELECT value FROM json_each(?))",
        {binList(ids)});
}

// A folder goes with all below it, and is known by the time of that.
void HistoryStore::binFolder(qint64 id) {
    m_impl->requireWritable();
    Transaction transaction(m_impl->database);
    m_impl->requireFolder(id);
    const qint64 time = timeNow();
    m_impl->database.run(
        "WITH RECURSIVE below(id) AS (SELECT ? UNION SELECT f.id FROM folders f JOIN below b ON f.parent_id = b.id)"
        " UPDATE conversations SET deleted_at = ?, deleted_by = ?"
        " WHERE deleted_at IS NULL AND folder_id IN (SELECT id FROM below)",
        {id, time, kInBin});
    m_impl->database.run(
        "WITH RECURSIVE below(id) AS (SELECT ? UNION SELECT f.id FROM folders f JOIN below b ON f.parent_id = b.id)"
        " UPDATE folders SET deleted_at = ?, deleted_by = ? WHERE deleted_at IS NULL AND id IN (SELECT id FROM below)",
        {id, time, kInBin});
    transaction.commit();
    m_impl->database.emptyLog();
}

void HistoryStore::restoreFolder(qint64 id) {
    m_impl->requireWritable();
    Transaction transaction(m_impl->database);
    const QVariant time = m_impl->database.value("SELECT deleted_at FROM folders WHERE id = ?", {id});
    if (time.isNull()) {
        throw HistoryError(HistoryError::Kind::NotFound, tr("This folder is no longer in the history."));
    }
    m_impl->database.run(
        "WITH RECURSIVE below(id) AS (SELECT ? UNION SELECT f.id FROM folders f JOIN below b ON f.parent_id = b.id)"
        " UPDATE conversations SET deleted_at = NULL, deleted_by = NULL"
        " WHERE deleted_at = ? AND folder_id IN (SELECT id FROM below)",
        {id, time});
    m_impl->database.run(
        "WITH RECURSIVE below(id) AS (SELECT ? UNION SELECT f.id FROM folders f JOIN below b ON f.parent_id = b.id)"
        " UPDATE folders SET deleted_at = NULL, deleted_by = NULL"
        " WHERE deleted_at = ? AND id IN (SELECT id FROM below)",
        {id, time});
    // One whose folder is in the bin comes back at the top.
    m_impl->database.run(
        "UPDATE folders SET parent_id = NULL WHERE id = ?"
        " AND parent_id NOT IN (SELECT id FROM folders WHERE deleted_at IS NULL)",
        {id});
    transaction.commit();
}

QList<BinnedItem> HistoryStore::bin() const {
    QList<BinnedItem> result;
    {
        // Of a folder that went as a whole, the conversations are not listed themselves, nor the folders below.
        Rows rows = m_impl->database.rows(
            "SELECT c.id, c.title, c.deleted_at, (SELECT count(*) FROM messages m WHERE m.conversation_id = c.id)"
            " FROM conversations c LEFT JOIN folders f ON f.id = c.folder_id AND f.deleted_at = c.deleted_at"
            " WHERE c.deleted_at IS NOT NULL AND c.deleted_by = ? AND f.id IS NULL"
            " ORDER BY c.deleted_at DESC, c.id DESC",
            {kInBin});
        while (rows.next()) {
            result << BinnedItem{BinnedItem::Kind::Conversation, rows.value(0).toLongLong(), rows.value(1).toString(),
                                 toTime(rows.value(2)), rows.value(3).toInt()};
        }
    }
    Rows rows = m_impl->database.rows(
        "SELECT f.id, f.name, f.deleted_at,"
        " (SELECT count(*) FROM conversations c WHERE c.folder_id = f.id AND c.deleted_at = f.deleted_at)"
        " FROM folders f LEFT JOIN folders p ON p.id = f.parent_id AND p.deleted_at = f.deleted_at"
        " WHERE f.deleted_at IS NOT NULL AND p.id IS NULL ORDER BY f.deleted_at DESC, f.id DESC");
    while (rows.next()) {
        result << BinnedItem{BinnedItem::Kind::Folder, rows.value(0).toLongLong(), rows.value(1).toString(),
                             toTime(rows.value(2)), rows.value(3).toInt()};
    }
    for (const BinnedBranch& branch : binnedBranches()) {
        result << BinnedItem{BinnedItem::Kind::Branch, branch.rootId, branch.beginning, branch.binnedAt,
                             branch.messages};
    }
    std::stable_sort(result.begin(), result.end(),
                     [](const BinnedItem& a, const BinnedItem& b) { return a.binnedAt > b.binnedAt; });
    return result;
}

int HistoryStore::binExpired(const QDateTime& now) {
    m_impl->requireWritable();
    // A folder's days count from the last use of a conversation in it.
    const qint64 time = now.toMSecsSinceEpoch();
    constexpr qint64 kMsInDay = qint64{24} * 60 * 60 * 1000;
    return m_impl->database.change(
        "UPDATE conversations SET deleted_at = ?, deleted_by = ? WHERE deleted_at IS NULL AND"
        " (expires_at <= ? OR (expires_at IS NULL AND folder_id IN (SELECT id FROM folders WHERE expires_days > 0)"
        "  AND updated_at + ? * (SELECT f.expires_days FROM folders f WHERE f.id = folder_id) <= ?))",
        {time, kInBin, time, kMsInDay, time});
}

void eraseBin(const QString& folder, const QDateTime& before) {
    Database database(historyFile(folder), Database::Mode::ReadWrite, kEraserTimeoutMs);
    finishErasing(database, folder, eraseBinnedBefore(database, folder, before));
}

void HistoryStore::eraseBinned(const QDateTime& before) {
    m_impl->requireWritable();
    const bool erased = eraseBinnedBefore(m_impl->database, m_impl->opened.folder, before);
    finishErasing(m_impl->database, m_impl->opened.folder, erased);
}

}  // namespace alcove
