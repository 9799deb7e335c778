// A whole conversation apart from any history: what is carried from one to another, or to and from other programs.
// Plain values.
#pragma once

#include <optional>

#include <QStringList>

#include "app/history/records.h"

namespace alcove {

struct MessageRecord {
    QString id;        // no other message of the conversation has it
    QString parentId;  // the message that it follows; empty: the conversation begins with it
    Author author = Author::User;
    QString text;
    MessageStatus status = MessageStatus::Complete;
    QDateTime createdAt;  // UTC; not valid: not known
    // Replies only.
    ReplySettings settings;
    ReplyStatistics statistics;  // without memoryStartsAt
    QString memoryStartsAt;      // the id of the first message that the model still saw; empty: all of them
    QString error;
    std::optional<ReplyTokens> tokens;
};

struct ConversationRecord {
    QString source;  // names it for good, also in other histories: "chatgpt:…"
    QString title;
    QDateTime createdAt;  // UTC; not valid: not known
    QDateTime updatedAt;
    QDateTime renamedAt;  // the title is a person's own; not valid: it was made from the first exchange
    QStringList folder;   // its name and those of the folders it is in, from the top; empty: in none
    QDateTime pinnedAt;   // not valid: it is not
    QDateTime archivedAt;
    QDateTime expiresAt;
    ConversationSettings settings;
    QString leafId;                 // the message that the path shown ends with
    QList<MessageRecord> messages;  // parents before their children, siblings oldest first
};

struct FolderRecord {
    QStringList path;  // names from the top
    QString colour;
    QDateTime createdAt;   // UTC; not valid: not known
    QDateTime archivedAt;  // not valid: it is not
    ConversationSettings settings;
    int expiresDays = 0;  // 0: conversations in it stay
};

// What taking a conversation in has added, or would add.
struct AddedConversation {
    bool isNew = false;  // false: it was there already, and may have got messages
    bool inBin = false;  // it was there, in the bin, and nothing was added
    qint64 id = 0;       // 0: it is not there
    int messages = 0;
    int branches = 0;  // of these, those that have an elder sibling
};

// What the history holds, without what is in the bin.
struct HistoryFigures {
    qint64 conversations = 0;
    qint64 archived = 0;  // of these
    qint64 folders = 0;
    qint64 messages = 0;
    qint64 replies = 0;     // of these
    qint64 branches = 0;    // of these, those that have an elder sibling
    qint64 characters = 0;  // of their texts
    qint64 tokens = 0;      // made for replies
    qint64 binned = 0;      // conversations, and messages of others, in the bin
    QDateTime first;        // when the oldest conversation was begun
    QDateTime last;
};

}  // namespace alcove
