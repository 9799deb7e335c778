// How much work a function does, counted and not timed, so that it is the same on every machine: the basic blocks that
// are entered, which the compiler counts (-fsanitize-coverage=trace-pc), and the bytes that are copied at once.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace alcove::fuzz {

// False where the build does not count; workDone() then stays 0.
[[nodiscard]] bool countsWork();

// Since the program began, by the engine, by the fuzz target and by what they use of the standard library's templates.
[[nodiscard]] std::uint64_t workDone();

template <class Run>
std::uint64_t workOf(const Run& run) {
    const std::uint64_t before = workDone();
    run();
    return workDone() - before;
}

// Ends the program unless run() takes about twice the work for twice the text. `text` should be some kilobytes long, so
// that what does not grow with it hardly counts.
template <class Run>
void requireGrowth(const std::string& text, const Run& run) {
    if (!countsWork()) {
        run(text);
        return;
    }
    const std::uint64_t once = workOf([&] { run(text); });
    const std::uint64_t twice = workOf([&] { run(text + text); });
    if (once == 0 || twice > once * 5 / 2 + text.size() / 2) {
        std::fprintf(stderr, "%zu bytes take %llu steps, twice as many take %llu.\n", text.size(),
                     static_cast<unsigned long long>(once), static_cast<unsigned long long>(twice));
        std::abort();
    }
}

}  // namespace alcove::fuzz
