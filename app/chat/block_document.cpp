#include "app/chat/block_document.h"

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

}  // namespace

const BlockDocument::Work& BlockDocument::work() {
    return workDone();
}

BlockDocument::BlockDocument(QObject* parent) : QObject(parent) {
    connect(this, &BlockDocument::textChanged, this, &BlockDocument::update);
    connect(this, &BlockDocument::changed, this, [this] {
        if (m_complete && !m_lookWaits) {
            m_lookWaits = true;
            QMetaObject::invokeMethod(this, &BlockDocument::write, Qt::QueuedConnection);
        }
    });
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
    writeDocument(styled, look(), *m_document->textDocument());
    count(styled);
    ++workDone().written;
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
