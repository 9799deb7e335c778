#include "app/history/file/migrations.h"

#include <vector>

namespace alcove {
namespace {

// kSteps[n] leads from version n to n + 1.
const std::vector<std::vector<const char*>> kSteps = {
    // 1: conversations and their messages. AUTOINCREMENT: the id of a deleted row never comes back.
    {
        "CREATE TABLE conversations ("
        " id INTEGER PRIMARY KEY AUTOINCREMENT,"
        " title TEXT NOT NULL,"
        " created_at INTEGER NOT NULL,"  // milliseconds since 1970, UTC; so are all times
        " updated_at INTEGER NOT NULL)",
        "CREATE TABLE messages ("
        " id INTEGER PRIMARY KEY AUTOINCREMENT,"
        " conversation_id INTEGER NOT NULL REFERENCES conversations(id) ON DELETE CASCADE,"
        " author TEXT NOT NULL CHECK (author IN ('user', 'assistant')),"
        " text TEXT NOT NULL,"
        " status TEXT NOT NULL CHECK (status IN ('complete', 'writing', 'stopped', 'failed', 'interrupted')),"
        " created_at INTEGER NOT NULL)",
        "CREATE INDEX messages_by_conversation ON messages(conversation_id)",
        "CREATE INDEX conversations_by_update ON conversations(updated_at DESC, id DESC)",
    },
    // 2: how each reply was made, and drafts. Draft 0 belongs to the conversation that is not begun yet.
    {
        "CREATE TABLE replies ("
        " message_id INTEGER PRIMARY KEY REFERENCES messages(id) ON DELETE CASCADE,"
        " checkpoint_name TEXT NOT NULL,"
        " checkpoint_path TEXT NOT NULL,"
        " device TEXT NOT NULL,"
        " sampling TEXT NOT NULL,"  // a JSON object
        " prompt_tokens INTEGER NOT NULL DEFAULT 0,"
        " reused_tokens INTEGER NOT NULL DEFAULT 0,"
        " generated_tokens INTEGER NOT NULL DEFAULT 0,"
        " context_used INTEGER NOT NULL DEFAULT 0,"
        " context_size INTEGER NOT NULL DEFAULT 0,"
        " tokens_per_second REAL NOT NULL DEFAULT 0,"
        " prefill_seconds REAL NOT NULL DEFAULT 0,"
        " stop_reason TEXT NOT NULL DEFAULT '',"
        " memory_starts_at INTEGER NOT NULL DEFAULT 0,"
        " error TEXT NOT NULL DEFAULT '')",
        "CREATE TABLE drafts (conversation_id INTEGER PRIMARY KEY, text TEXT NOT NULL)",
    },
    // 3: deletion that can be undone, and which running program writes a reply (session_lock.h).
    {
        "ALTER TABLE conversations ADD COLUMN deleted_at INTEGER",
        "ALTER TABLE conversations ADD COLUMN deleted_by INTEGER",
        "ALTER TABLE messages ADD COLUMN writer INTEGER",
        "DROP INDEX conversations_by_update",
        "CREATE INDEX conversations_by_update ON conversations(updated_at DESC, id DESC) WHERE deleted_at IS NULL",
        "CREATE INDEX conversations_deleted ON conversations(deleted_by) WHERE deleted_at IS NOT NULL",
        "CREATE INDEX messages_in_writing ON messages(writer) WHERE status = 'writing'",
    },
    // 4: the tags (RowTag). A default is not written into the rows that are there; an update writes it.
    {
        "ALTER TABLE conversations ADD COLUMN tag TEXT NOT NULL DEFAULT 'conversations' CHECK (tag = 'conversations')",
        "ALTER TABLE messages ADD COLUMN tag TEXT NOT NULL DEFAULT 'messages' CHECK (tag = 'messages')",
        "ALTER TABLE replies ADD COLUMN tag TEXT NOT NULL DEFAULT 'replies' CHECK (tag = 'replies')",
        "ALTER TABLE drafts ADD COLUMN tag TEXT NOT NULL DEFAULT 'drafts' CHECK (tag = 'drafts')",
        "UPDATE conversations SET tag = 'conversations'",
        "UPDATE messages SET tag = 'messages'",
        "UPDATE replies SET tag = 'replies'",
        "UPDATE drafts SET tag = 'drafts'",
    },
    // 5: messages become a tree, conversations get folders and settings of their own, and replies keep their tokens.
    // What was a list becomes one line of descent. `parent_id` refers to messages without a foreign key: a cascade
    // along
    // a long line would pass SQLite's limit on the depth of triggers.
    {
        "ALTER TABLE messages ADD COLUMN parent_id INTEGER",     // NULL: the conversation begins with it
        "ALTER TABLE messages ADD COLUMN binned_at INTEGER",     // it is in the bin
        "ALTER TABLE messages ADD COLUMN binned_root INTEGER",   // … with this message and all below it
        "ALTER TABLE conversations ADD COLUMN leaf_id INTEGER",  // the message that the path shown ends with
        "ALTER TABLE conversations ADD COLUMN folder_id INTEGER",
        "ALTER TABLE conversations ADD COLUMN pinned_at INTEGER",
        "ALTER TABLE conversations ADD COLUMN archived_at INTEGER",
        "ALTER TABLE conversations ADD COLUMN renamed_at INTEGER",  // its title is a person's own
        "ALTER TABLE conversations ADD COLUMN system_prompt TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE conversations ADD COLUMN sampling TEXT NOT NULL DEFAULT ''",  // a JSON object; '': the settings'
        "ALTER TABLE conversations ADD COLUMN checkpoint_path TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE conversations ADD COLUMN expires_at INTEGER",
        "ALTER TABLE conversations ADD COLUMN source TEXT",  // where it was imported from: names it for good
        "CREATE TABLE folders ("
        " id INTEGER PRIMARY KEY AUTOINCREMENT,"
        " parent_id INTEGER,"  // NULL: at the top
        " name TEXT NOT NULL,"
        " colour TEXT NOT NULL DEFAULT '',"
        " position INTEGER NOT NULL DEFAULT 0,"  // among its siblings
        " created_at INTEGER NOT NULL,"
        " archived_at INTEGER,"
        " deleted_at INTEGER,"
        " deleted_by INTEGER,"
        " system_prompt TEXT NOT NULL DEFAULT '',"
        " sampling TEXT NOT NULL DEFAULT '',"
        " checkpoint_path TEXT NOT NULL DEFAULT '',"
        " expires_days INTEGER,"
        " tag TEXT NOT NULL DEFAULT 'folder list' CHECK (tag = 'folder list'))",
        "CREATE TABLE reply_tokens ("
        " message_id INTEGER PRIMARY KEY REFERENCES messages(id) ON DELETE CASCADE,"
        " ids BLOB NOT NULL,"                        // of the tokens, 4 bytes each, little-endian
        " ends BLOB NOT NULL,"                       // as many bytes of text are there after each token; as `ids`
        " seed TEXT NOT NULL,"                       // of the draws
        " position INTEGER NOT NULL DEFAULT 0,"      // of the first token's draw
        " context_size INTEGER NOT NULL DEFAULT 0,"  // of the model that made them
        " fingerprint TEXT NOT NULL,"                // of the model and its prompt
        " tag TEXT NOT NULL DEFAULT 'reply tokens' CHECK (tag = 'reply tokens'))",
        // NOLINTNEXTLINE(bugprone-suspicious-missing-comma): one statement
        "UPDATE messages SET parent_id = (SELECT max(b.id) FROM messages b"
        " WHERE b.conversation_id = messages.conversation_id AND b.id < messages.id)",
        "UPDATE conversations SET leaf_id = (SELECT max(id) FROM messages WHERE conversation_id = conversations.id)",
        "DROP INDEX messages_by_conversation",
        // All that is read to know the tree of a conversation; the rows themselves have their texts in between.
        "CREATE INDEX messages_by_conversation"
        " ON messages(conversation_id, id, parent_id, binned_at, status, writer)",
        "CREATE INDEX messages_in_bin ON messages(binned_at) WHERE binned_at IS NOT NULL",
        "CREATE INDEX messages_by_binned_root ON messages(binned_root) WHERE binned_root IS NOT NULL",
        "CREATE INDEX conversations_by_folder ON conversations(folder_id, updated_at DESC, id DESC)"
        " WHERE deleted_at IS NULL",
        "CREATE UNIQUE INDEX conversations_by_source ON conversations(source) WHERE source IS NOT NULL",
        "CREATE INDEX conversations_expiring ON conversations(expires_at) WHERE expires_at IS NOT NULL",
        "CREATE INDEX folders_by_parent ON folders(parent_id, position)",
    },
};

}  // namespace

int schemaVersion(Database& database) {
    return database.value("PRAGMA user_version").toInt();
}

void migrate(Database& database, int target) {
    Q_ASSERT(static_cast<int>(kSteps.size()) == kSchemaVersion && target <= kSchemaVersion);
    while (true) {
        Transaction transaction(database);
        const int version = schemaVersion(database);  // read inside: another program may have just migrated
        if (version >= target) {
            return;
        }
        for (const char* sql : kSteps.at(static_cast<std::size_t>(version))) {
            database.runOnce(QString::fromLatin1(sql));
        }
        database.runOnce(QStringLiteral("PRAGMA application_id=%1").arg(kApplicationId));
        database.runOnce(QStringLiteral("PRAGMA user_version=%1").arg(version + 1));
        transaction.commit();
    }
}

}  // namespace alcove
