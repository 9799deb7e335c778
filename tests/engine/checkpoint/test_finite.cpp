// NaN and infinity in weights are found, wherever they are, and nothing else is.
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include <QTest>

#include "engine/checkpoint/finite.h"
#include "tests/engine/checkpoint/checkpoint_builder.h"
#include "tests/rig/test_registry.h"

using namespace alcove::engine;

class TestFinite : public QObject {
    Q_OBJECT

private slots:
    void findsTheElement_data();
    void findsTheElement();
    void acceptsAllFiniteHalves();
    void acceptsExtremes();
};

void TestFinite::findsTheElement_data() {
    QTest::addColumn<DType>("dtype");
    QTest::addColumn<quint32>("word");
    QTest::newRow("F32 NaN") << DType::F32 << 0x7FC00000U;
    QTest::newRow("F32 smallest NaN") << DType::F32 << 0x7F800001U;
    QTest::newRow("F32 infinity") << DType::F32 << 0x7F800000U;
    QTest::newRow("F32 minus infinity") << DType::F32 << 0xFF800000U;
    QTest::newRow("F16 NaN") << DType::F16 << 0x7E00U;
    QTest::newRow("F16 minus infinity") << DType::F16 << 0xFC00U;
    QTest::newRow("BF16 NaN") << DType::BF16 << 0xFFC0U;
    QTest::newRow("BF16 infinity") << DType::BF16 << 0x7F80U;
}

void TestFinite::findsTheElement() {
    QFETCH(const DType, dtype);
    QFETCH(const quint32, word);
    constexpr std::size_t kCount = 200;  // three whole blocks of the search and a rest
    const std::size_t size = dtypeSize(dtype);
    for (std::size_t place = 0; place < kCount; ++place) {
        std::vector<std::byte> storage(kCount * size + 1);
        std::byte* data = storage.data() + 1;  // unaligned, as tensors in files may be
        std::memcpy(data + place * size, &word, size);
        const TensorView tensor = {"model.norm.weight", dtype, {kCount}, {data, kCount * size}};
        EXPECT_ERROR(requireFinite(tensor), ErrorCode::NotFinite,
                     "model.norm.weight, element " + std::to_string(place) + ")");
        QVERIFY(!allFinite(dtype, tensor.bytes));
        QVERIFY(allFinite(dtype, tensor.bytes.first(place * size)));
    }
}

void TestFinite::acceptsAllFiniteHalves() {
    std::vector<std::uint16_t> words;
    for (std::uint32_t word = 0; word < 0x10000; ++word) {
        if ((word & 0x7C00) != 0x7C00) {
            words.push_back(static_cast<std::uint16_t>(word));
        }
    }
    requireFinite({"halves", DType::F16, {words.size()}, std::as_bytes(std::span(words))});
}

void TestFinite::acceptsExtremes() {
    using Limits = std::numeric_limits<float>;
    const std::vector<float> values = {0.0F, -0.0F, Limits::max(), Limits::lowest(), Limits::denorm_min(), 1.0F};
    requireFinite({"values", DType::F32, {values.size()}, std::as_bytes(std::span(values))});
    requireFinite({"empty", DType::BF16, {0}, {}});
}

ALCOVE_TEST(TestFinite)
#include "test_finite.moc"
