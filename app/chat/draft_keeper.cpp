#include "app/chat/draft_keeper.h"

#include <utility>

#include "app/history/history_store.h"

namespace alcove {

namespace {

constexpr int kDraftSaveMs = 500;

}  // namespace

DraftKeeper::DraftKeeper(HistoryStore& store, QObject* parent) : QObject(parent), m_store(store) {
    m_timer.setSingleShot(true);
    m_timer.setInterval(kDraftSaveMs);
    connect(&m_timer, &QTimer::timeout, this, &DraftKeeper::saveNow);
}

QString DraftKeeper::draft(qint64 conversationId) const {
    const auto unsaved = m_unsaved.constFind(conversationId);
    return unsaved != m_unsaved.constEnd() ? *unsaved : m_store.draft(conversationId);
}

void DraftKeeper::set(qint64 conversationId, const QString& text) {
    m_unsaved.insert(conversationId, text);
    if (!m_timer.isActive()) {  // who types on and on does not put it off
        m_timer.start();
    }
}

void DraftKeeper::saveNow() {
    m_timer.stop();
    if (m_store.readOnly()) {
        return;
    }
    QString problem;
    m_unsaved.removeIf([&](auto entry) { return save(entry.key(), entry.value(), problem); });
    if (!m_unsaved.isEmpty()) {
        m_timer.start();
    }
    if (!std::exchange(m_failing, !problem.isEmpty()) && m_failing) {
        emit failed(problem);
    }
}

bool DraftKeeper::save(qint64 conversationId, const QString& text, QString& problem) {
    try {
        m_store.setDraft(conversationId, text);
        return true;
    } catch (const HistoryError& error) {
        problem = error.sentence();
        return false;
    }
}

}  // namespace alcove

#include "moc_draft_keeper.cpp"
