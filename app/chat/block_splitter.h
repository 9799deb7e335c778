// Splits a message that is still being written into blocks of bounded size, so that finished ones can be left alone.
#pragma once

#include <QtCore/QList>
#include <QtCore/QString>
#include <QtCore/QStringView>

#include "app/chat/list_levels.h"

namespace alcove {

// A piece of a message that is laid out at once.
struct MessageBlock {
    enum class Kind { Markdown, Code, Plain };

    Kind kind = Kind::Markdown;
    QString text;            // code: without its fence and common indentation
    QString language;        // code: first word after the fence, cut to kLanguageCharacters; may be empty
    int level = 0;           // of lists that it is in, of which its text knows nothing
    bool open = true;        // may still grow
    bool continues = false;  // goes on with what the block before could not hold
    bool midLine = false;    // … in the middle of a line
    bool operator==(const MessageBlock&) const = default;
};

// Works by lines. Code is what stands in a ``` or ~~~ fence or is indented by four; Markdown is cut at blank lines, but
// a list stays whole but for code in it: what follows on that begins another block, at the same level. No block holds
// more than kBlockLines lines, about kBlockCharacters characters or a weight of about kBlockWeight: what is longer goes
// on in another block of the same kind, a table with its head repeated. A line that has not ended yet is shown as soon
// as it is certain what it is, so that for any way of cutting the text into pieces: blocks only grow in number, only
// the last one changes but for what moves from it into new ones, and after finish() they are the same as those of the
// whole text.
//
// Text is kept as it comes, which costs nothing, and split by split(), in steps of bounded cost. Costs are in Latin
// letters, as far as laying out goes: other characters have a weight, and a line or a block costs as much as kLineCost
// or kBlockCost of them.
//
// A value: a copy goes its own way.
class BlockSplitter {
public:
    static constexpr qsizetype kBlockCharacters = 3000;
    static constexpr qsizetype kBlockLines = 100;
    static constexpr qsizetype kBlockWeight = 4000;
    static constexpr qsizetype kLineCharacters = 2000;  // longer lines, and those of more than kBlockWeight, are broken
    static constexpr qsizetype kLanguageCharacters = 40;
    static constexpr qsizetype kLineCost = 20;
    static constexpr qsizetype kBlockCost = 600;

    [[nodiscard]] static qsizetype weightOf(QStringView text);
    // Markdown that begins with a table.
    [[nodiscard]] static bool isTable(const MessageBlock& block);

    // Plain: a person's words, which are never markup.
    enum class Form { Markdown, Plain };
    explicit BlockSplitter(Form form = Form::Markdown) : m_form(form) {}

    void append(const QString& text);
    // `text` is all that was appended, which must have been in one piece, and how it goes on. Costs nothing.
    void goOnAs(const QString& text);
    void finish() { m_finished = true; }  // nothing is appended afterwards

    // Splits on while that costs no more than `cost`, or until the text ends; a line that has not ended is shown then.
    // The first line is taken whatever it costs, if `atLeastOne`. Returns what it has cost.
    qsizetype split(qsizetype cost, bool atLeastOne = true);

    // What all that was split has cost, without lines that had not ended.
    [[nodiscard]] qsizetype splitCost() const { return m_cost; }
    // Text that split() has not come to. The line that has not ended does not count.
    [[nodiscard]] bool waiting() const;
    [[nodiscard]] qsizetype waitingCharacters() const { return m_rest.size() - m_at; }

    [[nodiscard]] const QList<MessageBlock>& blocks() const { return m_blocks; }
    // The whole code that block `index` belongs to, as it was written, split on as far as need be. At most what is
    // appended so far.
    [[nodiscard]] QString codeAt(qsizetype index) const;

private:
    enum class Mode { Between, Markdown, Fence, Indented, Plain };
    struct State {
        Mode mode = Mode::Between;
        ListLevels lists;          // Markdown: those that the block holds; Between: those that a fence was in
        qsizetype column = 0;      // Markdown: what its lines are indented by for the item that it is in
        bool firstLine = true;     // nothing of the block is written yet
        qsizetype lines = 0;       // that the block holds
        qsizetype weight = 0;      // of them
        qsizetype blankLines = 0;  // seen since the block's last line, not written yet
        QChar fence;               // Fence: its character …
        qsizetype fenceLength = 0;
        qsizetype indentation = 0;  // … and what its lines are indented by
    };

    [[nodiscard]] qsizetype nextLineEnd() const;
    qsizetype takeNext();
    void takeLine(const QString& line, bool midLine);
    void takeLineBetween(const QString& line);
    void takeLineOfMarkdown(const QString& line);
    bool opensFence(const QString& line);
    void begin(MessageBlock::Kind kind, const QString& language, Mode mode);
    void goOn(bool midLine);
    void close();
    void write(const QString& line, bool midLine = false);
    void showTail();
    void hideTail();
    [[nodiscard]] bool uncertain(const QString& tail) const;

    Form m_form;
    QList<MessageBlock> m_blocks;
    State m_state;
    QString m_rest;      // what is not split, from …
    qsizetype m_at = 0;  // … here on
    qsizetype m_cost = 0;
    bool m_midLine = false;  // m_at is in the middle of a line that was broken
    bool m_finished = false;
    bool m_closed = false;  // all is split, and nothing will come

    // What there was before the line that has not ended was shown.
    bool m_tailShown = false;
    State m_stateBefore;
    qsizetype m_blocksBefore = 0;
    MessageBlock m_lastBefore;
};

}  // namespace alcove
