// A program of its own for tests of the history.
//   history_tool reply FOLDER     asks and begins a reply, saves a part of it, says "saved" and waits to be killed
//   history_tool delete FOLDER    the same, but deletes the conversation before it says so
//   history_tool version FOLDER N a history that went through schemas 1 to N, with rows that were written at each of
//                                 them (how fixtures/history-vN were made)
#include <cstdio>

#include <QCoreApplication>
#include <QThread>

#include "app/history/file/migrations.h"
#include "app/history/history_store.h"
#include "app/history/recovery.h"

namespace {

void writeReply(const QString& folder, bool andDelete) {
    alcove::HistoryStore store = alcove::HistoryStore::open(folder);
    const qint64 conversation = store.startConversation(QStringLiteral("Tell me a story")).conversationId;
    const qint64 reply = store.beginReply(conversation, {QStringLiteral("tiny"), QStringLiteral("/tiny"), {}, {}});
    store.updateReply(reply, QStringLiteral("Once"));
    store.updateReply(reply, QStringLiteral("Once upon a time"));
    if (andDelete) {
        store.deleteConversation(conversation);
    }
    std::puts("saved");
    std::fflush(stdout);
    while (true) {
        QThread::sleep(1);
    }
}

void writeVersion(const QString& folder, int version) {
    // What each schema adds to the rows of the one before.
    const char* const rows[][4] = {
        {"INSERT INTO conversations (id, title, created_at, updated_at)"
         " VALUES (1, 'Rivers', 1790000000000, 1790000002000), (2, 'Empty', 1780000000000, 1780000000000)",
         "INSERT INTO messages (id, conversation_id, author, text, status, created_at) VALUES"
         " (1, 1, 'user', 'How long is the Rhine?', 'complete', 1790000000000),"
         " (2, 1, 'assistant', 'About 1,230 km.', 'complete', 1790000001000),"
         " (3, 1, 'assistant', 'From the Alps', 'writing', 1790000002000)"},
        {"INSERT INTO replies (message_id, checkpoint_name, checkpoint_path, device, sampling, generated_tokens)"
         " VALUES (2, 'tiny', '/tiny', 'CPU', '{}', 7)",
         "INSERT INTO drafts (conversation_id, text) VALUES (1, 'And the Danube')"},
        {"INSERT INTO conversations (id, title, created_at, updated_at, deleted_at, deleted_by)"
         " VALUES (3, 'Thrown away', 1770000000000, 1770000000000, 1790000003000, 5)",
         "INSERT INTO messages (id, conversation_id, author, text, status, created_at, writer) VALUES"
         " (4, 3, 'user', 'A secret', 'complete', 1770000000000, NULL),"
         " (5, 1, 'assistant', 'to the sea', 'writing', 1790000002500, 6)"},
        {"INSERT INTO messages (id, conversation_id, author, text, status, created_at)"
         " VALUES (6, 2, 'user', 'Hello', 'complete', 1790000004000)"},
        {"INSERT INTO messages (id, conversation_id, author, text, status, created_at, parent_id, binned_at,"
         " binned_root) VALUES"
         " (7, 2, 'assistant', 'Good day', 'complete', 1790000005000, 6, NULL, NULL),"
         " (8, 2, 'assistant', 'Good evening', 'stopped', 1790000006000, 6, NULL, NULL),"
         " (9, 2, 'assistant', 'Go away', 'complete', 1790000007000, 6, 1790000008000, 9)",
         "INSERT INTO folders (id, parent_id, name, colour, position, created_at) VALUES"
         " (1, NULL, 'Travel', 'blue', 0, 1790000000000), (2, 1, 'Europe', '', 0, 1790000000000)",
         "UPDATE conversations SET leaf_id = 7, folder_id = 2, pinned_at = 1790000009000,"
         " system_prompt = 'Be brief.', sampling = '{\"temperature\":0}', checkpoint_path = '/tiny',"
         " source = 'other:1' WHERE id = 2",
         "INSERT INTO reply_tokens (message_id, ids, ends, seed, position, context_size, fingerprint)"
         " VALUES (8, x'0700000008000000', x'040000000c000000', '42', 0, 64, 'abc')"},
    };
    alcove::Database database(alcove::historyFile(folder), alcove::Database::Mode::ReadWrite, 0);
    for (int step = 1; step <= version; ++step) {
        alcove::migrate(database, step);
        for (const char* sql : rows[step - 1]) {
            if (sql != nullptr) {
                database.run(sql);
            }
        }
    }
}

}  // namespace

int main(int argc, char* argv[]) {
    const QCoreApplication application(argc, argv);
    const QStringList arguments = QCoreApplication::arguments();
    if (arguments.size() == 3 && arguments[1] == QLatin1String("reply")) {
        writeReply(arguments[2], false);
    } else if (arguments.size() == 3 && arguments[1] == QLatin1String("delete")) {
        writeReply(arguments[2], true);
    } else if (arguments.size() == 4 && arguments[1] == QLatin1String("version")) {
        writeVersion(arguments[2], arguments[3].toInt());
    } else {
        return 2;
    }
    return 0;
}
