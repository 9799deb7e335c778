#include "app/conversations/marked_document.h"

#include <QtGui/QTextCursor>
#include <QtGui/QTextDocument>

namespace alcove {

MarkedDocument::MarkedDocument(QObject* parent) : QObject(parent) {
    connect(this, &MarkedDocument::changed, this, &MarkedDocument::write);
}

void MarkedDocument::componentComplete() {
    m_complete = true;
    write();
}

void MarkedDocument::write() {
    if (!m_complete || !m_document) {
        return;
    }
    QTextCharFormat marked;
    marked.setFontWeight(QFont::DemiBold);
    if (m_markColor.isValid()) {
        marked.setForeground(m_markColor);
    }
    if (m_markBackground.isValid()) {
        marked.setBackground(m_markBackground);
    }
    QTextCursor cursor(m_document->textDocument());
    cursor.beginEditBlock();
    cursor.select(QTextCursor::Document);
    cursor.removeSelectedText();
    qsizetype at = 0;
    for (qsizetype i = 0; i + 1 < m_marks.size(); i += 2) {
        const qsizetype begin = qBound(at, m_marks[i].value<qsizetype>(), m_text.size());
        const qsizetype end = qBound(begin, m_marks[i + 1].value<qsizetype>(), m_text.size());
        cursor.insertText(m_text.mid(at, begin - at), QTextCharFormat());
        cursor.insertText(m_text.mid(begin, end - begin), marked);
        at = end;
    }
    cursor.insertText(m_text.mid(at), QTextCharFormat());
    cursor.endEditBlock();
}

}  // namespace alcove

#include "moc_marked_document.cpp"
