// How much the window lays out in one turn of the event loop.
#pragma once

#include <QtCore/QList>
#include <QtCore/QObject>
#include <QtCore/QTimer>

namespace alcove {

class MessageBlockModel;

// GUI thread. Shared by the messages of a conversation. What a turn cannot afford waits for a later one, the newest
// request first: it is what the person looks at. A turn here is kTurnMs long, about one frame.
class TurnBudget : public QObject {
    Q_OBJECT

public:
    // In the characters of BlockSplitter::split().
    static constexpr qsizetype kTurnCost = 2500;
    static constexpr int kTurnMs = 16;

    explicit TurnBudget(QObject* parent = nullptr);

    [[nodiscard]] qsizetype left() const { return m_left; }
    // Nothing was spent in this turn: what is dearer than a whole turn is done then.
    [[nodiscard]] bool whole() const { return m_left == kTurnCost; }
    // The next turn comes kTurnMs after the last call. To be called again when the work is done (with 0): it may have
    // taken longer than that.
    void spend(qsizetype cost);
    // Calls model.advance() in later turns until it no longer waits.
    void await(MessageBlockModel& model);
    // The next turn begins; the timer calls it.
    void renew();

private:
    qsizetype m_left = kTurnCost;
    QList<MessageBlockModel*> m_waiting;  // the newest last
    QTimer m_timer;
};

}  // namespace alcove
