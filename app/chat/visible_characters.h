// Characters that are not seen, made visible: they can make text read otherwise than it is, or carry hidden text.
#pragma once

#include <QtCore/QStringView>

#include "app/chat/styled_text.h"

namespace alcove {

// In prose what emoji and scripts need for their letters (joiners, selectors of a glyph, soft hyphens) passes where it
// can do its work; in code everything is marked.
enum class Reading { Prose, Code };

// Adds `text` to `runs`, in the style and with the target of `like`. Control characters, those that turn the direction
// of text, those without width, tags and noncharacters become runs of the style Mark with their code points
// ("U+202E"). Many in a row become one mark, and after kMarks marks in `runs` each one is a "▯" in the text instead, so
// that the cost of drawing stays in proportion to the text. Ends of lines become QChar::LineSeparator.
void appendVisible(TextRuns& runs, QStringView text, Reading reading, const TextRun& like = {});

constexpr qsizetype kMarks = 64;

}  // namespace alcove
