// Long tables of cases: the quick run takes a sample of them, the exhaustive one (ALCOVE_EXHAUSTIVE=1) all.
//
// Which cases a sample has depends on one number alone. It is printed, and is the day unless ALCOVE_SAMPLE gives it, so
// that all cases have their turn and a failure can be had again.
#pragma once

#include <algorithm>
#include <vector>

#include <QDateTime>
#include <QtGlobal>

namespace alcove::tests {

[[nodiscard]] inline bool exhaustive() {
    return qgetenv("ALCOVE_EXHAUSTIVE") == "1";
}

[[nodiscard]] inline std::size_t sampleNumber() {
    static const std::size_t number = [] {
        bool given = false;
        const qulonglong wanted = qEnvironmentVariable("ALCOVE_SAMPLE").toULongLong(&given);
        constexpr qint64 kSecondsADay = 86400;
        const auto chosen = given ? wanted : static_cast<qulonglong>(QDateTime::currentSecsSinceEpoch() / kSecondsADay);
        if (!exhaustive()) {
            qInfo("A sample of the cases: ALCOVE_SAMPLE=%llu has it again, ALCOVE_EXHAUSTIVE=1 has all.", chosen);
        }
        return static_cast<std::size_t>(chosen);
    }();
    return number;
}

// The first case is taken, so that no table is left without one, and of all one in `every`.
class Sample {
public:
    explicit Sample(std::size_t every) : m_every(exhaustive() ? 1 : every) {}
    [[nodiscard]] bool takes() {
        const std::size_t seen = m_seen++;
        return seen == 0 || (seen + sampleNumber()) % m_every == 0;
    }

private:
    std::size_t m_every;
    std::size_t m_seen = 0;
};

// `count` of `all`, at least one, in their order.
template <class Value>
[[nodiscard]] std::vector<Value> sampled(std::vector<Value> all, std::size_t count) {
    count = std::max<std::size_t>(count, 1);
    if (exhaustive() || all.size() <= count) {
        return all;
    }
    std::rotate(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(sampleNumber() % all.size()), all.end());
    all.resize(count);
    return all;
}

}  // namespace alcove::tests
