#include "app/exchange/reply_keeper.h"

#include <utility>

#include <QtCore/QElapsedTimer>

#include "app/history/file/history_error.h"
#include "app/history/history_store.h"

namespace alcove {

namespace {

ReplyKeeper::Clock machineClock() {
    QElapsedTimer timer;
    timer.start();
    return [timer] { return timer.elapsed(); };
}

}  // namespace

ReplyKeeper::ReplyKeeper(HistoryStore& store, Clock clock, QObject* parent)
    : QObject(parent), m_store(store), m_clock(clock ? std::move(clock) : machineClock()) {
    m_timer.setSingleShot(true);
    m_timer.setInterval(kIntervalMs);
    connect(&m_timer, &QTimer::timeout, this, &ReplyKeeper::saveNow);
}

void ReplyKeeper::grow(qint64 id, const QString& text, const ReplyTokens& tokens) {
    const qint64 now = m_clock();
    m_growing = Growing{id, text, tokens, m_growing && m_growing->id == id ? m_growing->unsavedSince : now};
    if (now - m_growing->unsavedSince >= m_timer.interval()) {
        saveNow();
    } else if (!m_timer.isActive()) {
        m_timer.start();
    }
}

void ReplyKeeper::finish(const Message& reply, const ReplyTokens& tokens) {
    if (m_growing && m_growing->id == reply.id) {
        m_growing.reset();
    }
    m_ended.insert(reply.id, Ended{reply, tokens});
    saveNow();
}

void ReplyKeeper::remove(qint64 id) {
    if (m_growing && m_growing->id == id) {
        m_growing.reset();
    }
    m_ended.remove(id);
    m_removed.insert(id);
    saveNow();
}

bool ReplyKeeper::saveNow() {
    m_ended.removeIf([this](auto entry) { return storeEnd(entry.value()); });
    if (m_growing) {
        if (write([this] { m_store.updateReply(m_growing->id, m_growing->text, m_growing->tokens); })) {
            m_growing.reset();
        } else {
            m_growing->unsavedSince = m_clock();
        }
    }
    m_removed.removeIf([this](qint64 id) { return erase(id); });
    if (saved()) {
        m_timer.stop();
    } else {
        m_timer.start();
    }
    return saved();
}

bool ReplyKeeper::saved() const {
    return !m_growing && m_ended.isEmpty() && m_removed.isEmpty();
}

QList<Message> ReplyKeeper::newest(const QList<Message>& stored) const {
    QList<Message> messages;
    for (const Message& message : stored) {
        if (!m_removed.contains(message.id)) {
            messages.append(message);
            if (const auto ended = m_ended.find(message.id); ended != m_ended.end()) {
                Message& newest = messages.last();
                newest = ended->reply;
                newest.parentId = message.parentId;
                newest.siblingIndex = message.siblingIndex;
                newest.siblingCount = message.siblingCount;
            }
        }
    }
    return messages;
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

bool ReplyKeeper::storeEnd(const Ended& ended) {
    const Message& reply = ended.reply;
    return write(
        [&] { m_store.finishReply(reply.id, reply.text, reply.status, reply.statistics, reply.error, ended.tokens); });
}

bool ReplyKeeper::erase(qint64 id) {
    return write([&] { m_store.removeReply(id); });
}

}  // namespace alcove

#include "moc_reply_keeper.cpp"
