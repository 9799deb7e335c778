// Stored numbers become the right values, and values the blocks that ggml's reference quantiser makes of them.
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <vector>

#include <QTest>

#include "engine/checkpoint/quantization.h"
#include "tests/reference/reference.h"
#include "tests/rig/test_registry.h"

using namespace alcove;
using namespace alcove::engine;

namespace {

constexpr std::uint16_t kHalf = 0x3800;       // 0.5
constexpr std::uint16_t kMinusTwo = 0xC000;   // -2
constexpr std::uint16_t kSixteenth = 0x2C00;  // 0.0625

std::vector<std::byte> zeroBlock(DType dtype) {
    return std::vector<std::byte>(dtypeTraits(dtype).blockBytes);
}

void putHalf(std::vector<std::byte>& block, std::size_t at, std::uint16_t half) {
    std::memcpy(block.data() + at, &half, sizeof half);
}

std::vector<float> decode(DType dtype, const std::vector<std::byte>& blocks) {
    const DTypeTraits& traits = dtypeTraits(dtype);
    std::vector<float> values(blocks.size() / traits.blockBytes * traits.blockElements);
    dequantize(dtype, blocks, values);
    return values;
}

std::vector<std::byte> encode(DType dtype, const std::vector<float>& values) {
    std::vector<std::byte> blocks(storedBytes(dtype, values.size()));
    quantize(dtype, values, blocks);
    return blocks;
}

std::vector<float> randomValues(std::size_t count) {
    std::minstd_rand random(7);  // NOLINT(cert-msc51-cpp): the same in each run
    std::normal_distribution<float> normal(0, 0.05F);
    std::vector<float> values(count);
    for (float& value : values) {
        value = normal(random);
    }
    return values;
}

}  // namespace

class TestQuantization : public QObject {
    Q_OBJECT

private slots:
    void halvesSurviveTheWayThere();
    void halvesAreRoundedToTheNearest_data();
    void halvesAreRoundedToTheNearest();
    void bf16IsRoundedToTheNearest();
    void decodesQ80();
    void decodesQ40();
    void decodesQ4K();
    void decodesQ5K();
    void decodesQ6K();
    void encodesQ80();
    void encodesQ40();
    void zerosStayZeros();
    void wayThereAndBackIsNear();
    void agreesWithTheReference_data();
    void agreesWithTheReference();
};

void TestQuantization::halvesSurviveTheWayThere() {
    for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
        const auto half = static_cast<std::uint16_t>(bits);
        const float value = halfToFloat(half);
        if ((bits & 0x7C00U) == 0x7C00U && (bits & 0x3FFU) != 0) {
            QVERIFY(std::isnan(value));
            QVERIFY(std::isnan(halfToFloat(floatToHalf(value))));
            continue;
        }
        QCOMPARE(floatToHalf(value), half);
    }
    QCOMPARE(halfToFloat(0x0001), 0x1p-24F);
    QCOMPARE(halfToFloat(0x03FF), 0x1.FF8p-15F);
    QCOMPARE(halfToFloat(0x0400), 0x1p-14F);
    QCOMPARE(halfToFloat(0x3555), 0x1.554p-2F);
    QCOMPARE(halfToFloat(0x7BFF), 65504.0F);
    QCOMPARE(halfToFloat(0xFC00), -std::numeric_limits<float>::infinity());
}

void TestQuantization::halvesAreRoundedToTheNearest_data() {
    QTest::addColumn<float>("value");
    QTest::addColumn<quint16>("half");
    QTest::newRow("tie to even, down") << 0x1.002p0F << quint16(0x3C00);
    QTest::newRow("tie to even, up") << 0x1.006p0F << quint16(0x3C02);
    QTest::newRow("just above the tie") << 0x1.002002p0F << quint16(0x3C01);
    QTest::newRow("into the next power of two") << -0x1.FFFp0F << quint16(0xC000);
    QTest::newRow("largest") << 65519.996F << quint16(0x7BFF);
    QTest::newRow("too large") << 65520.0F << quint16(0x7C00);
    QTest::newRow("far too large") << -std::numeric_limits<float>::max() << quint16(0xFC00);
    QTest::newRow("subnormal tie, down") << 0x1p-25F << quint16(0x0000);
    QTest::newRow("subnormal tie, up") << 0x1.8p-24F << quint16(0x0002);
    QTest::newRow("subnormal into normal") << 0x1.FFFp-15F << quint16(0x0400);
    QTest::newRow("minus zero") << -0.0F << quint16(0x8000);
    QTest::newRow("far too small") << std::numeric_limits<float>::denorm_min() << quint16(0);
}

void TestQuantization::halvesAreRoundedToTheNearest() {
    QFETCH(const float, value);
    QFETCH(const quint16, half);
    QCOMPARE(floatToHalf(value), half);
    QCOMPARE(decode(DType::F16, encode(DType::F16, {value})), std::vector{halfToFloat(half)});
}

void TestQuantization::bf16IsRoundedToTheNearest() {
    const std::vector<float> values = {0x1.01p0F, 0x1.03p0F, 0x1.010002p0F, -3.0F};
    QCOMPARE(decode(DType::BF16, encode(DType::BF16, values)), (std::vector{0x1p0F, 0x1.04p0F, 0x1.02p0F, -3.0F}));
    const std::vector<float> nan = {std::bit_cast<float>(0x7FFFFFFFU)};
    QVERIFY(std::isnan(decode(DType::BF16, encode(DType::BF16, nan)).front()));
}

void TestQuantization::decodesQ80() {
    std::vector<std::byte> block = zeroBlock(DType::Q8_0);
    putHalf(block, 0, kHalf);
    block[2] = std::byte{0x7F};
    block[3] = std::byte{0x80};
    block[33] = std::byte{0xFF};
    const std::vector<float> values = decode(DType::Q8_0, block);
    QCOMPARE(values.size(), std::size_t{32});
    QCOMPARE(values[0], 63.5F);
    QCOMPARE(values[1], -64.0F);
    QCOMPARE(values[2], 0.0F);
    QCOMPARE(values[31], -0.5F);
}

void TestQuantization::decodesQ40() {
    std::vector<std::byte> block = zeroBlock(DType::Q4_0);
    putHalf(block, 0, kMinusTwo);
    block[2] = std::byte{0xF0};
    block[17] = std::byte{0x9A};
    const std::vector<float> values = decode(DType::Q4_0, block);
    QCOMPARE(values[0], 16.0F);    // (0 - 8) · -2
    QCOMPARE(values[16], -14.0F);  // (15 - 8) · -2
    QCOMPARE(values[15], -4.0F);   // (10 - 8) · -2
    QCOMPARE(values[31], -2.0F);   // (9 - 8) · -2
    QCOMPARE(values[1], 16.0F);
}

// Group 1 has scale 37 and minimum 5; group 6 has scale 0b10'1101 = 45 and minimum 0b01'0110 = 22.
void putPairs(std::vector<std::byte>& block) {
    block[4 + 1] = std::byte{37};
    block[4 + 5] = std::byte{5};
    block[4 + 10] = std::byte{0b0110'1101};  // low bits of group 6: minimum, scale
    block[4 + 2] = std::byte{0b10'000000};   // high bits of its scale
    block[4 + 6] = std::byte{0b01'000000};   // high bits of its minimum
}

void TestQuantization::decodesQ4K() {
    std::vector<std::byte> block = zeroBlock(DType::Q4_K);
    putHalf(block, 0, kHalf);
    putHalf(block, 2, kSixteenth);
    putPairs(block);
    block[16 + 3] = std::byte{0xB7};        // values 3 (7) and 35 (11)
    block[16 + 96 + 31] = std::byte{0x4F};  // values 223 (15) and 255 (4)
    const std::vector<float> values = decode(DType::Q4_K, block);
    QCOMPARE(values.size(), std::size_t{256});
    QCOMPARE(values[3], 0.0F);  // group 0 has no scale
    QCOMPARE(values[35], 0.5F * 37 * 11 - 0.0625F * 5);
    QCOMPARE(values[36], -0.0625F * 5);
    QCOMPARE(values[223], 0.5F * 45 * 15 - 0.0625F * 22);
    QCOMPARE(values[222], -0.0625F * 22);
    QCOMPARE(values[255], 0.0F);
}

void TestQuantization::decodesQ5K() {
    std::vector<std::byte> block = zeroBlock(DType::Q5_K);
    putHalf(block, 0, kHalf);
    putHalf(block, 2, kSixteenth);
    putPairs(block);
    block[16 + 3] = std::byte{0b0000'0010};   // bit 4 of value 35
    block[16 + 31] = std::byte{0b0100'0000};  // bit 4 of value 223
    block[48 + 3] = std::byte{0xB7};
    block[48 + 96 + 31] = std::byte{0x4F};
    const std::vector<float> values = decode(DType::Q5_K, block);
    QCOMPARE(values[35], 0.5F * 37 * (16 + 11) - 0.0625F * 5);
    QCOMPARE(values[36], -0.0625F * 5);
    QCOMPARE(values[223], 0.5F * 45 * (16 + 15) - 0.0625F * 22);
    QCOMPARE(values[222], -0.0625F * 22);
    QCOMPARE(values[255], 0.0F);
}

void TestQuantization::decodesQ6K() {
    std::vector<std::byte> block = zeroBlock(DType::Q6_K);
    putHalf(block, 208, kHalf);
    block[192 + 2] = std::byte{3};            // values 32-47
    block[192 + 15] = std::byte{0x80};        // values 240-255: -128
    block[32 + 5] = std::byte{0x0C};          // low bits of value 37
    block[128 + 5] = std::byte{0b0000'1000};  // its high bits: 0b10
    block[64 + 63] = std::byte{0xF0};         // low bits of value 255
    block[128 + 32 + 31] = std::byte{0b11'000000};
    const std::vector<float> values = decode(DType::Q6_K, block);
    QCOMPARE(values[0], 0.0F);
    QCOMPARE(values[37], 0.5F * 3 * (0b10'1100 - 32));
    QCOMPARE(values[38], 0.5F * 3 * -32);
    QCOMPARE(values[48], 0.0F);
    QCOMPARE(values[255], 0.5F * -128 * (63 - 32));
    QCOMPARE(values[240], 0.5F * -128 * -32);
}

void TestQuantization::encodesQ80() {
    std::vector<float> values(32);
    values[0] = -254;
    values[1] = 3;      // 1.5 rounds away from zero, as roundf does
    values[2] = -1;     // -0.5
    values[31] = 2.9F;  // 1.45
    std::vector<std::byte> expected = zeroBlock(DType::Q8_0);
    putHalf(expected, 0, kMinusTwo & 0x7FFF);
    expected[2] = std::byte{0x81};  // -127
    expected[3] = std::byte{2};
    expected[4] = std::byte{0xFF};
    expected[33] = std::byte{1};
    QCOMPARE(encode(DType::Q8_0, values), expected);
}

void TestQuantization::encodesQ40() {
    std::vector<float> values(32);
    values[0] = 4;   // the largest: -8 steps of -0.5
    values[1] = -4;  // 8 steps, of which there are 7; the first of equal magnitudes decides
    values[15] = 0.2F;
    values[16] = -0.26F;
    values[31] = 1;
    std::vector<std::byte> expected = zeroBlock(DType::Q4_0);
    putHalf(expected, 0, 0xB800);  // -0.5
    std::fill(expected.begin() + 2, expected.end(), std::byte{0x88});
    expected[2] = std::byte{0x90};   // value 16 is half a step and a bit: 9
    expected[3] = std::byte{0x8F};   // 8 + 8 steps, kept to 15
    expected[17] = std::byte{0x68};  // value 31: 8 - 2
    QCOMPARE(encode(DType::Q4_0, values), expected);
}

void TestQuantization::zerosStayZeros() {
    const std::vector<float> zeros(64, 0.0F);
    for (const DType dtype : {DType::F32, DType::F16, DType::BF16, DType::Q8_0, DType::Q4_0}) {
        for (const float value : decode(dtype, encode(dtype, zeros))) {
            QCOMPARE(std::fabs(value), 0.0F);
        }
    }
}

void TestQuantization::wayThereAndBackIsNear() {
    const std::vector<float> values = randomValues(4096);
    const auto isNear = [&](DType dtype, const std::vector<float>& back, std::size_t block, float bound) {
        float largest = 0;
        float error = 0;
        const std::size_t elements = dtypeTraits(dtype).blockElements;
        for (std::size_t i = block * elements; i < (block + 1) * elements; ++i) {
            largest = std::max(largest, std::fabs(values[i]));
            error = std::max(error, std::fabs(values[i] - back[i]));
        }
        return error <= bound * largest + 0x1p-25F;  // half a step of the smallest halves
    };
    // Half a step of 1/127 or 1/8 of the largest (a whole one where -8 has no opposite), and what the scale loses.
    for (const auto& [dtype, bound] :
         {std::pair(DType::Q8_0, 0.5F / 127 + 0x1p-11F), std::pair(DType::Q4_0, 1.0F / 8 + 0x1p-11F),
          std::pair(DType::F16, 0x1p-11F), std::pair(DType::BF16, 0x1p-8F)}) {
        const std::vector<float> back = decode(dtype, encode(dtype, values));
        for (std::size_t block = 0; block < values.size() / dtypeTraits(dtype).blockElements; ++block) {
            QVERIFY2(isNear(dtype, back, block, bound), dtypeName(dtype));
        }
    }
    QCOMPARE(decode(DType::F32, encode(DType::F32, values)), values);
}

void TestQuantization::agreesWithTheReference_data() {
    QTest::addColumn<DType>("dtype");
    for (std::size_t i = 0; i < kDTypeCount; ++i) {
        QTest::newRow(kDTypes[i].name) << static_cast<DType>(i);
    }
}

// Random bits with finite scales, one byte off alignment.
void TestQuantization::agreesWithTheReference() {
    QFETCH(const DType, dtype);
    const DTypeTraits& traits = dtypeTraits(dtype);
    constexpr std::size_t kValues = 2048;
    std::vector<std::byte> storage(1 + storedBytes(dtype, kValues));
    std::minstd_rand random(11);  // NOLINT(cert-msc51-cpp): the same in each run
    for (std::byte& byte : storage) {
        byte = static_cast<std::byte>(random() >> 8U);
    }
    const std::span<std::byte> bytes = std::span(storage).subspan(1);
    for (std::size_t at = 0; at < bytes.size(); at += traits.blockBytes) {
        // The top bit of each exponent, wherever this type has one.
        const bool fourBytes = dtype == DType::F32;
        const std::size_t scale = dtype == DType::Q6_K ? 209 : fourBytes ? 3 : 1;
        bytes[at + scale] &= std::byte{0xBF};
        if (dtype == DType::Q4_K || dtype == DType::Q5_K) {
            bytes[at + 3] &= std::byte{0xBF};
        }
    }
    std::vector<float> values(kValues);
    dequantize(dtype, bytes, values);
    const reference::Table exact = reference::decoded({"random", dtype, {kValues / 256, 256}, bytes});
    for (std::size_t i = 0; i < kValues; ++i) {
        const double tolerance = 1e-6 * std::max(1.0, std::fabs(exact.values[i]));
        const double difference = std::fabs(static_cast<double>(values[i]) - exact.values[i]);
        QVERIFY2(difference <= tolerance, qPrintable(QString("value %1").arg(i)));
    }
}

ALCOVE_TEST(TestQuantization)
#include "test_quantization.moc"
