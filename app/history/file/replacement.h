// A damaged history file makes way for a recovered one, by renames that a power cut may stop between any two.
#pragma once

#include <QString>

#include "app/history/file/history_error.h"

namespace alcove {

// Sets `folder`/history.sqlite and its log aside under one dated name, and puts the complete database `recovered` in
// their place. Returns the name. Throws HistoryError.
QString replaceDamagedFile(const QString& folder, const QString& recovered);

// Ends a replacement that was stopped, or takes it back where the damaged file had not been renamed yet. Call it before
// looking for the file.
void finishInterruptedReplacement(const QString& folder);

}  // namespace alcove
