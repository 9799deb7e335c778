#include "app/exchange/reply_keeper.h"

#include "app/history/file/history_error.h"
#include "app/history/history_store.h"

namespace alcove {

ReplyKeeper::ReplyKeeper(HistoryStore& store, QObject* parent) : QObject(parent), m_store(store) {
    connect(&m_timer, &QTimer::timeout, this, &ReplyKeeper::saveNow);
}

void ReplyKeeper::grow(qint64 id, const QString& text) {
    m_growing = Growing{id, text};
    keepTrying();
}

void ReplyKeeper::finish(const Message& reply) {
    if (m_growing && m_growing->id == reply.id) {
        m_growing.reset();
    }
    if (!storeEnd(reply)) {
        m_ended.insert(reply.id, reply);
        keepTrying();
    }
}

void ReplyKeeper::saveNow() {
    m_ended.removeIf([this](auto entry) { return storeEnd(entry.value()); });
    if (m_growing && write([this] { m_store.updateReply(m_growing->id, m_growing->text); })) {
        m_growing.reset();
    }
    if (!m_growing && m_ended.isEmpty()) {
        m_timer.stop();
    }
}

void ReplyKeeper::keepTrying() {
    if (!m_timer.isActive()) {
        m_timer.start();
    }
}

// False if it must be tried again.
template <class Write>
bool ReplyKeeper::write(const Write& writeToStore) {
    try {
        writeToStore();
    } catch (const HistoryError& error) {
        if (error.kind() == HistoryError::Kind::NotFound) {
            return true;  // removed meanwhile
        }
        emit failed(error.sentence());
        return false;
    }
    return true;
}

bool ReplyKeeper::storeEnd(const Message& reply) {
    return write([&] { m_store.finishReply(reply.id, reply.text, reply.status, reply.statistics, reply.error); });
}

}  // namespace alcove

#include "moc_reply_keeper.cpp"
