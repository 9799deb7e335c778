// Sees to it that replies reach the history: while they grow, and at their end, however often that must be tried.
#pragma once

#include <functional>
#include <optional>

#include <QtCore/QHash>
#include <QtCore/QObject>
#include <QtCore/QSet>
#include <QtCore/QTimer>

#include "app/history/records.h"

namespace alcove {

class HistoryStore;

// On the thread of the store. One reply grows at a time. A reply that another program removed meanwhile needs no
// keeping. Where an event loop runs, what is unsaved is saved or tried again by itself after the interval; where none
// runs, grow() and saveNow() do it.
class ReplyKeeper : public QObject {
    Q_OBJECT

public:
    static constexpr int kIntervalMs = 1000;

    using Clock = std::function<qint64()>;  // milliseconds since any fixed time; never goes back
    // `store` must outlive it. Without `clock`, the machine's.
    explicit ReplyKeeper(HistoryStore& store, Clock clock = {}, QObject* parent = nullptr);

    // How long text may stay unsaved, and after what time what could not be stored is tried again.
    void setInterval(int ms) { m_timer.setInterval(ms); }

    // The reply has come so far. Its tokens are stored with it, unless there are none.
    void grow(qint64 id, const QString& text, const ReplyTokens& tokens = {});
    // The reply has ended, with the status it now has.
    void finish(const Message& reply, const ReplyTokens& tokens = {});
    // Removes a reply without stored text; what was to be saved of it need not be.
    void remove(qint64 id);

    // Saves all that is unsaved. False: something could not be saved; failed() said why.
    bool saveNow();
    [[nodiscard]] bool saved() const;

    // What the history holds as `stored`, as it will be once everything is saved.
    [[nodiscard]] QList<Message> newest(const QList<Message>& stored) const;

signals:
    void failed(const QString& sentence);  // each time that something could not be saved

private:
    struct Growing {
        qint64 id = 0;
        QString text;
        ReplyTokens tokens;
        qint64 unsavedSince = 0;  // by m_clock
    };
    struct Ended {
        Message reply;
        ReplyTokens tokens;
    };
    template <class Write>
    bool write(const Write& writeToStore);
    bool storeEnd(const Ended& ended);
    bool erase(qint64 id);

    HistoryStore& m_store;
    Clock m_clock;
    std::optional<Growing> m_growing;  // text that is not saved
    QHash<qint64, Ended> m_ended;      // by id: replies whose end is not stored
    QSet<qint64> m_removed;            // to remove
    QTimer m_timer;
};

}  // namespace alcove
