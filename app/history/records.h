// What the history keeps: conversations, messages, and how each reply was made. Plain values.
#pragma once

#include <QDateTime>
#include <QList>
#include <QString>

namespace alcove {

struct ConversationSummary {
    qint64 id = 0;
    QString title;
    QDateTime createdAt;  // UTC
    QDateTime updatedAt;  // UTC; the newest message or the end of the newest reply
    QString preview;      // start of the newest message that has text, on one line; may be empty
};

enum class Author { User, Assistant };

enum class MessageStatus {
    Complete,
    Writing,      // being generated now, by this program or another one that has the history open
    Stopped,      // ended by the person
    Failed,       // ended by an error; Message::error says which
    Interrupted,  // the program ended while it was being generated
};

// How a reply is made; stored when it begins.
struct ReplySettings {
    QString checkpointName;
    QString checkpointPath;
    QString device;                           // the device's own name
    QString sampling = QStringLiteral("{}");  // temperature, topK, … as given to the engine: a JSON object
};

// What came of it; stored when it ends.
struct ReplyStatistics {
    int promptTokens = 0;
    int reusedTokens = 0;  // of those, found in the KV cache
    int generatedTokens = 0;
    int contextUsed = 0;
    int contextSize = 0;
    double tokensPerSecond = 0;  // decoding
    double prefillSeconds = 0;   // reading the prompt
    QString stopReason;          // "endOfText", "stopString", "maxTokens", "contextFull", "cancelled"
    qint64 memoryStartsAt = 0;   // id of the first message that the model still saw; 0: all of them
};

struct Message {
    qint64 id = 0;
    qint64 conversationId = 0;
    Author author = Author::User;
    QString text;
    MessageStatus status = MessageStatus::Complete;
    QDateTime createdAt;         // UTC
    ReplySettings settings;      // replies only
    ReplyStatistics statistics;  // replies only
    QString error;               // the sentence of a failed reply
    // HistoryStore::beginnings() leaves the end of a long text in the history: so many bytes of UTF-8, from there on.
    qint64 unreadBytes = 0;
    qint64 unreadFrom = 0;
};

}  // namespace alcove
