#include "engine/checkpoint/equal_tensors.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>

namespace alcove::engine {

namespace {

// Tensors of different models or layers nearly always differ within this many bytes.
constexpr std::size_t kBeginning = 4096;

// A quick hash to sort tensors into groups; equality is decided by comparing bytes. Four independent lanes, so that
// the multiplications overlap and memory is the limit.
std::uint64_t contentHash(std::span<const std::byte> bytes) {
    constexpr std::uint64_t kPrime = 0x9E3779B97F4A7C15U;
    constexpr std::size_t kStride = 32;
    std::array<std::uint64_t, 4> lanes = {1, 2, 3, 4};
    const auto mix = [](std::uint64_t state, std::uint64_t word) { return std::rotl((state ^ word) * kPrime, 29); };
    std::size_t position = 0;
    for (; position + kStride <= bytes.size(); position += kStride) {
        std::array<std::uint64_t, 4> words;
        std::memcpy(words.data(), bytes.data() + position, kStride);
        for (std::size_t lane = 0; lane < lanes.size(); ++lane) {
            lanes[lane] = mix(lanes[lane], words[lane]);
        }
    }
    std::uint64_t hash = bytes.size();
    for (; position < bytes.size(); ++position) {
        hash = mix(hash, std::to_integer<std::uint64_t>(bytes[position]));
    }
    for (const std::uint64_t lane : lanes) {
        hash = mix(hash, lane);
    }
    return hash;
}

bool sameForm(const TensorView& a, const TensorView& b) {
    return a.dtype == b.dtype && a.shape == b.shape && a.bytes.size() == b.bytes.size();
}

bool sameBytes(std::span<const std::byte> a, std::span<const std::byte> b) {
    return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size()) == 0);
}

std::span<const std::byte> beginning(const TensorView& tensor) {
    return tensor.bytes.first(std::min(kBeginning, tensor.bytes.size()));
}

// Compares one tensor with others, hashing each at most once and only where the beginnings agree.
class Candidate {
public:
    explicit Candidate(const TensorView& tensor) : m_tensor(&tensor) {}

    [[nodiscard]] bool equals(Candidate& other) {
        if (!sameForm(*m_tensor, *other.m_tensor)) {
            return false;
        }
        if (sameStorage(*m_tensor, *other.m_tensor)) {
            return true;
        }
        return sameBytes(beginning(*m_tensor), beginning(*other.m_tensor)) && hash() == other.hash() &&
               sameBytes(m_tensor->bytes, other.m_tensor->bytes);
    }

private:
    std::uint64_t hash() {
        if (!m_hash) {
            m_hash = contentHash(m_tensor->bytes);
        }
        return *m_hash;
    }

    const TensorView* m_tensor;
    std::optional<std::uint64_t> m_hash;
};

}  // namespace

bool sameStorage(const TensorView& a, const TensorView& b) {
    return a.bytes.data() == b.bytes.data() && a.bytes.size() == b.bytes.size();
}

bool sameContent(const TensorView& a, const TensorView& b) {
    return sameForm(a, b) && (sameStorage(a, b) || sameBytes(a.bytes, b.bytes));
}

std::vector<std::size_t> groupByContent(std::span<const TensorView> tensors) {
    std::vector<Candidate> candidates(tensors.begin(), tensors.end());
    std::vector<std::size_t> representatives;
    std::vector<std::size_t> groups(tensors.size());
    for (std::size_t i = 0; i < tensors.size(); ++i) {
        const auto match =
            std::find_if(representatives.begin(), representatives.end(),
                         [&](std::size_t representative) { return candidates[i].equals(candidates[representative]); });
        groups[i] = match == representatives.end() ? i : *match;
        if (match == representatives.end()) {
            representatives.push_back(i);
        }
    }
    return groups;
}

}  // namespace alcove::engine
