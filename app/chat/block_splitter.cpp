#include "app/chat/block_splitter.h"

#include <algorithm>

#include <QtCore/QRegularExpression>

namespace alcove {

namespace {

constexpr qsizetype kCodeIndentation = 4;
constexpr qsizetype kListIndentation = 2;
constexpr qsizetype kFenceLength = 3;

bool isBlank(const QString& line) {
    return std::all_of(line.begin(), line.end(), [](QChar character) { return character.isSpace(); });
}

// In columns; a tab counts as four.
qsizetype indentationOf(const QString& line) {
    qsizetype columns = 0;
    for (const QChar character : line) {
        if (character == u' ') {
            ++columns;
        } else if (character == u'\t') {
            columns += kCodeIndentation;
        } else {
            break;
        }
    }
    return columns;
}

QString withoutIndentation(const QString& line, qsizetype columns) {
    qsizetype taken = 0;
    qsizetype i = 0;
    while (i < line.size() && taken < columns && (line[i] == u' ' || line[i] == u'\t')) {
        taken += line[i] == u'\t' ? kCodeIndentation : 1;
        ++i;
    }
    return line.mid(i);
}

bool isListItem(const QString& line) {
    static const QRegularExpression pattern(R"(^\s*([-+*]|\d{1,9}[.)])(\s|$))");
    return pattern.match(line).hasMatch();
}

// All of one character out of `characters`.
bool isRunOf(const QString& text, const QString& characters) {
    return !text.isEmpty() && characters.contains(text[0]) && text.count(text[0]) == text.size();
}

}  // namespace

void BlockSplitter::append(const QString& piece) {
    hideTail();
    m_tail += piece;
    qsizetype from = 0;
    for (qsizetype end = m_tail.indexOf(u'\n'); end >= 0; end = m_tail.indexOf(u'\n', from)) {
        QString line = m_tail.mid(from, end - from);
        if (line.endsWith(u'\r')) {
            line.chop(1);
        }
        takeLine(line);
        from = end + 1;
    }
    m_tail.remove(0, from);
    showTail();
}

void BlockSplitter::finish() {
    hideTail();
    if (m_tail.endsWith(u'\r')) {
        m_tail.chop(1);
    }
    if (!m_tail.isEmpty()) {
        takeLine(m_tail);
        m_tail.clear();
    }
    close();
}

void BlockSplitter::takeLine(const QString& line) {
    switch (m_state.mode) {
        case Mode::Between:
            takeLineBetween(line);
            return;
        case Mode::Fence: {
            const QString text = line.trimmed();
            if (text.size() >= m_state.fenceLength && isRunOf(text, m_state.fence)) {
                close();
            } else {
                write(withoutIndentation(line, m_state.indentation));
            }
            return;
        }
        case Mode::Indented:
            if (isBlank(line)) {
                ++m_state.blankLines;
            } else if (indentationOf(line) >= kCodeIndentation) {
                write(withoutIndentation(line, kCodeIndentation));
            } else {
                close();
                takeLineBetween(line);
            }
            return;
        case Mode::Markdown:
            if (isBlank(line)) {
                ++m_state.blankLines;
                return;
            }
            if (opensFence(line)) {
                return;
            }
            if (m_state.blankLines > 0 &&
                !(m_state.inList && (isListItem(line) || indentationOf(line) >= kListIndentation))) {
                m_state.inList = false;
                close();
                takeLineBetween(line);
                return;
            }
            m_state.inList = m_state.inList || isListItem(line);
            write(line);
            return;
    }
}

void BlockSplitter::takeLineBetween(const QString& line) {
    if (isBlank(line)) {
        return;
    }
    const bool indented = indentationOf(line) >= kCodeIndentation;
    if (indented && !m_state.inList) {
        begin(true, {}, Mode::Indented);
        write(withoutIndentation(line, kCodeIndentation));
        return;
    }
    if (opensFence(line)) {
        return;
    }
    const bool inList = isListItem(line) || (m_state.inList && indentationOf(line) >= kListIndentation);
    begin(false, {}, Mode::Markdown);
    m_state.inList = inList;
    write(indented ? line.trimmed() : line);
}

bool BlockSplitter::opensFence(const QString& line) {
    static const QRegularExpression pattern(R"(^\s*(`{3,}|~{3,})\s*(\S*)(.*)$)");
    const QRegularExpressionMatch match = pattern.match(line);
    if (!match.hasMatch()) {
        return false;
    }
    const QString fence = match.captured(1);
    if (fence[0] == u'`' && (match.capturedView(2).contains(u'`') || match.capturedView(3).contains(u'`'))) {
        return false;  // code within a line
    }
    const bool inList = m_state.inList;
    close();
    begin(true, match.captured(2), Mode::Fence);
    m_state.inList = inList;
    m_state.fence = fence[0];
    m_state.fenceLength = fence.size();
    m_state.indentation = indentationOf(line);
    return true;
}

void BlockSplitter::begin(bool code, const QString& language, Mode mode) {
    m_blocks.append({code, {}, language, true});
    m_state = {};
    m_state.mode = mode;
}

void BlockSplitter::close() {
    if (m_state.mode == Mode::Between) {
        return;
    }
    m_blocks.last().open = false;
    const bool inList = m_state.inList;
    m_state = {};
    m_state.inList = inList;
}

void BlockSplitter::write(const QString& line) {
    QString& text = m_blocks.last().text;
    if (!m_state.firstLine) {
        text += QString(m_state.blankLines + 1, u'\n');
    }
    text += line;
    m_state.firstLine = false;
    m_state.blankLines = 0;
}

bool BlockSplitter::uncertain(const QString& tail) const {
    const QString text = tail.trimmed();
    if (text.isEmpty()) {
        return true;
    }
    if (m_state.mode == Mode::Fence) {
        return isRunOf(text, m_state.fence);
    }
    if (isRunOf(text, "`~") || text.startsWith(QString(kFenceLength, u'`')) ||
        text.startsWith(QString(kFenceLength, u'~'))) {
        return true;
    }
    if (m_state.mode == Mode::Markdown && m_state.inList && m_state.blankLines > 0) {
        static const QRegularExpression pattern(R"(^([-+*]|\d{1,9}[.)]?)$)");
        return pattern.match(text).hasMatch() && !tail.back().isSpace();
    }
    return false;
}

void BlockSplitter::showTail() {
    QString tail = m_tail;
    if (tail.endsWith(u'\r') || (!tail.isEmpty() && tail.back().isHighSurrogate())) {
        tail.chop(1);  // half a line's end, half a character
    }
    if (uncertain(tail)) {
        return;
    }
    m_tailShown = true;
    m_stateBefore = m_state;
    m_blocksBefore = m_blocks.size();
    m_lastBefore = m_blocks.isEmpty() ? MessageBlock{} : m_blocks.last();
    takeLine(tail);
}

void BlockSplitter::hideTail() {
    if (!m_tailShown) {
        return;
    }
    m_tailShown = false;
    m_state = m_stateBefore;
    m_blocks.resize(m_blocksBefore);
    if (!m_blocks.isEmpty()) {
        m_blocks.last() = m_lastBefore;
    }
}

}  // namespace alcove
