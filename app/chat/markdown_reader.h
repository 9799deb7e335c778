// What Markdown that somebody else wrote looks like: nothing in it can load, run or open anything.
#pragma once

#include "app/chat/styled_text.h"

namespace alcove {

// The Markdown of GitHub. HTML is no markup here: it is shown as the characters that were written, and so are images
// and links to anything but webAddress(). Characters that are not seen are marked (visible_characters.h). Takes time in
// proportion to the size of `markdown`, which is at most a few thousand characters: a block of BlockSplitter. Where
// drawing would take more than that (kRuns, kCells), all is shown as it was written.
[[nodiscard]] StyledText styledMarkdown(const QString& markdown);

// The same for what is no markup.
[[nodiscard]] StyledText styledPlain(const QString& text);
[[nodiscard]] StyledText styledCode(const QString& text);

constexpr qsizetype kRuns = 400;   // pieces of one look
constexpr qsizetype kCells = 160;  // of tables
constexpr int kDepth = 8;          // of quotes or lists: deeper ones are drawn like this one

}  // namespace alcove
