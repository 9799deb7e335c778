// Each shader against its twin in double precision.
#include <array>

#include <QTest>

#include "engine/vulkan/rope_angles.h"
#include "tests/vulkan/kernel_rig.h"
#include "tests/vulkan/random_weights.h"

using namespace alcove;
using namespace alcove::engine;
using namespace alcove::engine::vulkan;
using alcove::reference::Table;
using alcove::tests::KernelRig;
using alcove::tests::randomTable;
using alcove::tests::RandomTensors;

namespace {

constexpr float kTheta = 10000.0F;

#define VERIFY_CLOSE(got, expected, bound)                                                                \
    do {                                                                                                  \
        const double closeness = reference::normalisedError(got, expected);                               \
        QVERIFY2(closeness <= (bound), qPrintable(QStringLiteral("normalised error %1").arg(closeness))); \
    } while (false)

// Columns [from, from + count) of every row.
Table columns(const Table& table, std::size_t from, std::size_t count) {
    Table result(table.rows, count);
    for (std::size_t row = 0; row < table.rows; ++row) {
        std::ranges::copy(table.row(row).subspan(from, count), result.row(row).begin());
    }
    return result;
}

Table firstRows(const Table& table, std::size_t from, std::size_t count) {
    Table result(count, table.columns);
    std::copy_n(table.values.begin() + static_cast<std::ptrdiff_t>(from * table.columns), count * table.columns,
                result.values.begin());
    return result;
}

}  // namespace

class TestVulkanKernels : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void embed_data();
    void embed();
    void rmsNorm_data();
    void rmsNorm();
    void matmul_data();
    void matmul();
    void matmulOfSeveralTypes();
    void attention_data();
    void attention();
    void swiglu_data();
    void swiglu();
    void cleanupTestCase();

private:
    std::unique_ptr<KernelRig> m_rig;
    std::unique_ptr<KernelRig> m_narrowRig;  // whose buffers reach only 16 KiB
};

void TestVulkanKernels::initTestCase() {
    m_rig = std::make_unique<KernelRig>();
    m_narrowRig = std::make_unique<KernelRig>(DeviceOptions{.instance = {}, .maxStorageRange = 16384});
}

void TestVulkanKernels::cleanupTestCase() {
    m_narrowRig.reset();
    m_rig.reset();
}

void TestVulkanKernels::embed_data() {
    QTest::addColumn<int>("dtype");
    QTest::addColumn<int>("hidden");
    QTest::addColumn<bool>("narrow");
    for (const DType dtype : {DType::F32, DType::F16, DType::BF16}) {
        for (const int hidden : {64, 172, 6}) {
            QTest::addRow("%s %d", dtypeName(dtype), hidden) << static_cast<int>(dtype) << hidden << false;
            QTest::addRow("%s %d split", dtypeName(dtype), hidden) << static_cast<int>(dtype) << hidden << true;
        }
    }
}

void TestVulkanKernels::embed() {
    QFETCH(int, dtype);
    QFETCH(int, hidden);
    QFETCH(bool, narrow);
    KernelRig& rig = narrow ? *m_narrowRig : *m_rig;
    constexpr std::size_t kVocab = 1511;
    const std::vector<TokenId> tokens = {0, 1510, 7, 300, 300, 1023, 1, 255, 256};
    RandomTensors tensors;
    const TensorView tensor =
        tensors.make("table", static_cast<DType>(dtype), {kVocab, static_cast<std::uint64_t>(hidden)}, 1);
    const Matrix table = rig.matrix({&tensor, 1});
    QCOMPARE(table.parts().size() > 1, narrow);
    const Buffer x = rig.emptyRows(tokens.size(), hidden);
    const Buffer state = rig.makeState();
    KernelRig::setState(state, 0, tokens);
    const Kernels& kernels = rig.kernels();
    const Embedding embedding({&kernels, &rig.descriptors(), &state}, table, x);
    rig.run([&](Recorder& recorder) { embedding.record(recorder, static_cast<std::uint32_t>(tokens.size())); });
    const std::vector<float> got = rig.readRows(x, tokens.size(), hidden);
    const Table expected = reference::embed(reference::decoded(tensor), tokens);
    for (std::size_t i = 0; i < got.size(); ++i) {
        QCOMPARE(static_cast<double>(got[i]), expected.values[i]);
    }
}

void TestVulkanKernels::rmsNorm_data() {
    QTest::addColumn<int>("n");
    QTest::addColumn<int>("hidden");
    QTest::addColumn<float>("spread");
    QTest::addRow("one") << 1 << 64 << 1.0F;
    QTest::addRow("odd") << 7 << 171 << 1.0F;
    QTest::addRow("wide") << 3 << 2048 << 30.0F;
    QTest::addRow("tiny values") << 9 << 2560 << 1e-3F;
    QTest::addRow("narrow") << 33 << 5 << 1.0F;
}

void TestVulkanKernels::rmsNorm() {
    QFETCH(int, n);
    QFETCH(int, hidden);
    QFETCH(float, spread);
    const Table x = randomTable(n, hidden, spread, 1);
    const Table gammas = randomTable(3, hidden, 2, 2);
    const Buffer input = m_rig->rows(x);
    const Buffer weights = m_rig->rows(gammas);
    const Buffer y = m_rig->emptyRows(n, hidden);
    const Kernels& kernels = m_rig->kernels();
    const RmsNorm norm({&kernels, &m_rig->descriptors(), nullptr}, input, weights, y, hidden, 2, 1e-5F);
    const Table expected = reference::rmsNorm(x, gammas.row(2), 1e-5);

    m_rig->run([&](Recorder& recorder) { norm.record(recorder, n); });
    VERIFY_CLOSE(m_rig->readRows(y, n, hidden), expected.values, reference::kElementwiseBound);

    // As before the head: the last token alone.
    m_rig->run([&](Recorder& recorder) { norm.record(recorder, 1, n - 1); });
    VERIFY_CLOSE(m_rig->readRows(y, 1, hidden), expected.row(n - 1), reference::kElementwiseBound);
}

void TestVulkanKernels::matmul_data() {
    QTest::addColumn<int>("dtype");
    QTest::addColumn<int>("n");
    QTest::addColumn<int>("in");
    QTest::addColumn<int>("out");
    QTest::addColumn<bool>("lanes");   // as on a graphics card: many lanes share a row
    QTest::addColumn<bool>("narrow");  // split into several buffers
    for (const bool lanes : {false, true}) {
        const char* shape = lanes ? "lanes share rows" : "lanes own rows";
        for (const DType dtype : {DType::F32, DType::F16, DType::BF16}) {
            for (const int n : {1, 7, 8, 9, 33}) {
                QTest::addRow("%s %s n=%d", shape, dtypeName(dtype), n)
                    << static_cast<int>(dtype) << n << 172 << 511 << lanes << false;
            }
            QTest::addRow("%s %s split", shape, dtypeName(dtype))
                << static_cast<int>(dtype) << 5 << 172 << 300 << lanes << true;
        }
        QTest::addRow("%s one element", shape) << static_cast<int>(DType::F16) << 1 << 1 << 1 << lanes << false;
        QTest::addRow("%s long rows", shape) << static_cast<int>(DType::F16) << 2 << 5632 << 65 << lanes << false;
    }
}

void TestVulkanKernels::matmul() {
    QFETCH(int, dtype);
    QFETCH(int, n);
    QFETCH(int, in);
    QFETCH(int, out);
    QFETCH(bool, lanes);
    QFETCH(bool, narrow);
    KernelRig& rig = narrow ? *m_narrowRig : *m_rig;
    const Kernels& kernels = rig.kernels(lanes ? KernelRig::Shape::GraphicsCard : KernelRig::Shape::Own);
    QCOMPARE(kernels.tuning().one.lanes > 1 && kernels.tuning().many.lanes > 1, lanes);
    RandomTensors tensors;
    const TensorView w = tensors.make("w", static_cast<DType>(dtype),
                                      {static_cast<std::uint64_t>(out), static_cast<std::uint64_t>(in)}, 1);
    const Table x = randomTable(n, in, 1, 2);
    const Table before = randomTable(n, out, 3, 3);
    const Matrix matrix = rig.matrix({&w, 1});
    QCOMPARE(matrix.parts().size() > 1, narrow);
    const Buffer input = rig.rows(x);
    const Buffer y = rig.rows(before);
    const OperationContext context{&kernels, &rig.descriptors(), nullptr};
    const Projection add(context, matrix, input, y, Projection::Into::Add);
    const Projection overwrite(context, matrix, input, y, Projection::Into::Overwrite);

    Table expected = reference::matmul(x, reference::decoded(w));
    rig.run([&](Recorder& recorder) { overwrite.record(recorder, n); });
    VERIFY_CLOSE(rig.readRows(y, n, out), expected.values, reference::kProductBound);

    rig.fill(y, before);
    for (std::size_t i = 0; i < expected.values.size(); ++i) {
        expected.values[i] += before.values[i];
    }
    rig.run([&](Recorder& recorder) { add.record(recorder, n); });
    VERIFY_CLOSE(rig.readRows(y, n, out), expected.values, reference::kProductBound);
    // Nothing is written beside the rows: the ends stay zero.
    const std::vector<float> whole = rig.read(y, n, rowPitch(out), rowPitch(out));
    for (std::size_t i = 0; i < whole.size(); ++i) {
        QVERIFY(i % rowPitch(out) < static_cast<std::size_t>(out) || whole[i] == 0.0F);
    }
}

void TestVulkanKernels::matmulOfSeveralTypes() {
    RandomTensors tensors;
    const std::array stacked = {tensors.make("a", DType::F16, {30, 40}, 1), tensors.make("b", DType::F16, {9, 40}, 1),
                                tensors.make("c", DType::F32, {17, 40}, 1), tensors.make("d", DType::BF16, {3, 40}, 1)};
    const Matrix matrix = m_rig->matrix(stacked);
    QCOMPARE(matrix.parts().size(), std::size_t{3});  // a and b lie in one
    QCOMPARE(matrix.rows(), 59U);
    const Table x = randomTable(3, 40, 1, 2);
    const Buffer input = m_rig->rows(x);
    const Buffer y = m_rig->emptyRows(3, 59);
    const Kernels& kernels = m_rig->kernels();
    const Projection projection({&kernels, &m_rig->descriptors(), nullptr}, matrix, input, y,
                                Projection::Into::Overwrite);
    m_rig->run([&](Recorder& recorder) { projection.record(recorder, 3); });
    const std::vector<float> got = m_rig->readRows(y, 3, 59);
    std::vector<double> expected;
    for (std::size_t token = 0; token < 3; ++token) {
        for (const TensorView& tensor : stacked) {
            const Table product = reference::matmul(firstRows(x, token, 1), reference::decoded(tensor));
            expected.insert(expected.end(), product.values.begin(), product.values.end());
        }
    }
    VERIFY_CLOSE(got, expected, reference::kProductBound);
}

void TestVulkanKernels::attention_data() {
    QTest::addColumn<int>("headDim");
    QTest::addColumn<int>("kvHeads");
    QTest::addColumn<int>("group");
    QTest::addColumn<bool>("narrow");
    for (const int headDim : {64, 80, 8}) {
        for (const int group : {1, 2, 4}) {
            QTest::addRow("head_dim %d, groups of %d", headDim, group) << headDim << 2 << group << false;
        }
    }
    QTest::addRow("head_dim 6") << 6 << 3 << 1 << false;
    QTest::addRow("head_dim 2") << 2 << 1 << 2 << false;
    QTest::addRow("head_dim 256") << 256 << 1 << 1 << false;
    QTest::addRow("split by heads") << 8 << 5 << 2 << true;
}

// A sequence fed in chunks, queries, keys and values given: checks rotation, the cache and attention together.
void TestVulkanKernels::attention() {
    QFETCH(int, headDim);
    QFETCH(int, kvHeads);
    QFETCH(int, group);
    QFETCH(bool, narrow);
    KernelRig& rig = narrow ? *m_narrowRig : *m_rig;
    const std::vector<std::uint32_t> chunks = {1, 5, 1, 20, 19, 20, 20, 20, 20, 20};
    const std::size_t length = 146;  // their sum: three tiles of positions, the last one not full
    const auto contextSize = static_cast<std::uint32_t>(length + 3);
    const std::size_t heads = static_cast<std::size_t>(kvHeads) * group;
    const std::size_t queryColumns = heads * headDim;
    const std::size_t kvColumns = static_cast<std::size_t>(kvHeads) * headDim;
    const AttentionShape shape{.heads = static_cast<std::uint32_t>(heads),
                               .cache = {.layers = 1,
                                         .kvHeads = static_cast<std::uint32_t>(kvHeads),
                                         .headDim = static_cast<std::uint32_t>(headDim),
                                         .contextSize = contextSize}};
    const Table qkv = randomTable(length, queryColumns + 2 * kvColumns, 2, 4);
    const Table q = reference::rope(columns(qkv, 0, queryColumns), headDim, 0, static_cast<double>(kTheta));
    const Table k = reference::rope(columns(qkv, queryColumns, kvColumns), headDim, 0, static_cast<double>(kTheta));
    const Table v = columns(qkv, queryColumns + kvColumns, kvColumns);
    const Table expected = reference::attention(q, k, v, headDim);

    const KvCache cache(rig.device(), shape.cache);
    QCOMPARE(cache.layer(0).size() > 1, narrow);
    for (const KvCache::Part& part : cache.layer(0)) {
        rig.clear(part.keys);
        rig.clear(part.values);
    }
    const std::vector<float> table = ropeAngles(contextSize, headDim, kTheta);
    const Buffer angles(rig.device(), table.size() * sizeof(float), MemoryUse::DeviceOnly, "angles");
    {
        Uploader uploader(rig.device(), [](std::uint64_t) {});
        uploader.write(angles, 0, std::as_bytes(std::span(table)), contextSize, headDim * sizeof(float));
        uploader.finish();
    }
    const Buffer input = rig.emptyRows(20, qkv.columns);
    const Buffer y = rig.emptyRows(20, queryColumns);
    const Buffer state = rig.makeState();
    const Kernels& kernels = rig.kernels();
    const OperationContext context{&kernels, &rig.descriptors(), &state};
    const RopeStore ropeStore(context, shape, cache.layer(0), input, angles);
    const Attention attention(context, shape, cache.layer(0), input, y);

    std::size_t position = 0;
    for (const std::uint32_t n : chunks) {
        rig.fill(input, firstRows(qkv, position, n));
        KernelRig::setState(state, static_cast<std::uint32_t>(position), {});
        rig.run([&](Recorder& recorder) {
            ropeStore.record(recorder, n);
            attention.record(recorder, n);
        });
        VERIFY_CLOSE(rig.read(input, n, queryColumns, rowPitch(qkv.columns)), firstRows(q, position, n).values,
                     reference::kElementwiseBound);
        VERIFY_CLOSE(rig.readRows(y, n, queryColumns), firstRows(expected, position, n).values,
                     reference::kProductBound);
        position += n;
    }
    QCOMPARE(position, length);
    for (const KvCache::Part& part : cache.layer(0)) {
        for (std::uint32_t head = 0; head < part.heads; ++head) {
            const std::size_t pitch = shape.cache.pitch();
            const auto ofHead = [&](const Buffer& buffer) {
                const std::vector<float> all = rig.read(buffer, std::size_t{part.heads} * contextSize, headDim, pitch);
                const auto first = all.begin() + static_cast<std::ptrdiff_t>(head * contextSize * headDim);
                return std::vector<float>(first, first + static_cast<std::ptrdiff_t>(length * headDim));
            };
            const std::size_t column = (part.firstHead + head) * headDim;
            VERIFY_CLOSE(ofHead(part.keys), columns(k, column, headDim).values, reference::kElementwiseBound);
            VERIFY_CLOSE(ofHead(part.values), columns(v, column, headDim).values, 0.0);
        }
    }
}

void TestVulkanKernels::swiglu_data() {
    QTest::addColumn<int>("n");
    QTest::addColumn<int>("ffn");
    QTest::addColumn<float>("spread");
    QTest::addRow("one") << 1 << 5632 << 4.0F;
    QTest::addRow("odd") << 7 << 171 << 1.0F;
    QTest::addRow("saturated") << 3 << 64 << 200.0F;
}

void TestVulkanKernels::swiglu() {
    QFETCH(int, n);
    QFETCH(int, ffn);
    QFETCH(float, spread);
    const Table gateUp = randomTable(n, 2 * ffn, spread, 5);
    const Buffer input = m_rig->rows(gateUp);
    const Buffer y = m_rig->emptyRows(n, ffn);
    const Kernels& kernels = m_rig->kernels();
    const Swiglu swiglu({&kernels, &m_rig->descriptors(), nullptr}, input, y, ffn);
    m_rig->run([&](Recorder& recorder) { swiglu.record(recorder, n); });
    VERIFY_CLOSE(m_rig->readRows(y, n, ffn),
                 reference::swiglu(columns(gateUp, 0, ffn), columns(gateUp, ffn, ffn)).values,
                 reference::kElementwiseBound);
}

QTEST_GUILESS_MAIN(TestVulkanKernels)
#include "test_vulkan_kernels.moc"
