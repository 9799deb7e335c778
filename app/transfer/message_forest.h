// Puts the messages of another program in order: parents before children, hidden ones left out, thoughts joined to the
// reply that follows them.
#pragma once

#include <vector>

#include "app/history/conversation_record.h"

namespace alcove {

struct ForeignMessage {
    MessageRecord message;          // with its id and its parent's
    std::vector<QString> children;  // ids in their order; those it does not name come after them
    bool shown = true;  // false: nothing of it but `thoughts` is kept; what follows it follows what is before it
    QString thoughts;   // of a model, before it wrote what follows
};

// `text` with the thoughts before it, in a fence of Markdown with this language, which the chat draws folded
// (ui/chat/ThoughtsBlock.qml). The fence is longer than any in the thoughts.
inline constexpr QLatin1String kThoughtsLanguage("thoughts");
[[nodiscard]] QString withThoughts(const QString& thoughts, const QString& text);

// Fills in record.messages and record.leafId; `leaf` is the id of the message that is shown last, if that is known.
// What refers to a message that is not there begins the conversation, and so does one of those that follow each other
// in a circle. Of messages with the same id the first one counts. Thoughts that no reply follows are a reply of their
// own.
void plantMessages(std::vector<ForeignMessage> messages, const QString& leaf, ConversationRecord& record);

// What can be concluded from the messages where it is not known: title, times.
void completeRecord(ConversationRecord& record);

}  // namespace alcove
