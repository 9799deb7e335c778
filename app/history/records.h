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
    QString preview;      // start of the message that the path ends with, on one line; may be empty
    qint64 folderId = 0;  // 0: in none
    // UTC; not valid: it is not.
    QDateTime pinnedAt;
    QDateTime archivedAt;
    QDateTime expiresAt;
    bool operator==(const ConversationSummary&) const = default;
};

// What a conversation, or a folder for those in it, has of its own. Empty: what the one above it has.
struct ConversationSettings {
    QString systemPrompt;
    QString sampling;  // a JSON object with those values that differ
    QString checkpointPath;
};

struct Folder {
    qint64 id = 0;
    qint64 parentId = 0;  // 0: at the top
    QString name;
    QString colour;
    qint64 position = 0;   // among those with its parent
    QDateTime createdAt;   // UTC
    QDateTime archivedAt;  // not valid: it is not
    ConversationSettings settings;
    int expiresDays = 0;  // 0: conversations in it stay
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

// The tokens of a reply, which Alcove needs to go on with it as if it had never ended.
struct ReplyTokens {
    QList<qint32> ids;
    QList<qint32> ends;   // so many bytes of the text, in UTF-8, were made after each of them
    QString seed;         // of the draws, in decimal digits
    qint64 position = 0;  // of the first token's draw
    int contextSize = 0;  // of the model that made them
    QString fingerprint;  // of the model and the prompt
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
    qint64 parentId = 0;   // the message that it follows; 0: the conversation begins with it
    int siblingIndex = 0;  // its place among the messages that follow the same one, oldest first
    int siblingCount = 1;
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

// What the bin shows: a conversation, a folder with all that was in it, or a message with all below it.
struct BinnedItem {
    enum class Kind { Conversation, Folder, Branch };
    Kind kind = Kind::Conversation;
    qint64 id = 0;       // of a branch, that of its first message
    QString name;        // title, name, or the beginning of the text
    QDateTime binnedAt;  // UTC
    int count = 0;       // messages; of a folder, the conversations right in it
};

// A message that was deleted, with all below it.
struct BinnedBranch {
    qint64 rootId = 0;
    qint64 conversationId = 0;
    QDateTime binnedAt;  // UTC
    QString beginning;   // of its text, on one line
    int messages = 0;
};

}  // namespace alcove
