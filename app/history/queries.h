// The queries that must stay quick however long the history grows; tests check that each uses its index.
#pragma once

namespace alcove::queries {

// Newest first, with the start of the message that the path ends with, or else of the newest that has text.
constexpr const char* kConversations =
    "SELECT c.id, c.title, c.created_at, c.updated_at,"
    " coalesce(nullif((SELECT substr(l.text, 1, 300) FROM messages l WHERE l.id = c.leaf_id AND l.binned_at IS NULL), "
    "''),"
    "  (SELECT substr(m.text, 1, 300) FROM messages m"
    "   WHERE m.conversation_id = c.id AND m.binned_at IS NULL AND m.text <> '' ORDER BY m.id DESC LIMIT 1)),"
    " c.folder_id, c.pinned_at, c.archived_at, c.expires_at"
    " FROM conversations c WHERE c.deleted_at IS NULL ORDER BY c.updated_at DESC, c.id DESC";

// All messages of a conversation, oldest first, for MessageTree.
constexpr const char* kTree =
    "SELECT id, parent_id, binned_at, status, writer FROM messages WHERE conversation_id = ? ORDER BY id";

// Those with the ids in a JSON array, in its order; their texts are read beside (TextColumn).
constexpr const char* kMessages =
    "SELECT m.id, m.conversation_id, m.author, m.status, m.created_at, m.writer,"
    " r.checkpoint_name, r.checkpoint_path, r.device, r.sampling, r.prompt_tokens, r.reused_tokens,"
    " r.generated_tokens, r.context_used, r.context_size, r.tokens_per_second, r.prefill_seconds, r.stop_reason,"
    " r.memory_starts_at, r.error"
    " FROM json_each(?) wanted CROSS JOIN messages m ON m.id = wanted.value"
    " LEFT JOIN replies r ON r.message_id = m.id";

// Looked at once when the history opens.
constexpr const char* kWriters = "SELECT DISTINCT writer FROM messages WHERE status = 'writing'";
constexpr const char* kDeleters =
    "SELECT DISTINCT deleted_by FROM conversations"
    " WHERE deleted_at IS NOT NULL AND (deleted_by IS NULL OR deleted_by >= 0)";

}  // namespace alcove::queries
