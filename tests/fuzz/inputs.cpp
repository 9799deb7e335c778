// The fuzz targets without a fuzzer: each seed, and changed ones, through the function that the fuzzer calls.
// Usage: fuzz_inputs TARGET CHANGES SEED…, each seed being changed CHANGES times. The inputs are the same each time.
// Work is not counted (growth.h), and memory is checked only where AddressSanitizer is built in.
#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "tests/fuzz/growth.h"
#include "tests/fuzz/work_count.h"

#define FUZZ_TARGET(name) extern "C" int fuzzInput_##name(const std::uint8_t* data, std::size_t size);
#include "fuzz_targets.inc"
#undef FUZZ_TARGET

namespace {

struct Target {
    const char* name;
    int (*run)(const std::uint8_t* data, std::size_t size);
};

constexpr std::array kTargets = {
#define FUZZ_TARGET(name) Target{#name, fuzzInput_##name},
#include "fuzz_targets.inc"
#undef FUZZ_TARGET
};

constexpr std::size_t kMostEdits = 8;
constexpr std::size_t kLongestCopy = 64;

std::array<char, 512> g_running{};  // which input, for the case that it ends the program

void tellAndDie(int signal) {
    // Only what a signal handler may do.
    std::fputs(g_running.data(), stderr);
    std::signal(signal, SIG_DFL);
    std::raise(signal);
}

std::size_t below(std::mt19937_64& random, std::size_t limit) {
    return static_cast<std::size_t>(random() % limit);
}

// A byte changed, a stretch left out, a stretch repeated elsewhere, or the end cut off.
void edit(std::string& bytes, std::mt19937_64& random) {
    if (bytes.empty()) {
        return;
    }
    const std::size_t at = below(random, bytes.size());
    const std::size_t length = 1 + below(random, std::min(kLongestCopy, bytes.size() - at));
    switch (random() % 8) {
        case 0:
            bytes.resize(at);
            break;
        case 1:
            bytes.erase(at, length);
            break;
        case 2:
            bytes.insert(below(random, bytes.size()), bytes.substr(at, length));
            break;
        case 3:
            bytes[at] = random() % 2 == 0 ? '\xff' : '\0';
            break;
        default:
            bytes[at] = static_cast<char>(random());
    }
}

void run(const Target& target, const std::string& seed, int change, const std::string& bytes) {
    std::snprintf(g_running.data(), g_running.size(), "The input: %s, change %d of its bytes.\n", seed.c_str(), change);
    // A copy of just that size, so that AddressSanitizer sees reads past its end.
    const std::vector<std::uint8_t> input(bytes.begin(), bytes.end());
    target.run(input.data(), input.size());
}

}  // namespace

namespace alcove::fuzz {

std::uint64_t allocatedSoFar() {
    return 0;
}

bool countsWork() {
    return false;
}

std::uint64_t workDone() {
    return 0;
}

int tried(const std::uint8_t* data, std::size_t size, Reader read) {
    read(data, size);
    return 0;
}

}  // namespace alcove::fuzz

int main(int argc, char* argv[]) {
    const auto* target =
        argc < 4 ? kTargets.end() : std::find_if(kTargets.begin(), kTargets.end(), [argv](const Target& each) {
            return std::strcmp(each.name, argv[1]) == 0;
        });
    if (target == kTargets.end()) {
        std::fputs("Usage: fuzz_inputs TARGET CHANGES SEED…\n", stderr);
        return 1;
    }
    std::signal(SIGABRT, tellAndDie);
    std::signal(SIGSEGV, tellAndDie);
    const int changes = std::atoi(argv[2]);
    int inputs = 0;
    for (int i = 3; i < argc; ++i) {
        std::ifstream file(argv[i], std::ios::binary);
        const std::string seed{std::istreambuf_iterator<char>(file), {}};
        if (!file || seed.empty()) {
            std::fprintf(stderr, "%s cannot be read, or is empty.\n", argv[i]);
            return 1;
        }
        std::mt19937_64 random(static_cast<std::uint64_t>(i));  // its numbers are the same everywhere
        run(*target, argv[i], 0, seed);
        for (int change = 1; change <= changes; ++change) {
            std::string bytes = seed;
            for (std::size_t edits = 1 + below(random, kMostEdits); edits != 0; --edits) {
                edit(bytes, random);
            }
            run(*target, argv[i], change, bytes);
        }
        inputs += 1 + changes;
    }
    std::printf("%d inputs\n", inputs);
    return 0;
}
