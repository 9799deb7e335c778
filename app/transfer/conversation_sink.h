// What a reader hands over, conversation by conversation, so that one at a time is in memory.
#pragma once

#include "app/history/conversation_record.h"

namespace alcove {

// Where in what a person chose: "chats.zip/conversations.json, conversation 3".
using Where = QString;

class ConversationSink {
public:
    ConversationSink() = default;
    ConversationSink(const ConversationSink&) = delete;
    ConversationSink& operator=(const ConversationSink&) = delete;
    virtual ~ConversationSink() = default;

    // A conversation with at least one message, or one of Alcove's own.
    virtual void take(ConversationRecord conversation, const Where& where) = 0;
    // Of Alcove's own exports; after the conversations in it.
    virtual void takeFolder(FolderRecord folder, const Where& where) = 0;
    // What is not taken in. `why` is a sentence. Damaged: what follows in that file, or in that line, cannot be read.
    virtual void passOver(const Where& where, const QString& why, bool damaged) = 0;
    // In bytes, over all that was chosen. `total` may grow while folders and archives are looked through.
    virtual void progress(qint64 done, qint64 total) = 0;
};

}  // namespace alcove
