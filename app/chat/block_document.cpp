#include "app/chat/block_document.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <QtCore/QRectF>
#include <QtGui/QAbstractTextDocumentLayout>
#include <QtGui/QTextBlock>
#include <QtGui/QTextDocument>

#include "app/chat/markdown_reader.h"
#include "app/chat/visible_characters.h"

namespace alcove {

namespace {

BlockDocument::Work& workDone() {
    static BlockDocument::Work work;
    return work;
}

void count(const TextRuns& runs) {
    workDone().parts += 1 + runs.size();
    for (const TextRun& run : runs) {
        workDone().characters += run.text.size();
    }
}

void count(const StyledText& text) {
    for (const auto& part : text) {
        if (const auto* paragraph = std::get_if<Paragraph>(&part)) {
            count(paragraph->runs);
        } else {
            for (const Table::Cell& cell : std::get<Table>(part).cells) {
                count(cell.runs);
            }
        }
    }
}

// Whether something is drawn beside the text.
bool marked(const StyledText& text) {
    return std::any_of(text.begin(), text.end(), [](const auto& part) {
        const auto* paragraph = std::get_if<Paragraph>(&part);
        return paragraph != nullptr && (paragraph->quoteDepth > 0 || paragraph->rule);
    });
}

}  // namespace

const BlockDocument::Work& BlockDocument::work() {
    return workDone();
}

BlockDocument::BlockDocument(QObject* parent) : QObject(parent) {
    connect(this, &BlockDocument::textChanged, this, &BlockDocument::update);
    connect(this, &BlockDocument::changed, this, &BlockDocument::writeSoon);
    connect(this, &BlockDocument::availableWidthChanged, this, [this] {
        if (m_tableWidth > 0) {
            writeSoon();
        }
    });
}

void BlockDocument::writeSoon() {
    if (m_complete && !m_lookWaits) {
        m_lookWaits = true;
        QMetaObject::invokeMethod(this, &BlockDocument::write, Qt::QueuedConnection);
    }
}

void BlockDocument::componentComplete() {
    m_complete = true;
    write();
}

void BlockDocument::update() {
    if (!m_complete || !m_document) {
        return;
    }
    const bool grown = m_kind == QLatin1String("code") && !m_lookWaits && !m_written.isEmpty() &&
                       m_text.startsWith(m_written) && !m_written.back().isHighSurrogate();
    if (!grown) {
        write();
        return;
    }
    TextRuns added;
    appendVisible(added, QStringView(m_text).mid(m_written.size()), Reading::Code, {{}, TextRun::Code, {}});
    m_written = m_text;
    extendDocument(added, look(), *m_document->textDocument());
    count(added);
    ++workDone().extended;
}

void BlockDocument::write() {
    m_lookWaits = false;
    if (!m_document) {
        return;
    }
    const StyledText styled = m_kind == QLatin1String("markdown") ? styledMarkdown(m_text)
                              : m_kind == QLatin1String("code")   ? styledCode(m_text)
                                                                  : styledPlain(m_text);
    m_written = m_text;
    QTextDocument& document = *m_document->textDocument();
    DocumentLook shown = look();
    const double wanted = alcove::tableWidth(styled, shown, document.defaultFont());
    shown.fixedColumns = m_availableWidth > 0 && wanted > m_availableWidth;
    if (std::exchange(m_tableWidth, wanted) != wanted) {
        emit tableWidthChanged();
    }
    const bool markedBefore = std::exchange(m_marked, marked(styled));
    writeDocument(styled, shown, document);
    if (m_marked) {
        connect(document.documentLayout(), &QAbstractTextDocumentLayout::documentSizeChanged, this,
                &BlockDocument::place, static_cast<Qt::ConnectionType>(Qt::QueuedConnection | Qt::UniqueConnection));
    }
    if (m_marked || markedBefore) {
        QMetaObject::invokeMethod(this, &BlockDocument::place, Qt::QueuedConnection);
    }
    count(styled);
    ++workDone().written;
}

// Once the text is laid out it is known where the marks are.
void BlockDocument::place() {
    QVariantList marks;
    if (m_document && m_marked) {
        constexpr double kBarWidth = 3;
        QTextDocument& document = *m_document->textDocument();
        QList<QRectF> bars;  // those that may go on, the outermost first
        const auto close = [&marks, &bars](qsizetype depth) {
            while (bars.size() > depth) {
                marks.append(bars.takeLast());
            }
        };
        for (QTextBlock block = document.begin(); block.isValid(); block = block.next()) {
            const QRectF place = document.documentLayout()->blockBoundingRect(block);
            const QTextBlockFormat format = block.blockFormat();
            const int depth = format.intProperty(kQuoteDepthProperty);
            close(depth);
            for (QRectF& bar : bars) {
                bar.setBottom(place.bottom());
            }
            while (bars.size() < depth) {
                bars.append(
                    QRectF(static_cast<double>(kQuoteIndent * bars.size()), place.top(), kBarWidth, place.height()));
            }
            if (format.boolProperty(kRuleProperty)) {
                const double left = kQuoteIndent * depth;
                marks.append(QRectF(left, std::round(place.center().y()), 0, 1));
            }
        }
        close(0);
    }
    if (marks != m_marks) {
        m_marks = marks;
        emit marksChanged();
    }
}

DocumentLook BlockDocument::look() const {
    return {.monospace = m_monospace,
            .pixelSize = m_pixelSize,
            .codeColor = m_codeColor,
            .lineColor = m_lineColor,
            .linkColor = m_linkColor,
            .quoteColor = m_quoteColor,
            .markColor = m_markColor,
            .markBackground = m_markBackground,
            .compact = m_kind != QLatin1String("markdown")};
}

}  // namespace alcove

#include "moc_block_document.cpp"
