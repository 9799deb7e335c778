#include "app/chat/document_writer.h"

#include <algorithm>

#include <QtGui/QTextCursor>
#include <QtGui/QTextDocument>
#include <QtGui/QTextTable>

namespace alcove {

namespace {

constexpr int kLineHeightPercent = 122;
constexpr int kLevelIndent = 24;  // of a list in a list
constexpr int kQuoteIndent = 16;
constexpr int kMarkerCharacterWidth = 8;  // for markers that are wider than the indentation
constexpr int kCellPadding = 8;
constexpr int kHeadingMargin = 16;
constexpr int kParagraphMargin = 10;
constexpr int kItemMargin = 4;
constexpr double kCodeSize = 0.9;                         // of the running text: monospaced letters look larger
constexpr double kMarkSize = 0.75;                        // of the running text
constexpr double kHeadingSizes[] = {1.45, 1.25, 1.1, 1};  // of the running text, from # to ####

// Writes through one cursor, in one change of the document.
class Writer {
public:
    Writer(const DocumentLook& look, QTextDocument& document) : m_look(look), m_cursor(&document) {
        m_cursor.movePosition(QTextCursor::End);
        m_cursor.beginEditBlock();
    }
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;
    ~Writer() { m_cursor.endEditBlock(); }

    void clear() {
        m_cursor.select(QTextCursor::Document);
        m_cursor.removeSelectedText();
    }

    void write(const Paragraph& paragraph) {
        const QTextBlockFormat format = formatOf(paragraph);
        if (m_fresh) {
            m_cursor.setBlockFormat(format);
            m_cursor.setBlockCharFormat({});
        } else {
            m_cursor.insertBlock(format, {});
        }
        m_fresh = false;
        m_first = false;
        if (!paragraph.marker.isEmpty()) {
            m_cursor.insertText(paragraph.marker + u'\t', {});
        }
        write(paragraph.runs, paragraph);
    }

    void write(const Table& table) {
        if (table.columns == 0 || table.cells.isEmpty()) {
            return;
        }
        QTextTableFormat format;
        format.setBorder(1);
        format.setBorderCollapse(true);
        format.setBorderStyle(QTextFrameFormat::BorderStyle_Solid);
        format.setBorderBrush(m_look.lineColor);
        format.setCellPadding(kCellPadding);
        format.setCellSpacing(0);
        format.setTopMargin(m_first ? 0 : kParagraphMargin);
        format.setBottomMargin(4);
        const int rows = static_cast<int>((table.cells.size() + table.columns - 1) / table.columns);
        QTextTable* const made = m_cursor.insertTable(rows, table.columns, format);
        for (int i = 0; i < static_cast<int>(table.cells.size()); ++i) {
            const Table::Cell& cell = table.cells[i];
            QTextCursor inside = made->cellAt(i / table.columns, i % table.columns).firstCursorPosition();
            QTextBlockFormat aligned;
            if (cell.alignment != Qt::Alignment()) {
                aligned.setAlignment(cell.alignment);
            }
            inside.mergeBlockFormat(aligned);
            Paragraph like;
            like.heading = 0;
            for (const TextRun& run : cell.runs) {
                TextRun shown = run;
                shown.style |= cell.head ? TextRun::Strong : TextRun::Plain;
                inside.insertText(shown.text, formatOf(shown, like));
            }
        }
        m_cursor.movePosition(QTextCursor::End);
        m_fresh = true;  // Qt makes an empty paragraph after a table, and hides it while it is empty
        m_first = false;
    }

    void write(const TextRuns& runs, const Paragraph& paragraph) {
        for (const TextRun& run : runs) {
            m_cursor.insertText(run.text, formatOf(run, paragraph));
        }
    }

private:
    [[nodiscard]] QTextBlockFormat formatOf(const Paragraph& paragraph) const {
        QTextBlockFormat format;
        format.setLineHeight(kLineHeightPercent, QTextBlockFormat::ProportionalHeight);
        if (m_look.compact) {
            return format;
        }
        format.setTopMargin(m_first                   ? 0
                            : paragraph.heading > 0   ? kHeadingMargin
                            : paragraph.listDepth > 0 ? kItemMargin
                                                      : kParagraphMargin);
        format.setHeadingLevel(paragraph.heading);
        int left = kQuoteIndent * paragraph.quoteDepth + kLevelIndent * paragraph.listDepth;
        if (!paragraph.marker.isEmpty()) {
            // The marker hangs before the text, which begins at a tab stop.
            const int hanging =
                std::max(kLevelIndent, kMarkerCharacterWidth * (static_cast<int>(paragraph.marker.size()) + 1));
            left += hanging - kLevelIndent;
            format.setTextIndent(-hanging);
            format.setTabPositions({QTextOption::Tab(hanging, QTextOption::LeftTab)});
        }
        format.setLeftMargin(left);
        if (paragraph.rule) {
            format.setProperty(QTextFormat::BlockTrailingHorizontalRulerWidth,
                               QTextLength(QTextLength::PercentageLength, 100));
        }
        return format;
    }

    [[nodiscard]] QTextCharFormat formatOf(const TextRun& run, const Paragraph& paragraph) const {
        QTextCharFormat format;
        double size = 1;
        if (paragraph.heading > 0) {
            size = kHeadingSizes[std::min<int>(paragraph.heading, std::size(kHeadingSizes)) - 1];
            format.setFontWeight(QFont::DemiBold);
        }
        if ((run.style & TextRun::Strong) != 0) {
            format.setFontWeight(QFont::Bold);
        }
        if ((run.style & TextRun::Emphasis) != 0) {
            format.setFontItalic(true);
        }
        if ((run.style & TextRun::Struck) != 0) {
            format.setFontStrikeOut(true);
        }
        if (paragraph.quoteDepth > 0) {
            format.setForeground(m_look.quoteColor);
        }
        if ((run.style & TextRun::Code) != 0) {
            format.setFontFamilies({m_look.monospace});
            format.setFontFixedPitch(true);
            if (!m_look.compact) {
                size *= kCodeSize;
                format.setBackground(m_look.codeColor);
            }
        }
        if (!run.target.isEmpty()) {
            format.setAnchor(true);
            format.setAnchorHref(run.target);
            format.setForeground(m_look.linkColor);
            format.setFontUnderline(true);
        }
        if ((run.style & TextRun::Mark) != 0) {
            size = kMarkSize;
            format.setForeground(m_look.markColor);
            format.setBackground(m_look.markBackground);
        }
        if (size != 1) {
            format.setProperty(QTextFormat::FontPixelSize, qRound(m_look.pixelSize * size));
        }
        return format;
    }

    const DocumentLook& m_look;
    QTextCursor m_cursor;
    bool m_fresh = true;  // the cursor is in an empty paragraph to be written
    bool m_first = true;  // nothing is written yet
};

}  // namespace

void writeDocument(const StyledText& text, const DocumentLook& look, QTextDocument& document) {
    document.setUndoRedoEnabled(false);
    if (!document.rootFrame()->childFrames().isEmpty()) {
        document.clear();  // a cursor does not take tables out
    }
    Writer writer(look, document);
    writer.clear();
    for (const auto& part : text) {
        std::visit([&writer](const auto& shown) { writer.write(shown); }, part);
    }
}

void extendDocument(const TextRuns& text, const DocumentLook& look, QTextDocument& document) {
    Writer(look, document).write(text, {});
}

}  // namespace alcove
