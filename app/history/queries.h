// The queries that must stay quick however long the history grows; tests check that each uses its index.
#pragma once

namespace alcove::queries {

// Newest first, with the start of the newest message that has text.
constexpr const char* kConversations =
    "SELECT c.id, c.title, c.created_at, c.updated_at,"
    " (SELECT substr(m.text, 1, 300) FROM messages m"
    "  WHERE m.conversation_id = c.id AND m.text <> '' ORDER BY m.id DESC LIMIT 1)"
    " FROM conversations c WHERE c.deleted_at IS NULL ORDER BY c.updated_at DESC, c.id DESC";

// Newest first; their texts are read beside (TextColumn).
constexpr const char* kMessages =
    "SELECT m.id, m.author, m.status, m.created_at, m.writer,"
    " r.checkpoint_name, r.checkpoint_path, r.device, r.sampling, r.prompt_tokens, r.reused_tokens,"
    " r.generated_tokens, r.context_used, r.context_size, r.tokens_per_second, r.prefill_seconds, r.stop_reason,"
    " r.memory_starts_at, r.error"
    " FROM messages m LEFT JOIN replies r ON r.message_id = m.id"
    " WHERE m.conversation_id = ? ORDER BY m.id DESC";

// Looked at once when the history opens.
constexpr const char* kWriters = "SELECT DISTINCT writer FROM messages WHERE status = 'writing'";
constexpr const char* kDeleters = "SELECT DISTINCT deleted_by FROM conversations WHERE deleted_at IS NOT NULL";

}  // namespace alcove::queries
