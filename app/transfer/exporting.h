// Writes conversations of the history, one after the other, in one of the formats.
#pragma once

#include "app/history/history_store.h"
#include "app/transfer/own_json.h"
#include "engine/base/cancellation.h"

namespace alcove {

enum class ExportFormat { Markdown, Json, Html };

// In this order. `title` is that of the page (HTML). With folders that are empty if `allFolders`, else with those of
// the conversations. Throws HistoryError, NotFound too, what `write` throws, and Error{Cancelled} once that is
// requested.
void exportConversations(const HistoryStore& store, const QList<qint64>& ids, ExportFormat format, const QString& title,
                         bool allFolders, const WriteText& write, const engine::Cancellation& cancel);

}  // namespace alcove
