#include "ui/controls/document_style.h"

#include <QtGui/QTextBlock>
#include <QtGui/QTextCursor>
#include <QtGui/QTextDocument>
#include <QtGui/QTextList>
#include <QtGui/QTextTable>

namespace alcove {
namespace {

constexpr int kLineHeightPercent = 122;
constexpr int kListIndent = 24;
constexpr int kCellPadding = 8;
constexpr double kCodeSize = 0.9;                         // of the running text: monospaced letters look larger
constexpr double kHeadingSizes[] = {1.45, 1.25, 1.1, 1};  // of the running text, from # to ####

}  // namespace

DocumentStyle::DocumentStyle(QObject* parent) : QObject(parent) {
    connect(this, &DocumentStyle::changed, this, &DocumentStyle::apply);
}

void DocumentStyle::setDocument(QQuickTextDocument* document) {
    if (m_document == document)
        return;
    if (m_document)
        disconnect(m_document->textDocument(), nullptr, this, nullptr);
    m_document = document;
    if (m_document) {
        m_document->textDocument()->setUndoRedoEnabled(false);
        m_document->textDocument()->setIndentWidth(kListIndent);
        connect(m_document->textDocument(), &QTextDocument::contentsChanged, this, &DocumentStyle::apply);
    }
    emit changed();
}

void DocumentStyle::apply() {
    if (m_applying || !m_document)
        return;
    m_applying = true;
    QTextDocument& document = *m_document->textDocument();
    QTextCursor edit(&document);
    edit.beginEditBlock();
    styleBlocks(document);
    for (QTextFrame* frame : document.rootFrame()->childFrames()) {
        if (auto* table = qobject_cast<QTextTable*>(frame))
            styleTable(*table);
    }
    edit.endEditBlock();
    m_applying = false;
}

void DocumentStyle::styleBlocks(QTextDocument& document) const {
    for (QTextBlock block = document.begin(); block.isValid(); block = block.next()) {
        QTextCursor cursor(block);
        const bool inTable = cursor.currentTable() != nullptr;
        const int level = block.blockFormat().headingLevel();
        const bool quoted = block.blockFormat().hasProperty(QTextFormat::BlockQuoteLevel);
        QTextBlockFormat format;
        format.setLineHeight(inTable ? 100 : kLineHeightPercent, QTextBlockFormat::ProportionalHeight);
        format.setTopMargin(block.blockNumber() == 0 || inTable ? 0 : level > 0 ? 16 : block.textList() ? 4 : 10);
        format.setBottomMargin(0);
        if (quoted)
            format.setLeftMargin(16);
        cursor.mergeBlockFormat(format);

        for (auto it = block.begin(); !it.atEnd(); ++it) {
            const QTextFragment fragment = it.fragment();
            QTextCharFormat look;
            if (level > 0) {
                const int index = std::min<int>(level, std::size(kHeadingSizes)) - 1;
                look.setProperty(QTextFormat::FontPixelSize, qRound(m_pixelSize * kHeadingSizes[index]));
                look.setFontWeight(QFont::DemiBold);
            }
            if (fragment.charFormat().fontFixedPitch()) {
                look.setFontFamilies({m_monospace});
                look.setProperty(QTextFormat::FontPixelSize, qRound(m_pixelSize * kCodeSize));
                look.setBackground(m_codeColor);
            }
            if (fragment.charFormat().isAnchor())
                look.setForeground(m_linkColor);
            else if (quoted)
                look.setForeground(m_quoteColor);
            if (look.propertyCount() == 0)
                continue;
            cursor.setPosition(fragment.position());
            cursor.setPosition(fragment.position() + fragment.length(), QTextCursor::KeepAnchor);
            cursor.mergeCharFormat(look);
        }
    }
}

void DocumentStyle::styleTable(QTextTable& table) const {
    QTextTableFormat format = table.format();
    format.setBorder(1);
    format.setBorderCollapse(true);
    format.setBorderStyle(QTextFrameFormat::BorderStyle_Solid);
    format.setBorderBrush(m_lineColor);
    format.setCellPadding(kCellPadding);
    format.setCellSpacing(0);
    format.setTopMargin(12);
    format.setBottomMargin(4);
    table.setFormat(format);
}

}  // namespace alcove

#include "moc_document_style.cpp"
