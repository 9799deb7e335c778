// Every kernel of every vector unit this machine has, against the reference in double precision, over odd sizes.
#include <limits>
#include <tuple>

#include <QTest>

#include "engine/cpu/activations.h"
#include "engine/cpu/kernels.h"
#include "engine/model/rope_angles.h"
#include "tests/rig/test_registry.h"
#include "tests/rig/verify_close.h"
#include "tests/vulkan/random_weights.h"

using namespace alcove;
using namespace alcove::engine;
using namespace alcove::engine::cpu;
using alcove::tests::RandomTensors;

namespace {

constexpr double kQuantizedBound = 5e-4;  // of products and attention with values of eight bits

std::vector<float> randomFloats(std::size_t count, float spread, std::uint32_t seed) {
    std::mt19937 random(seed);
    std::vector<float> values(count);
    for (float& value : values) {
        value = spread * (static_cast<float>(random() >> 8) / static_cast<float>(1 << 23) - 1.0F);
    }
    return values;
}

reference::Table tableOf(const std::vector<float>& values, std::size_t columns) {
    reference::Table table(values.size() / columns, columns);
    std::ranges::copy(values, table.values.begin());
    return table;
}

// What the matrices read: `values` [n, columns] in both forms.
InputRows inputOf(const Kernels& kernels, const std::vector<float>& values, std::size_t columns) {
    const std::size_t n = values.size() / columns;
    InputRows input(n, columns);
    for (std::size_t i = 0; i < n; ++i) {
        std::copy_n(values.data() + i * columns, columns, input.floats(i));
        kernels.quantize(input.floats(i), columns, input.blocks(), input.quantized(i));
    }
    return input;
}

struct Packed {
    explicit Packed(const TensorView& tensor) : matrix(shapeFor(tensor)), memory(matrix.bytes()) {
        matrix.data = memory.data();
        for (std::size_t group = 0; group < matrix.groups(); ++group) {
            if (!packGroup(matrix, group, tensor)) {
                throw std::runtime_error("not finite");
            }
        }
    }
    PackedMatrix matrix;
    LargeMemory memory;
};

}  // namespace

class TestCpuKernels : public QObject {
    Q_OBJECT

private slots:
    void everyRowUnpacks();
    void kTypesBecomeBytes();
    void products_data() { targets(); }
    void products();
    void extremeBytes_data() { targets(); }
    void extremeBytes();
    void quantizes_data() { targets(); }
    void quantizes();
    void normalizes_data() { targets(); }
    void normalizes();
    void gates_data() { targets(); }
    void gates();
    void rotates_data() { targets(); }
    void rotates();
    void attends_data() { targets(); }
    void attends();
    void cleanup() { chooseKernelTarget(0); }

private:
    static void targets() {
        QTest::addColumn<qlonglong>("target");
        for (const std::int64_t target : kernelTargets()) {
            chooseKernelTarget(target);
            QTest::addRow("%s", chosenKernels().target) << static_cast<qlonglong>(target);
        }
        chooseKernelTarget(0);
    }
    // The kernels of the row's vector unit.
    static Kernels kernels() {
        const auto target = *static_cast<const qlonglong*>(QTest::qData("target", QMetaType::LongLong));
        chooseKernelTarget(target);
        return chosenKernels();
    }
};

void TestCpuKernels::everyRowUnpacks() {
    RandomTensors tensors;
    for (const DType dtype : {DType::F32, DType::F16, DType::BF16, DType::Q8_0, DType::Q4_0}) {
        const TensorView tensor = tensors.make("w", dtype, {21, 96}, 1);
        const reference::Table expected = reference::decoded(tensor);
        const Packed packed(tensor);
        std::vector<float> row(96);
        for (std::size_t i = 0; i < 21; ++i) {
            unpackRow(packed.matrix, i, row);
            for (std::size_t column = 0; column < 96; ++column) {
                QCOMPARE(static_cast<double>(row[column]), expected.row(i)[column]);
            }
        }
    }
}

void TestCpuKernels::kTypesBecomeBytes() {
    // Blocks of arbitrary bits with scales of usual size.
    std::mt19937 random(7);
    for (const auto& [dtype, scales] : {std::pair{DType::Q4_K, std::vector<std::size_t>{0, 2}},
                                        std::pair{DType::Q5_K, std::vector<std::size_t>{0, 2}},
                                        std::pair{DType::Q6_K, std::vector<std::size_t>{208}}}) {
        std::vector<std::byte> bytes(storedBytes(dtype, 5 * 512));
        for (std::byte& byte : bytes) {
            byte = static_cast<std::byte>(random());
        }
        for (std::size_t block = 0; block < bytes.size(); block += dtypeTraits(dtype).blockBytes) {
            for (const std::size_t scale : scales) {
                bytes[block + scale + 1] = std::byte{0x2C};
            }
        }
        const TensorView tensor = {.name = "k", .dtype = dtype, .shape = {5, 512}, .bytes = bytes};
        const reference::Table expected = reference::decoded(tensor);
        const Packed packed(tensor);
        QVERIFY(packed.matrix.dtype == DType::Q8_0);
        std::vector<float> row(512);
        for (std::size_t i = 0; i < 5; ++i) {
            unpackRow(packed.matrix, i, row);
            VERIFY_CLOSE(row, std::vector<double>(expected.row(i).begin(), expected.row(i).end()), 1e-4);
        }
    }
}

void TestCpuKernels::products() {
    const Kernels k = kernels();
    RandomTensors tensors;
    // 130 rows: eight groups and a part of one; 7 tokens: tiles of 4, 2 and 1.
    for (const auto& [dtype, rows, columns] :
         {std::tuple{DType::F32, 130, 171}, std::tuple{DType::F16, 130, 171}, std::tuple{DType::BF16, 33, 172},
          std::tuple{DType::Q8_0, 130, 160}, std::tuple{DType::Q4_0, 130, 160}, std::tuple{DType::Q4_0, 7, 2048},
          std::tuple{DType::Q8_0, 16, 32}}) {
        const auto rowCount = static_cast<std::size_t>(rows);
        const auto columnCount = static_cast<std::size_t>(columns);
        const TensorView tensor = tensors.make("w", dtype, {rowCount, columnCount}, 1);
        const Packed packed(tensor);
        const reference::Table weights = reference::decoded(tensor);
        constexpr std::size_t kTokens = 15;
        const std::vector<float> x = randomFloats(kTokens * columnCount, 3, 5);
        const InputRows input = inputOf(k, x, columnCount);
        const reference::Table expected = reference::matmul(tableOf(x, columnCount), weights);
        const FloatRows whole(kTokens, rowCount);
        for (const std::size_t n : {std::size_t{1}, std::size_t{2}, std::size_t{7}, kTokens}) {
            const FloatRows out(n, rowCount);
            for (std::size_t i = 0; i < n; ++i) {
                std::fill_n(out.row(i), out.stride(), 1.5F);
            }
            // In two pieces, the second added to what is there.
            const std::size_t half = packed.matrix.groups() / 2;
            k.product(packed.matrix, 0, half, input.rows(), n, out.row(0), out.stride(), false, Reading::Ahead);
            k.product(packed.matrix, half, packed.matrix.groups() - half, input.rows(), n,
                      out.row(0) + half * kGroupRows, out.stride(), true, Reading::Around);
            std::vector<float> got;
            std::vector<double> wanted;
            for (std::size_t i = 0; i < n; ++i) {
                for (std::size_t row = 0; row < rowCount; ++row) {
                    got.push_back(out.row(i)[row]);
                    wanted.push_back(expected.row(i)[row] + (row < half * kGroupRows ? 0 : 1.5));
                }
            }
            VERIFY_CLOSE(got, wanted, isQuantized(dtype) ? kQuantizedBound : reference::kProductBound);
            // Neither the number of tokens nor that of the rows changes a bit.
            k.product(packed.matrix, 0, packed.matrix.groups(), input.rows(), n, whole.row(0), whole.stride(), false,
                      Reading::Plain);
            for (std::size_t i = 0; i < n; ++i) {
                for (std::size_t row = 0; row < rowCount; ++row) {
                    const std::size_t group = row / kGroupRows;
                    float alone[kGroupRows];
                    Rows one = input.rows();
                    one.floats = input.floats(i);
                    const QuantizedRow quantized = input.quantized(i);
                    one.values = quantized.values;
                    one.scales = quantized.scales;
                    one.offsets = quantized.offsets;
                    k.product(packed.matrix, group, 1, one, 1, alone, kGroupRows, false, Reading::Plain);
                    QCOMPARE(whole.row(i)[row], alone[row % kGroupRows]);
                }
            }
        }
    }
}

// The sums of bytes that come nearest to overflowing.
void TestCpuKernels::extremeBytes() {
    const Kernels k = kernels();
    for (const auto& [dtype, byte, weight] :
         {std::tuple{DType::Q8_0, 0x80, -128.0}, std::tuple{DType::Q8_0, 0x7F, 127.0},
          std::tuple{DType::Q4_0, 0x00, -8.0}, std::tuple{DType::Q4_0, 0xFF, 7.0}}) {
        std::vector<std::byte> bytes(storedBytes(dtype, 64), static_cast<std::byte>(byte));
        for (std::size_t block = 0; block < 2; ++block) {
            bytes[block * dtypeTraits(dtype).blockBytes] = std::byte{0x00};
            bytes[block * dtypeTraits(dtype).blockBytes + 1] = std::byte{0x3C};  // 1
        }
        const Packed packed(TensorView{.name = "w", .dtype = dtype, .shape = {1, 64}, .bytes = bytes});
        for (const float value : {127.0F, -127.0F}) {
            const InputRows input = inputOf(k, std::vector<float>(64, value), 64);
            float out[kGroupRows];
            k.product(packed.matrix, 0, 1, input.rows(), 1, out, kGroupRows, false, Reading::Plain);
            QCOMPARE(static_cast<double>(out[0]), weight * static_cast<double>(value) * 64);
        }
    }
}

void TestCpuKernels::quantizes() {
    const Kernels k = kernels();
    std::vector<float> x = randomFloats(75, 2, 3);
    std::fill_n(x.begin() + 32, 32, 0.0F);
    const InputRows input = inputOf(k, x, 75);
    QCOMPARE(input.blocks(), std::size_t{4});
    const QuantizedRow row = input.quantized(0);
    for (std::size_t block = 0; block < 4; ++block) {
        int sum = 0;
        for (std::size_t i = block * 32; i < block * 32 + 32; ++i) {
            const float value = i < x.size() ? x[i] : 0;
            QVERIFY(std::abs(static_cast<float>(row.values[i]) * row.scales[block] - value) <=
                    row.scales[block] * 0.5001F);
            sum += row.values[i];
        }
        QCOMPARE(row.offsets[block], -8 * sum);
    }
    QCOMPARE(row.scales[1], 0.0F);
    for (const float wrong : {std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()}) {
        x[70] = wrong;
        QVERIFY(!std::isfinite(inputOf(k, x, 75).quantized(0).scales[2]));
    }
}

void TestCpuKernels::normalizes() {
    const Kernels k = kernels();
    for (const std::size_t columns : {1, 10, 171, 2048}) {
        const std::vector<float> x = randomFloats(columns, 4, 11);
        const std::vector<float> gamma = randomFloats(columns, 1, 12);
        std::vector<float> y(columns);
        k.rmsNorm(x.data(), gamma.data(), columns, 1e-5F, y.data());
        const std::vector<double> scale(gamma.begin(), gamma.end());
        VERIFY_CLOSE(y, reference::rmsNorm(tableOf(x, columns), scale, 1e-5F).values, reference::kElementwiseBound);
    }
}

void TestCpuKernels::gates() {
    const Kernels k = kernels();
    std::vector<float> gate = randomFloats(45, 12, 21);
    gate[3] = -120;
    gate[4] = 120;
    const std::vector<float> up = randomFloats(45, 2, 22);
    std::vector<float> y(45);
    k.swiglu(gate.data(), up.data(), 45, y.data());
    VERIFY_CLOSE(y, reference::swiglu(tableOf(gate, 45), tableOf(up, 45)).values, reference::kElementwiseBound);
    QVERIFY(std::abs(y[3]) < 1e-30F);
}

void TestCpuKernels::rotates() {
    const Kernels k = kernels();
    for (const std::uint32_t dim : {2U, 10U, 64U, 80U}) {
        const std::vector<float> angles = ropeAngles(50, dim, dim / 2, 10000);
        const std::vector<float> x = randomFloats(dim, 2, dim);
        std::vector<float> y = x;
        k.rotate(y.data(), angles.data() + std::size_t{49} * dim, dim);
        VERIFY_CLOSE(y, reference::rope(tableOf(x, dim), dim, 49, 10000).values, reference::kElementwiseBound);
    }
}

void TestCpuKernels::attends() {
    const Kernels k = kernels();
    constexpr std::size_t kPositions = 300;  // more than a page
    for (const std::size_t dim : {10, 64, 80}) {
        for (const KvType type : {KvType::F16, KvType::Q8}) {
            const KvCache cache({.contextSize = kPositions, .layers = 2, .heads = 2, .headDim = dim, .type = type});
            const std::vector<float> keys = randomFloats(kPositions * dim, 1, 31);
            const std::vector<float> values = randomFloats(kPositions * dim, 1, 32);
            const std::vector<float> queries = randomFloats(6 * dim, 3, 33);
            const CachedHead head = cache.head(1, 1);
            for (std::size_t position = 0; position < kPositions; ++position) {
                k.store(head, position, keys.data() + position * dim, values.data() + position * dim);
            }
            for (const std::size_t first : {1, 16, 63, 64, 255, 256, 295}) {
                std::vector<AttendedQuery> calls;
                const FloatRows together(6, dim);
                for (std::size_t q = 0; q < 6; ++q) {  // a tile of four and two alone
                    calls.push_back({queries.data() + q * dim, together.row(q), std::min(first + q, kPositions)});
                }
                k.attend(head, calls.data(), calls.size());
                const FloatRows alone(1, dim);
                for (std::size_t q = 0; q < 6; ++q) {
                    AttendedQuery one = calls[q];
                    one.output = alone.row(0);
                    k.attend(head, &one, 1);
                    QVERIFY(std::equal(alone.row(0), alone.row(0) + dim, together.row(q)));
                    const auto part = [&](const std::vector<float>& all) {
                        return tableOf({all.begin(), all.begin() + static_cast<std::ptrdiff_t>(one.positions * dim)},
                                       dim);
                    };
                    const reference::Table expected =
                        reference::attention(tableOf({one.query, one.query + dim}, dim), part(keys), part(values), dim);
                    VERIFY_CLOSE(std::span<const float>(alone.row(0), dim), expected.values,
                                 type == KvType::F16 ? reference::kProductBound : kQuantizedBound);
                }
            }
        }
    }
}

ALCOVE_TEST(TestCpuKernels)
#include "test_cpu_kernels.moc"
