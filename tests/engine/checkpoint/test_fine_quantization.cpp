// Q4_0 blocks with searched scales: never worse than the reference's, mostly better, and nothing else changed.
#include <array>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include <QTest>

#include "engine/checkpoint/fine_quantization.h"
#include "engine/checkpoint/quantization.h"
#include "tests/rig/test_registry.h"

using namespace alcove::engine;

namespace {

using Quantize = void (*)(DType, std::span<const float>, std::span<std::byte>);

std::vector<std::byte> blocksOf(Quantize how, DType dtype, const std::vector<float>& values) {
    std::vector<std::byte> blocks(storedBytes(dtype, values.size()));
    how(dtype, values, blocks);
    return blocks;
}

double errorOf(Quantize how, const std::vector<float>& values) {
    std::vector<float> decoded(values.size());
    dequantize(DType::Q4_0, blocksOf(how, DType::Q4_0, values), decoded);
    double error = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
        error += std::pow(double{decoded[i]} - double{values[i]}, 2);
    }
    return error;
}

// Bell-shaped, as weights are: the sum of a few even ones.
std::vector<float> bellShaped(std::size_t count, std::uint32_t seed) {
    std::mt19937 random(seed);
    std::vector<float> values(count);
    for (float& value : values) {
        for (int i = 0; i < 6; ++i) {
            value += static_cast<float>(random() >> 8U) / static_cast<float>(1U << 24U) - 0.5F;
        }
    }
    return values;
}

}  // namespace

class TestFineQuantization : public QObject {
    Q_OBJECT
private slots:
    void isNeverWorse() {
        double reference = 0;
        double fine = 0;
        for (std::uint32_t seed = 0; seed < 500; ++seed) {
            const std::vector<float> block = bellShaped(32, seed);
            const double referenceError = errorOf(quantize, block);
            const double fineError = errorOf(quantizeFinely, block);
            QVERIFY(fineError <= referenceError);
            reference += referenceError;
            fine += fineError;
        }
        QVERIFY2(fine < 0.9 * reference, qPrintable(QString::number(fine / reference)));
    }

    void keepsWhatFitsExactly() {
        std::vector<float> values(64);
        for (std::size_t i = 0; i < values.size(); ++i) {
            values[i] = 0.25F * static_cast<float>(static_cast<int>(i * 5 % 16) - 8);
        }
        QCOMPARE(errorOf(quantizeFinely, values), 0.0);
        for (float& value : values) {
            value = -value;  // the largest is 8 now, which only a negative scale reaches
        }
        QCOMPARE(errorOf(quantizeFinely, values), 0.0);
    }

    void knowsEdges() {
        QVERIFY(blocksOf(quantizeFinely, DType::Q4_0, std::vector<float>(32)) ==
                blocksOf(quantize, DType::Q4_0, std::vector<float>(32)));
        for (const float size : {1e-30F, 6e-8F, 6e4F, std::numeric_limits<float>::max()}) {
            std::vector<float> values = bellShaped(32, 7);
            for (float& value : values) {
                value *= size / 3;
            }
            // Where the reference's scale has no room in 16 bits, the block is infinite in the same way.
            const bool finite = std::isfinite(errorOf(quantize, values));
            QCOMPARE(std::isfinite(errorOf(quantizeFinely, values)), finite);
            QVERIFY(!finite || errorOf(quantizeFinely, values) <= errorOf(quantize, values));
        }
    }

    void leavesOtherTypesAlone() {
        const std::vector<float> values = bellShaped(64, 3);
        for (const DType dtype : {DType::F32, DType::F16, DType::BF16, DType::Q8_0}) {
            QVERIFY(blocksOf(quantizeFinely, dtype, values) == blocksOf(quantize, dtype, values));
        }
    }
};

ALCOVE_TEST(TestFineQuantization)
#include "test_fine_quantization.moc"
