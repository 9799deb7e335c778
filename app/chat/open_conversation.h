// The conversation on screen: what is stored of it, and what is not stored yet.
#pragma once

#include <QtCore/QHash>

#include "app/chat/message_list_model.h"
#include "app/chat/text_completion.h"
#include "app/exchange/exchange.h"

namespace alcove {

class ExchangeQueue;
class HistoryStore;

// GUI thread. Of long texts only the beginnings are read at once, the rest in later turns. Exchanges of other
// conversations change no message.
class OpenConversation {
public:
    // Both must outlive it.
    OpenConversation(const HistoryStore& store, const ExchangeQueue& exchanges);

    // 0: a conversation that is not begun. Throws HistoryError; nothing has changed then.
    void show(qint64 id);

    [[nodiscard]] qint64 id() const { return m_id; }
    [[nodiscard]] MessageListModel& messages() { return m_messages; }
    [[nodiscard]] const MessageListModel& messages() const { return m_messages; }
    [[nodiscard]] int contextUsed() const { return m_contextUsed.value(m_id); }  // positions, of the newest reply

    // Another path through it is shown. Throws HistoryError; nothing has changed then. While no reply is being made.
    void showPath();

    // A message that was just stored; the first one begins the conversation. It follows on its parent.
    void add(const Message& message);
    void waitForReply(const ReplyWish& wish);
    void begin(const Exchange& exchange);
    void progress(const Exchange& exchange, const QString& text);
    void end(const Exchange& exchange);

private:
    const HistoryStore& m_store;
    const ExchangeQueue& m_exchanges;
    qint64 m_id = 0;
    MessageListModel m_messages;
    TextCompletion m_completion;
    QHash<qint64, int> m_contextUsed;  // by conversation
};

}  // namespace alcove
