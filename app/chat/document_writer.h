// Styled text as a document of Qt's.
#pragma once

#include <QtGui/QColor>
#include <QtGui/QFont>
#include <QtGui/QTextFormat>

#include "app/chat/styled_text.h"

class QTextDocument;

namespace alcove {

// Properties of a paragraph's format: what is drawn beside the text.
constexpr int kQuoteDepthProperty = QTextFormat::UserProperty;  // how many bars at its left
constexpr int kRuleProperty = QTextFormat::UserProperty + 1;    // a line across, in the place of text
constexpr int kQuoteIndent = 16;                                // from one bar to the next

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
    // Columns of tables are as wide as tableWidth() says, however narrow the document is.
    bool fixedColumns = false;
    bool operator==(const DocumentLook&) const = default;
};

// Puts `text` in the place of all that `document` holds, in one change, so that it is laid out once (where it holds
// tables, it is emptied first). Makes no images and no links but the runs' targets.
void writeDocument(const StyledText& text, const DocumentLook& look, QTextDocument& document);

// The width that the widest table of `text` wants at least: no word is broken, and no cell wraps that is short. 0:
// there is none. `font` is that of the running text.
[[nodiscard]] double tableWidth(const StyledText& text, const DocumentLook& look, const QFont& font);

// Adds `text`, runs without links in one paragraph, at the end of the last paragraph; it alone is laid out again.
void extendDocument(const TextRuns& text, const DocumentLook& look, QTextDocument& document);

}  // namespace alcove
