#include "app/session/piece_coalescer.h"

#include <utility>

namespace alcove {

std::optional<GenerationProgress> PieceCoalescer::add(const GenerationProgress& progress) {
    QString text = m_held ? std::move(m_held->text) : QString();
    text += progress.text;
    QList<MadeToken> tokens = m_held ? std::move(m_held->tokens) : QList<MadeToken>();
    tokens += progress.tokens;
    m_held = progress;
    m_held->text = std::move(text);
    m_held->tokens = std::move(tokens);
    const qint64 now = m_clockMs();
    if (m_lastMs && now - *m_lastMs < m_intervalMs) {
        return std::nullopt;
    }
    m_lastMs = now;
    return std::exchange(m_held, std::nullopt);
}

std::optional<GenerationProgress> PieceCoalescer::rest() {
    return std::exchange(m_held, std::nullopt);
}

}  // namespace alcove
