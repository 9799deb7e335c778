#include "app/fetch/backoff.h"

#include <algorithm>

#include <QLocale>
#include <QTimeZone>

namespace alcove {

std::optional<int> Backoff::after(const FetchFailure& failure, double random) {
    constexpr int kLongestMs = 60'000;
    constexpr int kMostDoublings = 16;
    constexpr qint64 kMilliseconds = 1000;
    if (!isPassing(failure.kind) || ++m_failures >= m_limits.attempts) {
        return std::nullopt;
    }
    if (failure.seconds > 0) {
        const qint64 asked = failure.seconds * kMilliseconds;
        return asked > m_limits.longestWaitMs ? std::nullopt : std::make_optional(static_cast<int>(asked));
    }
    const qint64 doubled = static_cast<qint64>(m_limits.backoffMs) << std::min(m_failures - 1, kMostDoublings);
    const auto longest = static_cast<double>(std::min<qint64>(doubled, kLongestMs));
    return static_cast<int>(longest * (0.5 + random / 2));
}

bool isPassing(FetchFailureKind kind) {
    switch (kind) {
        case FetchFailureKind::TooManyRequests:
        case FetchFailureKind::ServerError:
        case FetchFailureKind::Unreachable:
        case FetchFailureKind::Interrupted:
        case FetchFailureKind::Stalled:
        case FetchFailureKind::Busy:
            return true;
        default:
            return false;
    }
}

qint64 retryAfterSeconds(const QByteArray& header, const QDateTime& now) {
    constexpr qint64 kLongest = 1'000'000;
    bool isNumber = false;
    const qint64 seconds = header.trimmed().toLongLong(&isNumber);
    if (isNumber) {
        return std::clamp<qint64>(seconds, 0, kLongest);
    }
    QDateTime date = QLocale::c().toDateTime(QString::fromLatin1(header.trimmed()),
                                             QStringLiteral("ddd, dd MMM yyyy hh:mm:ss 'GMT'"));
    if (!date.isValid()) {
        return 0;
    }
    date.setTimeSpec(Qt::UTC);
    return std::clamp<qint64>(now.secsTo(date), 0, kLongest);
}

}  // namespace alcove
