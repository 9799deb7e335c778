#include "app/exchange/exchange_queue.h"

#include <algorithm>
#include <utility>

#include "app/history/history_store.h"
#include "app/session/engine_thread.h"

namespace alcove {

ExchangeQueue::ExchangeQueue(HistoryStore& store, EngineThread& engine, Inputs inputs, QObject* parent)
    : QObject(parent), m_store(store), m_engine(engine), m_inputs(std::move(inputs)), m_keeper(store) {
    connect(&engine, &EngineThread::progressed, this, &ExchangeQueue::onProgress);
    connect(&engine, &EngineThread::finished, this, &ExchangeQueue::onFinished);
    connect(&engine, &EngineThread::failed, this, &ExchangeQueue::onFailed);
}

ExchangeQueue::~ExchangeQueue() = default;

bool ExchangeQueue::ask(const ReplyWish& wish) {
    if (waiting(wish.conversationId) != nullptr) {
        return false;
    }
    m_waiting.push_back(std::make_unique<Exchange>(m_store, m_keeper, wish));
    return true;
}

void ExchangeQueue::beginNext() {
    while (!m_running && !m_waiting.empty() && !m_closed && m_inputs.checkpoint() != nullptr) {
        std::unique_ptr<Exchange> exchange = std::move(m_waiting.front());
        m_waiting.erase(m_waiting.begin());
        QString problem;
        std::optional<GenerationRequest> request;
        try {
            request = exchange->begin(*m_inputs.checkpoint(), m_inputs.sampling());
        } catch (const HistoryError& error) {
            problem = error.sentence();
        }
        if (request) {
            request->systemPrompt = m_inputs.systemPrompt();
            m_running = std::move(exchange);
            m_requestId = m_engine.generate(*request);
            emit began(*m_running);
        } else {
            emit notBegun(exchange->conversationId(), problem);
        }
    }
    emit stepsChanged();
}

bool ExchangeQueue::stop(qint64 conversationId) {
    bool dropped = false;
    if (running(conversationId) != nullptr) {
        m_running->stop();
        m_engine.stop(m_requestId);
    } else if (const auto waiting = findWaiting(conversationId); waiting != m_waiting.end()) {
        m_waiting.erase(waiting);
        dropped = true;
    }
    emit stepsChanged();
    return dropped;
}

void ExchangeQueue::remove(qint64 conversationId) {
    if (const auto waiting = findWaiting(conversationId); waiting != m_waiting.end()) {
        m_waiting.erase(waiting);
    }
    stop(conversationId);
}

void ExchangeQueue::close(QDeadlineTimer patience) {
    m_closed = true;
    m_waiting.clear();
    m_engine.shutdown(patience);  // may end what is running
    if (m_running) {
        end([](Exchange& exchange) { exchange.abandon(MessageStatus::Stopped); });
    }
    m_keeper.saveNow();
}

ExchangeStep ExchangeQueue::step(qint64 conversationId) const {
    const Exchange* const now = running(conversationId);
    const Exchange* const exchange = now != nullptr ? now : waiting(conversationId);
    return exchange != nullptr ? exchange->step() : ExchangeStep::Idle;
}

const Exchange* ExchangeQueue::running(qint64 conversationId) const {
    return m_running && m_running->conversationId() == conversationId ? m_running.get() : nullptr;
}

const Exchange* ExchangeQueue::waiting(qint64 conversationId) const {
    const auto found = findWaiting(conversationId);
    return found == m_waiting.end() ? nullptr : found->get();
}

QSet<qint64> ExchangeQueue::conversations() const {
    QSet<qint64> result;
    if (m_running) {
        result.insert(m_running->conversationId());
    }
    for (const auto& exchange : m_waiting) {
        result.insert(exchange->conversationId());
    }
    return result;
}

ExchangeQueue::Exchanges::const_iterator ExchangeQueue::findWaiting(qint64 conversationId) const {
    return std::find_if(m_waiting.begin(), m_waiting.end(),
                        [&](const auto& exchange) { return exchange->conversationId() == conversationId; });
}

void ExchangeQueue::onProgress(quint64 id, const GenerationProgress& progress) {
    if (!m_running || m_requestId != id) {
        return;
    }
    const ExchangeStep before = m_running->step();
    m_running->take(progress);
    emit progressed(*m_running, progress.text);
    if (m_running->step() != before) {
        emit stepsChanged();
    }
}

void ExchangeQueue::onFinished(quint64 id, const GenerationOutcome& outcome) {
    if (m_running && m_requestId == id) {
        end([&](Exchange& exchange) { exchange.finish(outcome); });
    }
}

void ExchangeQueue::onFailed(quint64 id, const QString& sentence, bool reopenNeeded) {
    if (m_running && m_requestId == id) {
        end([&](Exchange& exchange) { exchange.fail(sentence); }, reopenNeeded);
    }
}

void ExchangeQueue::end(const std::function<void(Exchange&)>& how, bool reopenNeeded) {
    const std::unique_ptr<Exchange> exchange = std::exchange(m_running, nullptr);
    how(*exchange);
    emit ended(*exchange, reopenNeeded);
    beginNext();
}

}  // namespace alcove

#include "moc_exchange_queue.cpp"
