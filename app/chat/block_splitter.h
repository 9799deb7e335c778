// Splits a message that is still being written into blocks, so that finished ones can be left alone.
#pragma once

#include <QtCore/QList>
#include <QtCore/QString>

namespace alcove {

struct MessageBlock {
    bool code = false;
    QString text;      // code: without its fence and common indentation
    QString language;  // code: first word after the fence; may be empty
    bool open = true;  // may still grow
    bool operator==(const MessageBlock&) const = default;
};

// Works by lines. Code is what stands in a ``` or ~~~ fence or is indented by four; Markdown is cut at
// blank lines, but a list stays whole. A line that has not ended yet is shown as soon as it is certain
// what it is, so that for any way of cutting the text into pieces: blocks only grow in number, only the
// last one changes, and after finish() they are the same as those of the whole text.
class BlockSplitter {
public:
    void append(const QString& piece);
    void finish();

    [[nodiscard]] const QList<MessageBlock>& blocks() const { return m_blocks; }

private:
    enum class Mode { Between, Markdown, Fence, Indented };
    struct State {
        Mode mode = Mode::Between;
        bool inList = false;    // Markdown: the block holds a list; Between: a list was just left by a fence
        bool firstLine = true;  // nothing of the block is written yet
        int blankLines = 0;     // seen since the block's last line, not written yet
        QChar fence;            // Fence: its character …
        qsizetype fenceLength = 0;
        qsizetype indentation = 0;  // … and what its lines are indented by
    };

    void takeLine(const QString& line);
    void takeLineBetween(const QString& line);
    bool opensFence(const QString& line);
    void begin(bool code, const QString& language, Mode mode);
    void close();
    void write(const QString& line);
    void showTail();
    void hideTail();
    [[nodiscard]] bool uncertain(const QString& tail) const;

    QList<MessageBlock> m_blocks;
    State m_state;
    QString m_tail;  // the line that has not ended

    // What there was before the tail was shown.
    bool m_tailShown = false;
    State m_stateBefore;
    qsizetype m_blocksBefore = 0;
    MessageBlock m_lastBefore;
};

}  // namespace alcove
