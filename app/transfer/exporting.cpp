#include "app/transfer/exporting.h"

#include <algorithm>

#include "app/transfer/export_text.h"

namespace alcove {
namespace {

bool isIn(const QStringList& path, const QStringList& folder) {
    return folder.size() <= path.size() && std::equal(folder.begin(), folder.end(), path.begin());
}

QList<FolderRecord> foldersOf(const HistoryStore& store, const QList<QStringList>& used, bool all) {
    QList<FolderRecord> folders = store.folderRecords();
    if (!all) {
        folders.removeIf([&used](const FolderRecord& folder) {
            return std::none_of(used.begin(), used.end(),
                                [&folder](const QStringList& path) { return isIn(path, folder.path); });
        });
    }
    return folders;
}

}  // namespace

void exportConversations(const HistoryStore& store, const QList<qint64>& ids, ExportFormat format, const QString& title,
                         bool allFolders, const WriteText& write, const engine::Cancellation& cancel) {
    MarkdownWriter markdown(write);
    HtmlWriter html(write);
    OwnJsonWriter json(write);
    QList<QStringList> folders;
    if (format == ExportFormat::Html) {
        html.begin(title);
    } else if (format == ExportFormat::Json) {
        json.begin();
    }
    for (const qint64 id : ids) {
        cancel.check(ALCOVE_TEXT("engine", "The export was stopped."));
        const ConversationRecord record = store.conversationRecord(id);
        switch (format) {
            case ExportFormat::Markdown:
                markdown.add(record);
                break;
            case ExportFormat::Html:
                html.add(record);
                break;
            case ExportFormat::Json:
                json.add(record);
                if (!record.folder.isEmpty() && !folders.contains(record.folder)) {
                    folders << record.folder;
                }
                break;
        }
    }
    if (format == ExportFormat::Html) {
        html.end();
    } else if (format == ExportFormat::Json) {
        json.end(foldersOf(store, folders, allFolders));
    }
}

}  // namespace alcove
