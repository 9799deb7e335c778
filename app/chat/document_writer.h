// Styled text as a document of Qt's.
#pragma once

#include <QtGui/QColor>

#include "app/chat/styled_text.h"

class QTextDocument;

namespace alcove {

struct DocumentLook {
    QString monospace = QStringLiteral("monospace");
    int pixelSize = 15;  // of the running text
    QColor codeColor;    // behind code in running text
    QColor lineColor;    // of tables and rules
    QColor linkColor;
    QColor quoteColor;
    QColor markColor;       // of characters that are not seen …
    QColor markBackground;  // … and behind them
    // The whole block is code, or a person's words: no space between its lines.
    bool compact = false;
    bool operator==(const DocumentLook&) const = default;
};

// Puts `text` in the place of all that `document` holds, in one change, so that it is laid out once (where it holds
// tables, it is emptied first). Makes no images and no links but the runs' targets.
void writeDocument(const StyledText& text, const DocumentLook& look, QTextDocument& document);

// Adds `text`, runs without links in one paragraph, at the end of the last paragraph; it alone is laid out again.
void extendDocument(const TextRuns& text, const DocumentLook& look, QTextDocument& document);

}  // namespace alcove
