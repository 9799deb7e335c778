#include "app/transfer/restoring.h"

#include <algorithm>

#include <QFile>
#include <QFileInfo>
#include <QTemporaryDir>

#include "app/history/file/history_files.h"
#include "app/transfer/import_texts.h"
#include "engine/base/error.h"

namespace alcove {
namespace {

[[noreturn]] void refuse(const QString& sentence) {
    throw HistoryError(HistoryError::Kind::Other, sentence);
}

void copyBackup(const QString& from, const QString& to) {
    constexpr qint64 kPiece = qint64{1} << 20;
    QFile source(from);
    if (!source.open(QIODevice::ReadOnly)) {
        refuse(ImportText::tr("%1 cannot be read: %2").arg(from, source.errorString()));
    }
    if (source.peek(16) != QByteArrayLiteral("SQLite format 3\0").left(15) + '\0') {
        refuse(ImportText::tr("%1 is no backup of Alcove's.").arg(from));
    }
    createPrivateFile(to);
    QFile target(to);
    if (!target.open(QIODevice::WriteOnly)) {
        refuse(ImportText::tr("%1 cannot be written: %2").arg(to, target.errorString()));
    }
    while (true) {
        const QByteArray piece = source.read(kPiece);
        if (piece.isEmpty()) {
            break;
        }
        if (target.write(piece) != piece.size()) {
            refuse(ImportText::tr("%1 cannot be written: %2").arg(to, target.errorString()));
        }
    }
    if (source.error() != QFileDevice::NoError || !target.flush()) {
        refuse(ImportText::tr("The backup %1 could not be read to its end.").arg(from));
    }
}

}  // namespace

void restoreBackup(HistoryStore& store, const QString& file, const QString& dataFolder, ImportResult& result,
                   const engine::Cancellation& cancel) {
    const QTemporaryDir folder(dataFolder + QStringLiteral("/.alcove-restore-XXXXXX"));
    if (!folder.isValid()) {
        refuse(ImportText::tr("There is no place for a copy of the backup: %1").arg(folder.errorString()));
    }
    copyBackup(file, historyFile(folder.path()));
    const HistoryStore backup = HistoryStore::open(folder.path());
    using State = OpenReport::State;
    const State state = backup.report().state;
    if (state == State::ReadOnlyNewer || state == State::Unavailable) {
        refuse(backup.report().sentence);
    }
    if (state == State::Recovered) {
        result.damages << PassedOver{QFileInfo(file).fileName(),
                                     ImportText::tr("The backup is damaged; what can be read of it is restored.")};
        result.passedOver << result.damages.last();
    }
    for (const FolderRecord& record : backup.folderRecords()) {
        store.importFolder(record);
    }
    QList<ConversationSummary> all = backup.conversations();
    std::reverse(all.begin(), all.end());  // oldest first, as they were begun
    for (const ConversationSummary& one : std::as_const(all)) {
        if (cancel.requested()) {
            result.cancelled = true;
            break;
        }
        const ConversationRecord record = backup.conversationRecord(one.id);
        const AddedConversation added = store.importConversation(record);
        if (added.inBin) {
            result.passedOver << PassedOver{record.title, ImportText::tr("It is in the bin. Restore it there.")};
            continue;
        }
        result.conversations += added.isNew ? 1 : 0;
        result.grown += !added.isNew && added.messages > 0 ? 1 : 0;
        result.unchanged += !added.isNew && added.messages == 0 ? 1 : 0;
        result.messages += added.messages;
        result.branches += added.branches;
        const QString draft = backup.draft(one.id);
        if (!draft.isEmpty() && store.draft(added.id).isEmpty()) {
            store.setDraft(added.id, draft);
        }
    }
    store.finishImport();
}

}  // namespace alcove
