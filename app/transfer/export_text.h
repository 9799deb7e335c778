// Conversations as texts that people read: Markdown, and pages of HTML. Of a tree they show the path that the window
// shows; everything is in Alcove's JSON (own_json.h).
#pragma once

#include "app/history/conversation_record.h"
#include "app/transfer/own_json.h"

namespace alcove {

// The messages from the beginning to record.leafId.
[[nodiscard]] QList<MessageRecord> shownPath(const ConversationRecord& record);

// A reply's text without the thoughts that it may begin with (withThoughts()), and these.
struct ReplyParts {
    QString thoughts;
    QString text;
};
[[nodiscard]] ReplyParts partsOf(const QString& text);

// Gets conversations one by one, and writes each at once.
class MarkdownWriter {
public:
    explicit MarkdownWriter(WriteText write) : m_write(std::move(write)) {}
    void add(const ConversationRecord& conversation);

private:
    WriteText m_write;
    bool m_first = true;
};

// One page that needs nothing but itself: no script, no picture, no reference. What was written in a message is
// escaped.
class HtmlWriter {
public:
    explicit HtmlWriter(WriteText write) : m_write(std::move(write)) {}
    void begin(const QString& title);
    void add(const ConversationRecord& conversation);
    void end();

private:
    WriteText m_write;
};

}  // namespace alcove
