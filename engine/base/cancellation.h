// Whether what runs is asked to end early.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <utility>

#include "engine/base/sentence.h"

namespace alcove::engine {

// Bytes that are read, compared or written between two questions: some milliseconds' work, tenths of a second where a
// disk is slow.
inline constexpr std::size_t kBytesBetweenQuestions = std::size_t{8} << 20U;

// What may take long asks it again and again, after pieces of work of a limited size, on whichever thread it runs.
class Cancellation {
public:
    Cancellation() = default;  // is never requested
    // Requested once the flag is set, which any thread may do. The flag must outlive all copies.
    Cancellation(const std::atomic<bool>& flag)  // NOLINT: a flag is one
        : m_ask([&flag] { return flag.load(std::memory_order_relaxed); }) {}
    Cancellation(std::atomic<bool>&&) = delete;
    // For tests, which count how often it is asked, and answer yes at one time.
    explicit Cancellation(std::function<bool()> ask) : m_ask(std::move(ask)) {}

    [[nodiscard]] bool requested() const { return m_ask && m_ask(); }

    // Throws Error{Cancelled} with the sentence if it is.
    void check(TranslatableText sentence) const;

private:
    std::function<bool()> m_ask;
};

// Calls work(first, count) for pieces of [0, size) of at most `step`, and cancel.check() before each.
template <class Work>
void inPieces(std::size_t size, std::size_t step, const Cancellation& cancel, TranslatableText sentence,
              const Work& work) {
    for (std::size_t first = 0; first < size; first += step) {
        cancel.check(sentence);
        work(first, size - first < step ? size - first : step);
    }
}

}  // namespace alcove::engine
