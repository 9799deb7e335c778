// A history that a test can lock against writing, and the values of an exchange.
#pragma once

#include <memory>
#include <optional>

#include <QTemporaryDir>

#include "app/history/file/database.h"
#include "app/history/history_store.h"
#include "app/session/backend.h"

namespace alcove {

class ExchangeFixture {
public:
    // Until unlock(), every write to `store` fails: another program is writing.
    void lock() {
        m_other = std::make_unique<Database>(folder.filePath("history.sqlite"), Database::Mode::ReadWrite, 0);
        m_writing.emplace(*m_other);
    }
    void unlock() {
        m_writing.reset();
        m_other.reset();
    }

    // "author: text" of each message.
    [[nodiscard]] QStringList stored(qint64 conversationId) const {
        QStringList result;
        for (const Message& message : store.messages(conversationId)) {
            result << (message.author == Author::User ? "user: " : "reply: ") + message.text;
        }
        return result;
    }

    // A conversation with a question and a complete reply; returns the id of the reply.
    qint64 addReplied(const QString& question, const QString& text) {
        conversation = store.startConversation(question).conversationId;
        const qint64 id = store.beginReply(conversation, {});
        store.finishReply(id, text, MessageStatus::Complete, {});
        return id;
    }

    QTemporaryDir folder;
    HistoryStore store = HistoryStore::open(folder.path(), {.busyTimeoutMs = 0});
    qint64 conversation = 0;
    LoadedCheckpoint checkpoint = {.id = 1,
                                   .path = "/models/tiny",
                                   .name = "tiny",
                                   .detail = {},
                                   .deviceName = "Radeon",
                                   .deviceDetail = {},
                                   .contextSize = 64};
    SamplingSettings sampling = {.seed = 7};

private:
    std::unique_ptr<Database> m_other;
    std::optional<Transaction> m_writing;
};

}  // namespace alcove
