#include "app/chat/draft_size.h"

#include <utility>

#include "app/library/running_checkpoint.h"
#include "app/session/engine_thread.h"
#include "app/settings/settings_controller.h"

namespace alcove {

namespace {

// More than a chat template puts around a message, in bytes; a token has at least one.
constexpr qsizetype kAround = 1000;

}  // namespace

DraftSize::DraftSize(EngineThread& engine, const RunningCheckpoint& running, const SettingsController& settings,
                     QObject* parent)
    : QObject(parent), m_engine(engine), m_running(running), m_settings(settings) {
    m_rest.setSingleShot(true);
    m_rest.setInterval(kRestMs);
    connect(&m_rest, &QTimer::timeout, this, &DraftSize::count);
    connect(&engine, &EngineThread::tokensCounted, this, &DraftSize::onCounted);
    connect(&running, &RunningCheckpoint::currentChanged, this, [this] {
        show({});
        m_rest.start();
    });
    connect(&settings, &SettingsController::systemPromptChanged, this, [this] { m_rest.start(); });
}

void DraftSize::setText(const QString& text) {
    if (text == m_text) {
        return;
    }
    m_text = text;
    m_stale = m_countId != 0;
    if (text.trimmed().isEmpty()) {
        m_rest.stop();
        show({});
    } else {
        m_rest.start();
    }
}

// One count is on its way at a time, however long the engine is busy with a reply.
void DraftSize::count() {
    if (m_countId != 0) {
        m_stale = true;
        return;
    }
    if (m_running.current() && !m_text.trimmed().isEmpty()) {
        m_stale = false;
        m_countId = request(m_text);
    }
}

quint64 DraftSize::request(const QString& text) {
    GenerationRequest counted;
    counted.checkpoint = m_running.current()->id;
    counted.systemPrompt = m_settings.systemPrompt();
    counted.turns = {{.fromUser = true, .text = text.left(kMostCounted)}};
    return m_engine.countTokens(counted);
}

bool DraftSize::certainlyFits(const QString& text) const {
    constexpr qsizetype kMostBytes = 3;  // of UTF-8 for a unit of UTF-16
    return (text.size() + m_settings.systemPrompt().size()) * kMostBytes + kAround < m_running.current()->contextSize;
}

void DraftSize::ask(const QString& text, const std::function<void(bool)>& then) {
    m_questionId = 0;
    if (!m_running.current() || m_running.loading() || !m_engine.idle() || certainlyFits(text)) {
        then(true);
        return;
    }
    m_question = {text, then};
    m_questionId = request(text);
}

void DraftSize::onCounted(quint64 id, const TokenCount& count) {
    if (id == m_questionId) {
        m_questionId = 0;
        const Question question = std::exchange(m_question, {});
        if (question.text == m_text) {
            show(count);
        }
        question.then(count.tokens <= count.most);
    } else if (id == m_countId) {
        m_countId = 0;
        if (std::exchange(m_stale, false)) {
            m_rest.start();
        } else {
            show(count);
        }
    }
}

void DraftSize::show(const TokenCount& count) {
    if (count.tokens != m_shown.tokens || count.most != m_shown.most) {
        m_shown = count;
        emit changed();
    }
}

QString DraftSize::figures() const {
    return m_shown.tokens > 0 ? tr("%L1 of %L2 tokens").arg(m_shown.tokens).arg(m_shown.most) : QString();
}

QString DraftSize::problem() const {
    return tooLong() ? tr("This is too long for %1. Shorten it by about %L2 tokens, or choose a model with a larger "
                          "context.")
                           .arg(m_running.name())
                           .arg(m_shown.tokens - m_shown.most)
                     : QString();
}

}  // namespace alcove

#include "moc_draft_size.cpp"
