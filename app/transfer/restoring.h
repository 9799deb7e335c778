// Takes a backup back into a history, whatever that holds by now.
#pragma once

#include "app/history/history_store.h"
#include "app/transfer/importing.h"

namespace alcove {

// Conversations, folders and what belongs to them, those in the bin too (they go there), and drafts where there are
// none. What is there already is not doubled, and what has become of it since stays. The backup may be of an older
// schema; it is not changed: a copy is opened, in `dataFolder`, for as long as this takes. Throws HistoryError with a
// sentence where the file is no backup of Alcove's; `result` then says what was restored before.
void restoreBackup(HistoryStore& store, const QString& file, const QString& dataFolder, ImportResult& result,
                   const engine::Cancellation& cancel);

}  // namespace alcove
