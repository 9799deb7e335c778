#include "app/chat/turn_budget.h"

#include "app/chat/message_block_model.h"

namespace alcove {

TurnBudget::TurnBudget(QObject* parent) : QObject(parent) {
    m_timer.setSingleShot(true);
    m_timer.setInterval(kTurnMs);
    connect(&m_timer, &QTimer::timeout, this, &TurnBudget::renew);
}

void TurnBudget::spend(qsizetype cost) {
    m_left -= cost;
    m_timer.start();
}

void TurnBudget::await(MessageBlockModel& model) {
    if (!m_waiting.contains(&model)) {
        m_waiting.append(&model);
        connect(&model, &QObject::destroyed, this, [this, gone = &model] { m_waiting.removeOne(gone); });
    }
    if (!m_timer.isActive()) {
        m_timer.start();
    }
}

void TurnBudget::renew() {
    m_left = kTurnCost;
    while (!m_waiting.isEmpty() && m_left > 0) {
        MessageBlockModel* const model = m_waiting.last();
        model->advance();
        if (model->waiting()) {
            break;  // the turn is spent
        }
        disconnect(model, &QObject::destroyed, this, nullptr);
        m_waiting.removeOne(model);
    }
    if (!m_waiting.isEmpty()) {
        m_timer.start();
    }
}

}  // namespace alcove

#include "moc_turn_budget.cpp"
