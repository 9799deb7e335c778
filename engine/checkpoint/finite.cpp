#include "engine/checkpoint/finite.h"

#include <cstring>
#include <initializer_list>
#include <string>

#include "engine/base/error.h"
#include "engine/files/file_errors.h"

namespace alcove::engine {

namespace {

// An IEEE number is NaN or infinite exactly when its exponent bits are all set. Whole blocks are tested without a
// branch inside, so that the compiler can use vector instructions; the element is looked for only in a bad block.
template <typename Word, Word kExponent>
std::size_t firstNotFinite(std::span<const std::byte> bytes) {
    constexpr std::size_t kTogether = 64;
    const std::size_t count = bytes.size() / sizeof(Word);
    const std::byte* data = bytes.data();
    const auto bad = [data](std::size_t index) -> unsigned {
        Word word;
        std::memcpy(&word, data + index * sizeof(Word), sizeof(Word));
        return (word & kExponent) == kExponent ? 1U : 0U;
    };
    std::size_t index = 0;
    for (; index + kTogether <= count; index += kTogether) {
        unsigned found = 0;
        for (std::size_t i = 0; i < kTogether; ++i) {
            found |= bad(index + i);
        }
        if (found != 0) {
            break;
        }
    }
    while (index < count && bad(index) == 0) {
        ++index;
    }
    return index;
}

// The first of a quantised tensor's blocks in which one of the scales, halves at `offsets`, is not finite; the blocks'
// other bits are integers.
std::size_t firstBadBlock(DType dtype, std::span<const std::byte> bytes, std::initializer_list<std::size_t> offsets) {
    const std::size_t blockBytes = dtypeTraits(dtype).blockBytes;
    const std::size_t count = bytes.size() / blockBytes;
    for (std::size_t block = 0; block < count; ++block) {
        for (const std::size_t offset : offsets) {
            if (firstNotFinite<std::uint16_t, 0x7C00U>(bytes.subspan(block * blockBytes + offset, 2)) == 0) {
                return block;
            }
        }
    }
    return count;
}

// The number of the first block that is not finite; of elements where they are no blocks. The count if there is none.
std::size_t firstBad(DType dtype, std::span<const std::byte> bytes) {
    switch (dtype) {
        case DType::F32:
            return firstNotFinite<std::uint32_t, 0x7F800000U>(bytes);
        case DType::F16:
            return firstNotFinite<std::uint16_t, 0x7C00U>(bytes);
        case DType::BF16:
            return firstNotFinite<std::uint16_t, 0x7F80U>(bytes);
        case DType::Q8_0:
        case DType::Q4_0:
            return firstBadBlock(dtype, bytes, {0});
        case DType::Q4_K:
        case DType::Q5_K:
            return firstBadBlock(dtype, bytes, {0, 2});
        case DType::Q6_K:
            return firstBadBlock(dtype, bytes, {208});
    }
    return 0;
}

}  // namespace

bool allFinite(DType dtype, std::span<const std::byte> bytes) {
    return firstBad(dtype, bytes) == bytes.size() / dtypeTraits(dtype).blockBytes;
}

void requireFinite(const TensorView& tensor, const Cancellation& cancel) {
    const std::size_t blockBytes = dtypeTraits(tensor.dtype).blockBytes;
    const std::size_t blocks = tensor.bytes.size() / blockBytes;
    std::size_t index = 0;
    const auto look = [&](std::size_t first, std::size_t count) {
        if (index == first) {
            index += firstBad(tensor.dtype, tensor.bytes.subspan(first * blockBytes, count * blockBytes));
        }
    };
    inPieces(blocks, kBytesBetweenQuestions / blockBytes, cancel,
             ALCOVE_TEXT("engine", "Reading the weights was stopped."), look);
    if (index < blocks) {
        throw Error(ErrorCode::NotFinite,
                    isQuantized(tensor.dtype) ? ALCOVE_TEXT("engine",
                                                            "The weights hold NaN or infinity (%1, block %2), so the "
                                                            "model cannot answer. Download or convert them again.")
                                              : ALCOVE_TEXT("engine",
                                                            "The weights hold NaN or infinity (%1, element %2), so the "
                                                            "model cannot answer. Download or convert them again."),
                    shown(tensor.name), index);
    }
}

}  // namespace alcove::engine
