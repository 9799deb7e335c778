// Sees to it that replies reach the history: while they grow, and at their end, however often that must be tried.
#pragma once

#include <optional>

#include <QtCore/QHash>
#include <QtCore/QObject>
#include <QtCore/QTimer>

#include "app/history/records.h"

namespace alcove {

class HistoryError;
class HistoryStore;

// GUI thread. One reply grows at a time. A reply that was removed meanwhile is nothing to keep.
class ReplyKeeper : public QObject {
    Q_OBJECT

public:
    explicit ReplyKeeper(HistoryStore& store, QObject* parent = nullptr);  // `store` must outlive it

    // How long text may stay unsaved, and after what time an end that could not be stored is tried again.
    void setInterval(int ms) { m_timer.setInterval(ms); }

    // The reply has come so far; it is saved within the interval.
    void grow(qint64 id, const QString& text);
    // The reply has ended: it is stored now or, failing that, again and again until it is.
    void finish(const Message& reply);
    // A reply that is deleted need not be stored any more.
    void forget(qint64 id) { m_ended.remove(id); }
    void saveNow();

    // What the history holds as `stored`, as it really is.
    [[nodiscard]] Message newest(const Message& stored) const { return m_ended.value(stored.id, stored); }

signals:
    void failed(const QString& sentence);  // each time that something could not be saved

private:
    struct Growing {
        qint64 id = 0;
        QString text;
    };
    void keepTrying();
    template <class Write>
    bool write(const Write& writeToStore);
    bool storeEnd(const Message& reply);

    HistoryStore& m_store;
    std::optional<Growing> m_growing;  // text that is not saved
    QHash<qint64, Message> m_ended;    // by id: replies whose end is not stored
    QTimer m_timer;
};

}  // namespace alcove
