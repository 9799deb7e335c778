#include "app/history/erasure.h"

#include <QFile>

#include "app/history/bin.h"
#include "app/history/file/backup.h"
#include "app/history/file/history_files.h"
#include "app/history/file/search_file.h"

namespace alcove {
namespace {

QString erasingMark(const QString& folder) {
    return folder + QStringLiteral("/history-erasing");
}

void markErasing(const QString& folder) {
    try {
        createPrivateFile(erasingMark(folder));
        syncFolder(folder);
    } catch (const HistoryError&) {
        return;  // it is there already, or the disk is full: no reason to keep what is to be deleted
    }
}

}  // namespace

bool eraseDeletedBy(Database& database, const QString& folder, const QVariant& session) {
    const QVariant begun = database.value(
        "SELECT min(created_at) FROM conversations WHERE deleted_at IS NOT NULL AND deleted_by IS ?", {session});
    if (begun.isNull()) {
        return false;
    }
    if (!folder.isEmpty()) {
        markErasing(folder);
        removeCopiesMadeAfter(folder, QDateTime::fromMSecsSinceEpoch(begun.toLongLong(), Qt::UTC));
    }
    Transaction transaction(database);
    database.run(
        "DELETE FROM drafts WHERE conversation_id IN"
        " (SELECT id FROM conversations WHERE deleted_at IS NOT NULL AND deleted_by IS ?)",
        {session});
    database.run("DELETE FROM conversations WHERE deleted_at IS NOT NULL AND deleted_by IS ?", {session});
    transaction.commit();
    return true;
}

bool eraseBinnedBefore(Database& database, const QString& folder, const QDateTime& time) {
    const qint64 before = time.toMSecsSinceEpoch();
    const QVariant begun = database.value(
        "SELECT min(begun) FROM ("
        "SELECT min(created_at) AS begun FROM messages WHERE binned_at IS NOT NULL AND binned_at < ? UNION ALL"
        " SELECT min(created_at) FROM conversations WHERE deleted_at < ? AND deleted_by = ? UNION ALL"
        " SELECT min(created_at) FROM folders WHERE deleted_at < ? AND deleted_by = ?)",
        {before, before, kInBin, before, kInBin});
    if (begun.isNull()) {
        return false;
    }
    if (!folder.isEmpty()) {
        markErasing(folder);
        removeCopiesMadeAfter(folder, QDateTime::fromMSecsSinceEpoch(begun.toLongLong(), Qt::UTC));
    }
    Transaction transaction(database);
    database.run("DELETE FROM messages WHERE binned_at IS NOT NULL AND binned_at < ?", {before});
    database.run(
        "DELETE FROM drafts WHERE conversation_id IN"
        " (SELECT id FROM conversations WHERE deleted_at < ? AND deleted_by = ?)",
        {before, kInBin});
    database.run("DELETE FROM conversations WHERE deleted_at < ? AND deleted_by = ?", {before, kInBin});
    database.run("DELETE FROM folders WHERE deleted_at < ? AND deleted_by = ?", {before, kInBin});
    transaction.commit();
    return true;
}

void finishErasing(Database& database, const QString& folder, bool erased) {
    if (folder.isEmpty() || !(erased || QFile::exists(erasingMark(folder)))) {
        return;
    }
    try {
        database.runOnce(QStringLiteral("VACUUM"));
        // After the rows are gone: what reads the history for the index from now on does not see them.
        const bool indexEmptied = emptySearchIndex(folder);
        if (database.emptyLog() && indexEmptied) {
            QFile::remove(erasingMark(folder));
        }
    } catch (const HistoryError&) {
        // A full disk or another program that writes: the next start does it, by the mark, which may be missing where
        // the disk was full when it was to be made.
        markErasing(folder);
    }
}

}  // namespace alcove
