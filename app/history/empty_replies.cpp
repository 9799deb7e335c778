#include "app/history/empty_replies.h"

namespace alcove {

int removeEmptyReply(Database& database, qint64 id) {
    QVariant parent;
    QVariant conversation;
    {
        Rows rows = database.rows("SELECT parent_id, conversation_id FROM messages WHERE id = ?", {id});
        if (rows.next()) {
            parent = rows.value(0);
            conversation = rows.value(1);
        }
    }
    const int removed = database.change(
        "DELETE FROM messages WHERE id = ? AND author = 'assistant' AND trim(text, char(9, 10, 13, 32)) = ''", {id});
    if (removed > 0) {
        database.run("UPDATE messages SET parent_id = ? WHERE conversation_id = ? AND parent_id = ?",
                     {parent, conversation, id});
        database.run("UPDATE conversations SET leaf_id = ? WHERE id = ? AND leaf_id = ?", {parent, conversation, id});
    }
    return removed;
}

}  // namespace alcove
