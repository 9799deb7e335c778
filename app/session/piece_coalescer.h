// Joins the text of several tokens into pieces, so that the window is not updated for each token.
#pragma once

#include <functional>
#include <optional>

#include "app/session/backend.h"

namespace alcove {

// Lets a progress through at most every `intervalMs`; the text and tokens of those held back go with
// the next one, or with rest(). The first is never held back.
class PieceCoalescer {
public:
    PieceCoalescer(std::function<qint64()> clockMs, qint64 intervalMs)
        : m_clockMs(std::move(clockMs)), m_intervalMs(intervalMs) {}

    // The piece to hand over now, if any.
    std::optional<GenerationProgress> add(const GenerationProgress& progress);

    // What is still held back, if anything.
    std::optional<GenerationProgress> rest();

private:
    std::function<qint64()> m_clockMs;
    qint64 m_intervalMs;
    std::optional<qint64> m_lastMs;
    std::optional<GenerationProgress> m_held;
};

}  // namespace alcove
