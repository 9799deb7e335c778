// A program of its own for tests of the history.
//   history_tool reply FOLDER     asks and begins a reply, saves a part of it, says "saved" and waits to be killed
//   history_tool version FOLDER N a history stopped at schema N, with rows (how fixtures/history-v1 was made)
#include <cstdio>

#include <QCoreApplication>
#include <QThread>

#include "app/history/file/migrations.h"
#include "app/history/history_store.h"
#include "app/history/recovery.h"

namespace {

void writeReply(const QString& folder) {
    alcove::HistoryStore store = alcove::HistoryStore::open(folder);
    const qint64 conversation = store.startConversation(QStringLiteral("Tell me a story")).conversationId;
    const qint64 reply = store.beginReply(conversation, {QStringLiteral("tiny"), QStringLiteral("/tiny"), {}, {}});
    store.updateReply(reply, QStringLiteral("Once"));
    store.updateReply(reply, QStringLiteral("Once upon a time"));
    std::puts("saved");
    std::fflush(stdout);
    while (true) {
        QThread::sleep(1);
    }
}

void writeVersion(const QString& folder, int version) {
    alcove::Database database(alcove::historyFile(folder), alcove::Database::Mode::ReadWrite, 0);
    alcove::migrate(database, version);
    database.run(
        "INSERT INTO conversations (id, title, created_at, updated_at)"
        " VALUES (1, 'Rivers', 1790000000000, 1790000002000), (2, 'Empty', 1780000000000, 1780000000000)");
    database.run(
        "INSERT INTO messages (id, conversation_id, author, text, status, created_at) VALUES"
        " (1, 1, 'user', 'How long is the Rhine?', 'complete', 1790000000000),"
        " (2, 1, 'assistant', 'About 1,230 km.', 'complete', 1790000001000),"
        " (3, 1, 'assistant', 'From the Alps', 'writing', 1790000002000)");
}

}  // namespace

int main(int argc, char* argv[]) {
    const QCoreApplication application(argc, argv);
    const QStringList arguments = QCoreApplication::arguments();
    if (arguments.size() == 3 && arguments[1] == QLatin1String("reply")) {
        writeReply(arguments[2]);
    } else if (arguments.size() == 4 && arguments[1] == QLatin1String("version")) {
        writeVersion(arguments[2], arguments[3].toInt());
    } else {
        return 2;
    }
    return 0;
}
