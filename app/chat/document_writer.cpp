#include "app/chat/document_writer.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include <QtGui/QFontMetricsF>
#include <QtGui/QTextCursor>
#include <QtGui/QTextDocument>
#include <QtGui/QTextTable>

namespace alcove {

namespace {

constexpr int kLineHeightPercent = 122;
constexpr int kLevelIndent = 24;          // of a list in a list
constexpr int kMarkerCharacterWidth = 8;  // for markers that are wider than the indentation
constexpr int kCellPadding = 8;
constexpr double kShortCell = 240;  // cells up to this width stay on one line
constexpr int kHeadingMargin = 16;
constexpr int kParagraphMargin = 10;
constexpr int kItemMargin = 4;
constexpr double kCodeSize = 0.9;                         // of the running text: monospaced letters look larger
constexpr double kMarkSize = 0.75;                        // of the running text
constexpr double kHeadingSizes[] = {1.45, 1.25, 1.1, 1};  // of the running text, from # to ####

// Of each column, with the space around its text: as wide as its longest word, and as its cells as far as they are
// short.
std::vector<double> columnWidths(const Table& table, const DocumentLook& look, QFont font) {
    font.setPixelSize(look.pixelSize);
    const QFontMetricsF plain(font);
    font.setBold(true);
    const QFontMetricsF bold(font);
    QFont fixed(look.monospace);
    fixed.setPixelSize(qRound(look.pixelSize * kCodeSize));
    const QFontMetricsF code(fixed);
    std::vector<double> widths(static_cast<std::size_t>(table.columns), 0);
    for (qsizetype i = 0; i < table.cells.size(); ++i) {
        const Table::Cell& cell = table.cells[i];
        double whole = 0;
        double word = 0;
        double longest = 0;
        for (const TextRun& run : cell.runs) {
            const QFontMetricsF& metrics = (run.style & TextRun::Code) != 0                  ? code
                                           : cell.head || (run.style & TextRun::Strong) != 0 ? bold
                                                                                             : plain;
            whole += metrics.horizontalAdvance(run.text);
            const QStringList parts = run.text.split(u' ');
            for (qsizetype part = 0; part < parts.size(); ++part) {
                word = (part == 0 ? word : 0) + metrics.horizontalAdvance(parts[part]);
                longest = std::max(longest, word);
            }
        }
        double& width = widths[static_cast<std::size_t>(i % table.columns)];
        width = std::max({width, longest, std::min(whole, kShortCell)});
    }
    for (double& width : widths) {
        width = std::ceil(width) + 2 * kCellPadding + 2;
    }
    return widths;
}

// Writes through one cursor, in one change of the document.
class Writer {
public:
    Writer(const DocumentLook& look, QTextDocument& document)
        : m_look(look), m_font(document.defaultFont()), m_cursor(&document) {
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
        if (m_look.fixedColumns) {
            QList<QTextLength> widths;
            for (const double width : columnWidths(table, m_look, m_font)) {
                widths.append(QTextLength(QTextLength::FixedLength, width));
            }
            format.setColumnWidthConstraints(widths);
        }
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
            format.setProperty(kRuleProperty, true);
        }
        if (paragraph.quoteDepth > 0) {
            format.setProperty(kQuoteDepthProperty, paragraph.quoteDepth);
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
    QFont m_font;
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

double tableWidth(const StyledText& text, const DocumentLook& look, const QFont& font) {
    double widest = 0;
    for (const auto& part : text) {
        if (const auto* table = std::get_if<Table>(&part); table != nullptr && table->columns > 0) {
            const std::vector<double> widths = columnWidths(*table, look, font);
            widest = std::max(widest, std::accumulate(widths.begin(), widths.end(), 2.0));
        }
    }
    return widest;
}

void extendDocument(const TextRuns& text, const DocumentLook& look, QTextDocument& document) {
    Writer(look, document).write(text, {});
}

}  // namespace alcove
