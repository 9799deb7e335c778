// How fast something comes, and how long the rest takes.
#pragma once

#include <deque>
#include <optional>

#include <QtGlobal>

namespace alcove {

// Of what came within the last seconds, so that a change shows soon and one second's silence does not.
class TransferRate {
public:
    // `bytes` in all at a time in milliseconds that never goes back.
    void add(qint64 milliseconds, qint64 bytes) {
        constexpr qint64 kWindowMs = 5000;
        m_samples.push_back({milliseconds, bytes});
        while (m_samples.size() > 2 && milliseconds - m_samples.front().milliseconds > kWindowMs) {
            m_samples.pop_front();
        }
    }
    void forget() { m_samples.clear(); }

    // Bytes a second; 0: not known yet.
    [[nodiscard]] qint64 perSecond() const {
        constexpr qint64 kLeastMs = 300;
        constexpr qint64 kSecond = 1000;
        if (m_samples.size() < 2) {
            return 0;
        }
        const qint64 time = m_samples.back().milliseconds - m_samples.front().milliseconds;
        const qint64 bytes = m_samples.back().bytes - m_samples.front().bytes;
        return time < kLeastMs || bytes <= 0 ? 0 : bytes * kSecond / time;
    }

    // For `missing` bytes; none: not known.
    [[nodiscard]] std::optional<qint64> secondsFor(qint64 missing) const {
        const qint64 rate = perSecond();
        return rate == 0 ? std::nullopt : std::make_optional((missing + rate - 1) / rate);
    }

private:
    struct Sample {
        qint64 milliseconds;
        qint64 bytes;
    };
    std::deque<Sample> m_samples;
};

}  // namespace alcove
