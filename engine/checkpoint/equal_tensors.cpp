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

constexpr TranslatableText kStopped = ALCOVE_TEXT("engine", "Opening the model was cancelled.");

// A quick hash to sort tensors into groups; equality is decided by comparing bytes. Four independent lanes, so that
// the multiplications overlap and memory is the limit.
std::uint64_t contentHash(std::span<const std::byte> bytes, const Cancellation& cancel) {
    constexpr std::uint64_t kPrime = 0x9E3779B97F4A7C15U;
    constexpr std::size_t kStride = 32;
    static_assert(kBytesBetweenQuestions % kStride == 0);
    std::array<std::uint64_t, 4> lanes = {1, 2, 3, 4};
    const auto mix = [](std::uint64_t state, std::uint64_t word) { return std::rotl((state ^ word) * kPrime, 29); };
    const std::size_t whole = bytes.size() - bytes.size() % kStride;
    inPieces(whole, kBytesBetweenQuestions, cancel, kStopped, [&](std::size_t first, std::size_t count) {
        for (std::size_t position = first; position < first + count; position += kStride) {
            std::array<std::uint64_t, 4> words;
            std::memcpy(words.data(), bytes.data() + position, kStride);
            for (std::size_t lane = 0; lane < lanes.size(); ++lane) {
                lanes[lane] = mix(lanes[lane], words[lane]);
            }
        }
    });
    std::uint64_t hash = bytes.size();
    for (const std::byte byte : bytes.subspan(whole)) {
        hash = mix(hash, std::to_integer<std::uint64_t>(byte));
    }
    for (const std::uint64_t lane : lanes) {
        hash = mix(hash, lane);
    }
    return hash;
}

bool sameForm(const TensorView& a, const TensorView& b) {
    return a.dtype == b.dtype && a.shape == b.shape && a.bytes.size() == b.bytes.size();
}

bool sameBytes(std::span<const std::byte> a, std::span<const std::byte> b, const Cancellation& cancel) {
    bool same = a.size() == b.size();
    inPieces(same ? a.size() : 0, kBytesBetweenQuestions, cancel, kStopped, [&](std::size_t first, std::size_t count) {
        same = same && std::memcmp(a.data() + first, b.data() + first, count) == 0;
    });
    return same;
}

std::span<const std::byte> beginning(const TensorView& tensor) {
    return tensor.bytes.first(std::min(kBeginning, tensor.bytes.size()));
}

// Compares one tensor with others, hashing each at most once and only where the beginnings agree.
class Candidate {
public:
    // `cancel` outlives it.
    Candidate(const TensorView& tensor, const Cancellation& cancel) : m_tensor(&tensor), m_cancel(&cancel) {}

    [[nodiscard]] bool equals(Candidate& other) {
        if (!sameForm(*m_tensor, *other.m_tensor)) {
            return false;
        }
        if (sameStorage(*m_tensor, *other.m_tensor)) {
            return true;
        }
        return sameBytes(beginning(*m_tensor), beginning(*other.m_tensor), *m_cancel) && hash() == other.hash() &&
               sameBytes(m_tensor->bytes, other.m_tensor->bytes, *m_cancel);
    }

private:
    std::uint64_t hash() {
        if (!m_hash) {
            m_hash = contentHash(m_tensor->bytes, *m_cancel);
        }
        return *m_hash;
    }

    const TensorView* m_tensor;
    const Cancellation* m_cancel;
    std::optional<std::uint64_t> m_hash;
};

}  // namespace

bool sameStorage(const TensorView& a, const TensorView& b) {
    return a.bytes.data() == b.bytes.data() && a.bytes.size() == b.bytes.size();
}

bool sameContent(const TensorView& a, const TensorView& b, const Cancellation& cancel) {
    return sameForm(a, b) && (sameStorage(a, b) || sameBytes(a.bytes, b.bytes, cancel));
}

std::vector<std::size_t> groupByContent(std::span<const TensorView> tensors, const Cancellation& cancel) {
    std::vector<Candidate> candidates;
    for (const TensorView& tensor : tensors) {
        candidates.emplace_back(tensor, cancel);
    }
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
