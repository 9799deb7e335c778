#include "app/chat/block_splitter.h"

#include <algorithm>
#include <utility>

#include <QtCore/QRegularExpression>

namespace alcove {

namespace {

constexpr qsizetype kCodeIndentation = 4;
constexpr qsizetype kListIndentation = 2;
constexpr qsizetype kFenceLength = 3;
// Blank lines in a row that indented code keeps.
constexpr qsizetype kBlankLinesKept = 30;
// A table's head that is longer is not repeated.
constexpr qsizetype kRepeatedHeadCharacters = 500;
// How far a line's break is moved back, to where it may be seen less.
constexpr qsizetype kClusterCharacters = 32;

bool isBlank(const QString& line) {
    return std::all_of(line.begin(), line.end(), [](QChar character) { return character.isSpace(); });
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

// All of one character out of `characters`.
bool isRunOf(const QString& text, const QString& characters) {
    return !text.isEmpty() && characters.contains(text[0]) && text.count(text[0]) == text.size();
}

// What Qt's documents take for an end of a line, too.
bool endsLine(QChar character) {
    return character == u'\n' || character == QChar::LineSeparator || character == QChar::ParagraphSeparator;
}

// How many Latin letters a character costs to lay out: those that come from a font other than the text's, found by
// looking through fonts, cost most. Measured with Qt 6.4 (tests/bench/text_turns.cpp).
qsizetype weightOfCharacter(QChar character) {
    const char16_t code = character.unicode();
    if (code == u'|') {
        return 20;  // a cell of a table
    }
    struct Weight {
        char16_t end;  // of the code units that have it
        qsizetype weight;
    };
    constexpr Weight kWeights[] = {
        {0x0300, 1},   // Latin
        {0x0370, 10},  // combining marks
        {0x0590, 1},   // Greek, Cyrillic
        {0x2000, 5},   // Hebrew, Arabic, scripts of India …
        {0x2E80, 2},   // punctuation, symbols
        {0xD800, 8},   // Chinese, Japanese, Korean
        {0xE000, 50},  // halves of what is beyond 16 bits: emoji
    };
    for (const Weight& weight : kWeights) {
        if (code < weight.end) {
            return weight.weight;
        }
    }
    return 8;
}

// Where to break a line that goes on after its first `fitting` characters: after a word if one ends near, else between
// two characters. Looks at nothing beyond text[fitting].
qsizetype breakOf(QStringView text, qsizetype fitting) {
    constexpr QChar kJoiner(0x200D);
    for (qsizetype i = fitting; i > fitting - fitting / 4; --i) {
        if (text[i - 1] == u' ' || text[i - 1] == u'\t') {
            return i;
        }
    }
    for (qsizetype i = fitting; i > std::max(fitting - kClusterCharacters, qsizetype(0)); --i) {
        const bool belongsToTheOneBefore = text[i].isLowSurrogate() || text[i].isMark() || text[i] == kJoiner;
        if (!belongsToTheOneBefore && text[i - 1] != kJoiner) {
            return i;
        }
    }
    return text[fitting].isLowSurrogate() && fitting > 1 ? fitting - 1 : fitting;
}

// How long the two lines are that a table begins with; 0: it is none.
qsizetype headOfTable(const QString& text) {
    static const QRegularExpression rule(R"(^[ \t]*\|?[ \t]*:?-+:?[ \t]*(\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$)");
    const qsizetype first = text.indexOf(u'\n');
    if (first < 0 || !QStringView(text).left(first).contains(u'|')) {
        return 0;
    }
    const qsizetype found = text.indexOf(u'\n', first + 1);
    const qsizetype second = found < 0 ? text.size() : found;
    return rule.match(text.mid(first + 1, second - first - 1)).hasMatch() ? second : 0;
}

}  // namespace

bool BlockSplitter::isTable(const MessageBlock& block) {
    return block.kind == MessageBlock::Kind::Markdown && headOfTable(block.text) > 0;
}

qsizetype BlockSplitter::weightOf(QStringView text) {
    qsizetype weight = 0;
    for (const QChar character : text) {
        weight += weightOfCharacter(character);
    }
    return weight;
}

void BlockSplitter::append(const QString& text) {
    if (m_at == m_rest.size()) {
        m_rest = text;
        m_at = 0;
        return;
    }
    if (m_at > m_rest.size() / 2) {
        m_rest.remove(0, m_at);
        m_at = 0;
    }
    m_rest += text;
}

void BlockSplitter::goOnAs(const QString& text) {
    m_rest = text;
}

// Where the line that begins at m_at ends or is broken; -1: it has not ended yet.
qsizetype BlockSplitter::nextLineEnd() const {
    const QStringView line = QStringView(m_rest).mid(m_at, kLineCharacters + 1);
    qsizetype weight = 0;
    for (qsizetype i = 0; i < line.size(); ++i) {
        if (endsLine(line[i])) {
            return m_at + i;
        }
        weight += weightOfCharacter(line[i]);
        if (i == kLineCharacters || weight > kBlockWeight) {
            return m_at + breakOf(line, i);
        }
    }
    return -1;
}

bool BlockSplitter::waiting() const {
    return nextLineEnd() >= 0 || (m_finished && !m_closed);
}

qsizetype BlockSplitter::split(qsizetype cost, bool atLeastOne) {
    const auto affordable = [&](qsizetype spent) {
        const qsizetype next = weightOf(QStringView(m_rest).mid(m_at, nextLineEnd() - m_at)) + kLineCost;
        return spent + next <= cost || (atLeastOne && spent == 0);
    };
    if (nextLineEnd() >= 0 && !affordable(0)) {
        return 0;
    }
    hideTail();
    qsizetype spent = 0;
    while (nextLineEnd() >= 0 && affordable(spent)) {
        spent += takeNext();
    }
    if (nextLineEnd() >= 0) {
        return spent;
    }
    if (m_finished && !m_closed) {
        if (m_at < m_rest.size()) {
            spent += takeNext();
        }
        close();
        m_closed = true;
    } else {
        showTail();
        spent += m_tailShown ? m_state.weight : 0;
    }
    return spent;
}

qsizetype BlockSplitter::takeNext() {
    const qsizetype found = nextLineEnd();
    const qsizetype end = found < 0 ? m_rest.size() : found;
    const bool whole = end == m_rest.size() || endsLine(m_rest[end]);
    QString line = m_rest.mid(m_at, end - m_at);
    if (whole && line.endsWith(u'\r')) {
        line.chop(1);
    }
    const qsizetype blocks = m_blocks.size();
    const bool midLine = std::exchange(m_midLine, !whole);
    if (!midLine || !line.isEmpty()) {
        takeLine(line, midLine);
    }
    m_at = std::min(whole ? end + 1 : end, m_rest.size());
    const qsizetype cost = weightOf(line) + kLineCost + (m_blocks.size() - blocks) * kBlockCost;
    m_cost += cost;
    return cost;
}

void BlockSplitter::takeLine(const QString& line, bool midLine) {
    if (midLine && m_state.mode != Mode::Between) {
        write(line, true);
        return;
    }
    switch (m_state.mode) {
        case Mode::Between:
            takeLineBetween(line);
            return;
        case Mode::Plain:
            write(line);
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
                m_state.blankLines = std::min(m_state.blankLines + 1, kBlankLinesKept);
            } else if (ListLevels::indentationOf(line) >= kCodeIndentation) {
                for (qsizetype blank = std::exchange(m_state.blankLines, 0); blank > 0; --blank) {
                    write({});
                }
                write(withoutIndentation(line, kCodeIndentation));
            } else {
                close();
                takeLineBetween(line);
            }
            return;
        case Mode::Markdown:
            takeLineOfMarkdown(line);
            return;
    }
}

void BlockSplitter::takeLineOfMarkdown(const QString& line) {
    if (isBlank(line)) {
        m_state.blankLines = 1;  // more mean the same
        return;
    }
    if (opensFence(line)) {
        return;
    }
    const bool item = ListLevels::isItem(line);
    const qsizetype columns = ListLevels::indentationOf(line);
    if (columns < m_state.column && (item || m_state.blankLines > 0)) {
        close();  // it is not in the item that the block is in
        takeLineBetween(line);
        return;
    }
    if (m_state.blankLines > 0) {
        if (!m_state.lists.any() || !(item || columns >= kListIndentation)) {
            m_state.lists.clear();
            close();
            takeLineBetween(line);
            return;
        }
        m_state.blankLines = 0;
        write({});
    }
    m_state.lists.take(line);
    write(withoutIndentation(line, m_state.column));
}

void BlockSplitter::takeLineBetween(const QString& line) {
    if (m_form == Form::Plain) {
        begin(MessageBlock::Kind::Plain, {}, Mode::Plain);
        write(line);
        return;
    }
    if (isBlank(line)) {
        return;
    }
    const qsizetype columns = ListLevels::indentationOf(line);
    const bool indented = columns >= kCodeIndentation;
    if (indented && !m_state.lists.any()) {
        begin(MessageBlock::Kind::Code, {}, Mode::Indented);
        write(withoutIndentation(line, kCodeIndentation));
        return;
    }
    if (opensFence(line)) {
        return;
    }
    ListLevels lists = m_state.lists;
    if (columns < kListIndentation) {
        lists.clear();
    }
    begin(MessageBlock::Kind::Markdown, {}, Mode::Markdown);
    MessageBlock& block = m_blocks.last();
    block.level = lists.levelOf(columns);
    m_state.column = lists.columnOf(block.level);
    m_state.lists = lists;
    m_state.lists.take(line);
    write(block.level > 0 ? withoutIndentation(line, m_state.column) : indented ? line.trimmed() : line);
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
    const ListLevels lists = m_state.lists;
    close();
    begin(MessageBlock::Kind::Code, match.captured(2).left(kLanguageCharacters), Mode::Fence);
    m_blocks.last().level = lists.levelOf(ListLevels::indentationOf(line));
    m_state.lists = lists;
    m_state.fence = fence[0];
    m_state.fenceLength = fence.size();
    m_state.indentation = ListLevels::indentationOf(line);
    return true;
}

void BlockSplitter::begin(MessageBlock::Kind kind, const QString& language, Mode mode) {
    m_blocks.append({.kind = kind, .text = {}, .language = language});
    m_state = {};
    m_state.mode = mode;
}

// Begins another block for what the last one cannot hold.
void BlockSplitter::goOn(bool midLine) {
    MessageBlock& full = m_blocks.last();
    full.open = false;
    MessageBlock next = {.kind = full.kind,
                         .text = {},
                         .language = full.language,
                         .level = full.level,
                         .continues = true,
                         .midLine = midLine};
    const qsizetype headSize = m_state.mode == Mode::Markdown && !midLine ? headOfTable(full.text) : 0;
    const QString head = headSize <= kRepeatedHeadCharacters ? full.text.left(headSize) : QString();
    m_state.firstLine = head.isEmpty();
    m_state.lines = head.isEmpty() ? 0 : 2;
    m_state.weight = weightOf(head);
    next.text = head;
    m_blocks.append(next);
}

void BlockSplitter::close() {
    if (m_state.mode == Mode::Between) {
        return;
    }
    m_blocks.last().open = false;
    const ListLevels lists = m_state.lists;
    m_state = {};
    m_state.lists = lists;
}

void BlockSplitter::write(const QString& line, bool midLine) {
    const qsizetype weight = weightOf(line);
    const bool full = m_state.lines >= kBlockLines || m_state.weight + weight > kBlockWeight ||
                      m_blocks.last().text.size() + line.size() >= kBlockCharacters;
    if (midLine || (full && !m_state.firstLine)) {
        goOn(midLine);
    }
    QString& text = m_blocks.last().text;
    if (!m_state.firstLine) {
        text += u'\n';
    }
    text += line;
    m_state.firstLine = false;
    ++m_state.lines;
    m_state.weight += weight;
}

bool BlockSplitter::uncertain(const QString& tail) const {
    const QString text = tail.trimmed();
    if (text.isEmpty()) {
        return true;
    }
    if (m_midLine || m_state.mode == Mode::Plain) {
        return false;
    }
    if (m_state.mode == Mode::Fence) {
        return isRunOf(text, m_state.fence);
    }
    if (isRunOf(text, "`~") || text.startsWith(QString(kFenceLength, u'`')) ||
        text.startsWith(QString(kFenceLength, u'~'))) {
        return true;
    }
    // An item may begin another block, other text goes on with this one.
    if (m_state.mode == Mode::Markdown && m_state.lists.any() && (m_state.blankLines > 0 || m_state.column > 0)) {
        static const QRegularExpression pattern(R"(^([-+*]|\d{1,9}[.)]?)$)");
        return pattern.match(text).hasMatch() && !tail.back().isSpace();
    }
    return false;
}

void BlockSplitter::showTail() {
    QString tail = m_rest.mid(m_at);
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
    takeLine(tail, m_midLine);
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

QString BlockSplitter::codeAt(qsizetype index) const {
    BlockSplitter copy = *this;
    copy.hideTail();
    const auto wholeIn = [&copy](qsizetype at) {
        qsizetype last = at;
        while (last + 1 < copy.m_blocks.size() && copy.m_blocks[last + 1].continues) {
            ++last;
        }
        return last + 1 < copy.m_blocks.size() || !copy.m_blocks[last].open;
    };
    while (copy.waiting() && !wholeIn(index)) {
        copy.split(kBlockCharacters);
    }
    copy.split(0);
    qsizetype first = index;
    while (first > 0 && copy.m_blocks[first].continues) {
        --first;
    }
    QString code = copy.m_blocks[first].text;
    for (qsizetype i = first + 1; i < copy.m_blocks.size() && copy.m_blocks[i].continues; ++i) {
        if (!copy.m_blocks[i].midLine) {
            code += u'\n';
        }
        code += copy.m_blocks[i].text;
    }
    return code;
}

}  // namespace alcove
