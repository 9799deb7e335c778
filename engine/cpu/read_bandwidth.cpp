#include "engine/cpu/read_bandwidth.h"

#include <algorithm>
#include <atomic>

#include "engine/base/clock.h"
#include "engine/cpu/memory.h"

namespace alcove::engine::cpu {

namespace {

constexpr std::size_t kBytes = std::size_t{256} << 20U;
constexpr std::size_t kPiece = std::size_t{1} << 20U;
constexpr std::size_t kPageBytes = 4096;

}  // namespace

double measureReadBandwidth(const Kernels& kernels, ThreadTeam& team) {
    requireMemory(kBytes);
    const LargeMemory memory(kBytes);
    std::atomic<std::uint64_t> sum = 0;
    const auto read = [&] {
        team.run([&](unsigned member) {
            team.share(member, kBytes / kPiece,
                       [&](std::size_t piece) { sum += kernels.readAll(memory.data() + piece * kPiece, kPiece); });
        });
    };
    // Memory never written to may be one and the same page of zeros.
    for (std::size_t at = 0; at < kBytes; at += kPageBytes) {
        memory.data()[at] = std::byte{1};
    }
    double best = 0;
    for (int run = 0; run < 3; ++run) {
        const Clock::time_point start = Clock::now();
        read();
        const double taken = secondsSince(start);
        best = std::max(best, static_cast<double>(kBytes) / taken);
    }
    return best;
}

}  // namespace alcove::engine::cpu
