// How long is waited before something is tried again.
#pragma once

#include <optional>

#include <QByteArray>
#include <QDateTime>

#include "app/fetch/messages/messages.h"

namespace alcove {

// Counts attempts in a row that brought nothing.
class Backoff {
public:
    explicit Backoff(const FetchLimits& limits) : m_limits(limits) {}

    void reset() { m_failures = 0; }

    // Milliseconds to wait after this failure; none: it is given up. `random` is from [0, 1): those who failed together
    // do not come back together.
    [[nodiscard]] std::optional<int> after(const FetchFailure& failure, double random);

private:
    FetchLimits m_limits;
    int m_failures = 0;
};

// Whether it may go better when it is tried again.
[[nodiscard]] bool isPassing(FetchFailureKind kind);

// Seconds of a Retry-After header, which is a number or a date; 0 if it is neither.
[[nodiscard]] qint64 retryAfterSeconds(const QByteArray& header, const QDateTime& now);

}  // namespace alcove
