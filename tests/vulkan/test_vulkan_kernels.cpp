// Each operation against its twin in double precision. Weights, eight-bit inputs and the cache's rounding are the
// same in both, so that what is left to bound is the arithmetic; outputs of eight bits have a rounding of their own.
#include <cmath>

#include <QTest>

#include "engine/checkpoint/quantization.h"
#include "engine/model/rope_angles.h"
#include "tests/vulkan/kernel_rig.h"
#include "tests/vulkan/random_weights.h"

using namespace alcove;
using namespace alcove::engine;
using namespace alcove::engine::vulkan;
using alcove::reference::Table;
using alcove::tests::KernelRig;
using alcove::tests::randomTable;
using alcove::tests::RandomTensors;
using Shape = KernelRig::Shape;

namespace {

constexpr float kTheta = 10000.0F;
constexpr float kEpsilon = 1e-5F;
constexpr double kByteBound = 5e-4;  // of outputs of eight bits

#define VERIFY_CLOSE(got, expected, bound)                                                                \
    do {                                                                                                  \
        const double closeness = reference::normalisedError(got, expected);                               \
        QVERIFY2(closeness <= (bound), qPrintable(QStringLiteral("normalised error %1").arg(closeness))); \
    } while (false)

Table someRows(const Table& table, std::size_t from, std::size_t count) {
    Table result(count, table.columns);
    std::copy_n(table.values.begin() + static_cast<std::ptrdiff_t>(from * table.columns), count * table.columns,
                result.values.begin());
    return result;
}

std::vector<double> squaresOf(const Table& x) {
    std::vector<double> sums;
    for (std::size_t row = 0; row < x.rows; ++row) {
        double sum = 0;
        for (const double value : x.row(row)) {
            sum += value * value;
        }
        sums.push_back(sum);
    }
    return sums;
}

// How a kernel is made.
struct Case {
    Shape shape;
    DType dtype;
    ActivationType type;
};

double productBound(ActivationType type) {
    return type == ActivationType::Bytes ? kByteBound : reference::kProductBound;
}

}  // namespace

Q_DECLARE_METATYPE(Case)

class TestVulkanKernels : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void projections_data() { cases(); }
    void projections();
    void embed_data() { cases(); }
    void embed();
    void splitMatrices_data();
    void splitMatrices();
    void attention_data();
    void attention();
    void cleanupTestCase();

private:
    void cases();
    ActivationShape activationShape(std::uint32_t h, std::uint32_t f, ActivationType type) const;
    void store(const Case& made, std::uint64_t in, std::uint64_t out, std::uint32_t n, KernelRig& rig);
    void residual(const Case& made, std::uint64_t in, std::uint64_t out, std::uint32_t n);
    void swiglu(const Case& made, std::uint64_t h, std::uint64_t f, std::uint32_t n);
    KernelNeeds needs(const Case& made) const;

    std::unique_ptr<KernelRig> m_rig;
    std::unique_ptr<KernelRig> m_narrowRig;  // whose buffers reach only 96 KiB
};

void TestVulkanKernels::initTestCase() {
    m_rig = std::make_unique<KernelRig>();
    DeviceOptions options;
    options.maxStorageRange = 98304;
    m_narrowRig = std::make_unique<KernelRig>(options);
}

void TestVulkanKernels::cleanupTestCase() {
    m_narrowRig.reset();
    m_rig.reset();
}

void TestVulkanKernels::cases() {
    QTest::addColumn<Case>("made");
    const auto add = [](const char* shapeName, Shape shape, DType dtype, ActivationType type) {
        QTest::addRow("%s %s %s", shapeName, dtypeName(dtype), type == ActivationType::Bytes ? "bytes" : "floats")
            << Case{shape, dtype, type};
    };
    for (const DType dtype : {DType::F32, DType::F16, DType::BF16, DType::Q8_0, DType::Q4_0}) {
        add("own", Shape::Own, dtype, ActivationType::Floats);
    }
    for (const DType dtype : {DType::Q8_0, DType::Q4_0}) {
        add("own", Shape::Own, dtype, ActivationType::Bytes);
    }
    if (m_rig->tuning(Shape::Own).variant == Variant::Lean) {
        add("plain", Shape::Plain, DType::F16, ActivationType::Floats);
        add("plain", Shape::Plain, DType::Q8_0, ActivationType::Bytes);
        add("plain", Shape::Plain, DType::Q4_0, ActivationType::Bytes);
    }
    add("card", Shape::GraphicsCard, DType::BF16, ActivationType::Floats);
    add("card", Shape::GraphicsCard, DType::Q4_0, ActivationType::Floats);
    add("card", Shape::GraphicsCard, DType::Q8_0, ActivationType::Bytes);
}

KernelNeeds TestVulkanKernels::needs(const Case& made) const {
    return {.embedding = made.dtype,
            .projections = {{Epilogue::Store, made.dtype},
                            {Epilogue::Residual, made.dtype},
                            {Epilogue::Swiglu, made.dtype}},
            .activations = made.type};
}

ActivationShape TestVulkanKernels::activationShape(std::uint32_t h, std::uint32_t f, ActivationType type) const {
    ModelConfig config;
    config.hiddenSize = h;
    config.ffnSize = f;
    config.headCount = 1;
    config.headDim = 2;
    return {config, type};
}

// y, from the second row of the input on, with the norm's factor.
void TestVulkanKernels::store(const Case& made, std::uint64_t in, std::uint64_t out, std::uint32_t n, KernelRig& rig) {
    RandomTensors tensors;
    const TensorView w = tensors.make("w", made.dtype, {out, in}, 1);
    const Matrix matrix = rig.matrix({w}, plainRows(out));
    const ActivationShape shape = activationShape(static_cast<std::uint32_t>(in), 32, made.type);
    const OperationContext context{&rig.kernels(made.shape, needs(made)), &rig.descriptors(), &shape, nullptr,
                                   kEpsilon};
    Table x = randomTable(n + 1, in, 1, 2);
    const Table original = x;
    const Buffer input = rig.input(x, made.type);
    Table sums(n + 1, squaresPitch(in));
    for (std::size_t row = 0; row <= n; ++row) {
        for (std::size_t i = 0; i < in; ++i) {
            sums.row(row)[i / ALCOVE_BLOCK] += original.row(row)[i] * original.row(row)[i];
        }
    }
    const Buffer squares = rig.rows(sums);
    const Buffer y = rig.emptyRows(n, out);
    const Table products = reference::matmul(someRows(x, 1, n), reference::decoded(w));

    const StoreProjection plain(context, matrix, {&input, nullptr}, y);
    rig.run([&](Recorder& recorder) { plain.record(recorder, n, 1); });
    VERIFY_CLOSE(rig.readRows(y, n, out), products.values, reference::kProductBound);
    // Nothing is written beside the rows: the ends stay zero.
    const std::vector<float> whole = rig.read(y, n, floatPitch(out), floatPitch(out));
    for (std::size_t i = 0; i < whole.size(); ++i) {
        QVERIFY(i % floatPitch(out) < out || whole[i] == 0.0F);
    }

    Table normed = products;
    const std::vector<double> squared = squaresOf(original);
    for (std::size_t row = 0; row < n; ++row) {
        for (double& value : normed.row(row)) {
            value /= std::sqrt(squared[row + 1] / static_cast<double>(in) + static_cast<double>(kEpsilon));
        }
    }
    const StoreProjection scaled(context, matrix, {&input, &squares}, y);
    rig.run([&](Recorder& recorder) { scaled.record(recorder, n, 1); });
    VERIFY_CLOSE(rig.readRows(y, n, out), normed.values, reference::kProductBound);
}

void TestVulkanKernels::residual(const Case& made, std::uint64_t in, std::uint64_t out, std::uint32_t n) {
    KernelRig& rig = *m_rig;
    RandomTensors tensors;
    const TensorView w = tensors.make("w", made.dtype, {out, in}, 1);
    const Matrix matrix = rig.matrix({w}, plainRows(out));
    const ActivationShape shape = activationShape(static_cast<std::uint32_t>(out), 32, made.type);
    const OperationContext context{&rig.kernels(made.shape, needs(made)), &rig.descriptors(), &shape, nullptr,
                                   kEpsilon};
    Table attended = randomTable(n, in, 1, 2);
    const Table before = randomTable(n, out, 3, 3);
    const Table gammas = randomTable(3, out, 2, 4);
    const Buffer input = rig.input(attended, made.type);
    const Buffer x = rig.rows(before);
    const Buffer z = rig.emptyInput(n, out, made.type);
    const Buffer squares = rig.emptyRows(n, squaresPitch(out));
    const Buffer norms = rig.rows(gammas);
    const ResidualProjection projection(context, matrix, {&input, nullptr}, {&x, &z, &squares, &norms}, 2);
    rig.run([&](Recorder& recorder) { projection.record(recorder, n); });

    Table expected = reference::matmul(attended, reference::decoded(w));
    Table next = expected;
    for (std::size_t i = 0; i < expected.values.size(); ++i) {
        expected.values[i] += before.values[i];
        next.values[i] = expected.values[i] * gammas.row(2)[i % out];
    }
    VERIFY_CLOSE(rig.readRows(x, n, out), expected.values, reference::kProductBound);
    VERIFY_CLOSE(rig.readInput(z, n, out, made.type), next.values, productBound(made.type));
    const std::vector<float> parts = rig.readRows(squares, n, squaresPitch(out));
    std::vector<float> sums(n);
    for (std::size_t i = 0; i < parts.size(); ++i) {
        sums[i / squaresPitch(out)] += parts[i];
    }
    VERIFY_CLOSE(sums, squaresOf(expected), reference::kProductBound);
}

void TestVulkanKernels::swiglu(const Case& made, std::uint64_t h, std::uint64_t f, std::uint32_t n) {
    KernelRig& rig = *m_rig;
    RandomTensors tensors;
    const float spread = 3 / std::sqrt(static_cast<float>(h));
    const TensorView gate = tensors.make("gate", made.dtype, {f, h}, spread);
    const TensorView up = tensors.make("up", made.dtype, {f, h}, spread);
    const Matrix matrix = rig.matrix({gate, up}, gateUpRows(f));
    const ActivationShape shape =
        activationShape(static_cast<std::uint32_t>(h), static_cast<std::uint32_t>(f), made.type);
    const OperationContext context{&rig.kernels(made.shape, needs(made)), &rig.descriptors(), &shape, nullptr,
                                   kEpsilon};
    Table x = randomTable(n, h, 1, 2);
    const Buffer input = rig.input(x, made.type);
    const Buffer activated = rig.emptyInput(n, f, made.type);
    const SwigluProjection projection(context, matrix, {&input, nullptr}, activated);
    rig.run([&](Recorder& recorder) { projection.record(recorder, n); });
    const Table expected =
        reference::swiglu(reference::matmul(x, reference::decoded(gate)), reference::matmul(x, reference::decoded(up)));
    VERIFY_CLOSE(rig.readInput(activated, n, f, made.type), expected.values, productBound(made.type));
}

void TestVulkanKernels::projections() {
    QFETCH(Case, made);
    const std::uint64_t odd = isQuantized(made.dtype) ? 192 : 172;
    for (const std::uint32_t n : {1U, 2U, 4U, 5U, 9U, 33U}) {
        store(made, odd, 511, n, *m_rig);
        residual(made, odd, 171, n);
        swiglu(made, odd, 171, n);
        if (QTest::currentTestFailed()) {
            return;
        }
    }
    store(made, 5632, 65, 2, *m_rig);
    store(made, 32, 1, 1, *m_rig);
}

void TestVulkanKernels::embed() {
    QFETCH(Case, made);
    const std::vector<TokenId> tokens = {0, 1510, 7, 300, 300, 1023, 1, 255, 256};
    const auto n = static_cast<std::uint32_t>(tokens.size());
    for (KernelRig* rig : {m_rig.get(), m_narrowRig.get()}) {
        const std::uint64_t h = isQuantized(made.dtype) ? 288 : 172;
        RandomTensors tensors;
        const TensorView tensor = tensors.make("table", made.dtype, {1511, h}, 1);
        const Matrix table = rig->matrix({tensor}, plainRows(1511));
        QCOMPARE(table.parts().size() > 1, rig == m_narrowRig.get());
        const Table gammas = randomTable(2, h, 2, 4);
        const Buffer norms = rig->rows(gammas);
        const Buffer x = rig->emptyRows(n, h);
        const Buffer z = rig->emptyInput(n, h, made.type);
        const Buffer squares = rig->emptyRows(n, squaresPitch(h));
        const Buffer state = rig->makeState();
        KernelRig::setState(state, 0, tokens);
        const ActivationShape shape = activationShape(static_cast<std::uint32_t>(h), 32, made.type);
        const KernelNeeds wanted{.embedding = made.dtype, .projections = {}, .activations = made.type};
        const OperationContext context{&rig->kernels(made.shape, wanted), &rig->descriptors(), &shape, &state,
                                       kEpsilon};
        const Embedding embedding(context, table, {&x, &z, &squares, &norms}, 1);
        rig->run([&](Recorder& recorder) { embedding.record(recorder, n); });
        const Table expected = reference::embed(reference::decoded(tensor), tokens);
        const std::vector<float> got = rig->readRows(x, n, h);
        for (std::size_t i = 0; i < got.size(); ++i) {
            QCOMPARE(got[i], static_cast<float>(expected.values[i]));
        }
        Table next = expected;
        for (std::size_t i = 0; i < next.values.size(); ++i) {
            next.values[i] *= gammas.row(1)[i % h];
        }
        VERIFY_CLOSE(rig->readInput(z, n, h, made.type), next.values,
                     made.type == ActivationType::Bytes ? kByteBound : reference::kElementwiseBound);
        const std::vector<float> parts = rig->readRows(squares, n, squaresPitch(h));
        std::vector<float> sums(n);
        for (std::size_t i = 0; i < parts.size(); ++i) {
            sums[i / squaresPitch(h)] += parts[i];
        }
        VERIFY_CLOSE(sums, squaresOf(expected), reference::kElementwiseBound);
    }
}

void TestVulkanKernels::splitMatrices_data() {
    QTest::addColumn<Case>("made");
    QTest::addRow("F32") << Case{Shape::Own, DType::F32, ActivationType::Floats};
    QTest::addRow("Q4_0") << Case{Shape::Own, DType::Q4_0, ActivationType::Bytes};
}

void TestVulkanKernels::splitMatrices() {
    QFETCH(Case, made);
    const std::uint64_t in = isQuantized(made.dtype) ? 288 : 172;
    const MatrixPlan plan = planMatrix(98304, "m", {{"w", made.dtype, {1511, in}, {}}}, plainRows(1511));
    QVERIFY(plan.parts.size() > 2);
    store(made, in, 1511, 5, *m_narrowRig);
}

void TestVulkanKernels::attention_data() {
    QTest::addColumn<Case>("made");
    QTest::addColumn<int>("headDim");
    QTest::addColumn<int>("group");
    QTest::addColumn<KvType>("cache");
    const auto add = [](const char* name, Case made, int headDim, int group, KvType cache) {
        QTest::addRow("%s head_dim %d of %d %s", name, headDim, group, cache == KvType::Q8 ? "Q8" : "F16")
            << made << headDim << group << cache;
    };
    for (const Shape shape : {Shape::Own, Shape::Plain}) {
        if (shape == Shape::Plain && m_rig->tuning(Shape::Own).variant == Variant::Plain) {
            continue;
        }
        const char* name = shape == Shape::Own ? "own" : "plain";
        const Case floats{shape, DType::F32, ActivationType::Floats};
        const Case bytes{shape, DType::Q8_0, ActivationType::Bytes};
        for (const KvType cache : {KvType::F16, KvType::Q8}) {
            add(name, floats, 6, 1, cache);
            add(name, floats, 64, 4, cache);
            add(name, floats, 80, 2, cache);
            add(name, floats, 256, 1, cache);
            add(name, bytes, 64, 1, cache);
            add(name, bytes, 80, 2, cache);
        }
        add(name, floats, 10, 2, KvType::F16);
        add(name, floats, 96, 1, KvType::Q8);
        add(name, floats, 128, 2, KvType::F16);
    }
    add("card", {Shape::GraphicsCard, DType::F32, ActivationType::Floats}, 80, 2, KvType::F16);
}

namespace {

// A block of values as the cache keeps them.
void keep(std::vector<double*>& block, KvType type) {
    double magnitude = 0;
    for (const double* value : block) {
        magnitude = std::max(magnitude, std::abs(*value));
    }
    for (double* value : block) {
        if (type == KvType::F16) {
            *value = static_cast<double>(halfToFloat(floatToHalf(static_cast<float>(*value))));
        } else if (magnitude > 0) {
            *value = std::nearbyint(*value * 127 / magnitude) * magnitude / 127;
        }
    }
    block.clear();
}

// Blocks are 32 neighbours of a head's values, or 16 pairs (i, i + headDim / 2) of its keys.
Table kept(Table x, std::size_t headDim, bool keys, KvType type) {
    for (std::size_t first = 0; first < x.values.size(); first += headDim) {
        std::vector<double*> block;
        const std::size_t units = keys ? headDim / 2 : headDim;
        for (std::size_t i = 0; i < units; ++i) {
            block.push_back(&x.values[first + i]);
            if (keys) {
                block.push_back(&x.values[first + i + headDim / 2]);
            }
            if (block.size() == ALCOVE_BLOCK || i + 1 == units) {
                keep(block, type);
            }
        }
    }
    return x;
}

}  // namespace

// A sequence fed in chunks: checks rotation, the cache, attention, and where needed the quantising step.
void TestVulkanKernels::attention() {
    QFETCH(Case, made);
    QFETCH(int, headDim);
    QFETCH(int, group);
    QFETCH(KvType, cache);
    KernelRig& rig = *m_rig;
    const std::vector<std::uint32_t> chunks = {1, 2, 4, 5, 9, 33, 33};
    const std::size_t length = 87;  // their sum: three tiles of positions, the last one not full
    constexpr std::uint32_t kKvHeads = 2;
    constexpr std::uint32_t kHidden = 64;
    const auto hd = static_cast<std::uint32_t>(headDim);
    const std::uint32_t heads = kKvHeads * static_cast<std::uint32_t>(group);
    const AttentionShape shape{
        .heads = heads,
        .cache = {.layers = 1, .kvHeads = kKvHeads, .headDim = hd, .contextSize = length + 2, .type = cache}};
    ModelConfig config;
    config.hiddenSize = kHidden;
    config.ffnSize = 32;
    config.headCount = heads;
    config.headDim = hd;
    const ActivationShape activations(config, made.type);

    RandomTensors tensors;
    const auto weight = [&](const char* name, std::uint64_t count) {
        return tensors.make(name, made.dtype, {count * hd, kHidden}, 0.3F);
    };
    const TensorView wq = weight("q", heads);
    const TensorView wk = weight("k", kKvHeads);
    const TensorView wv = weight("v", kKvHeads);
    const Matrix matrix = rig.matrix({wq, wk, wv}, headRows(heads, kKvHeads, hd));
    Table x = randomTable(length, kHidden, 1, 4);
    std::vector<Buffer> inputs;
    for (std::size_t at = 0, i = 0; i < chunks.size(); at += chunks[i++]) {
        Table part = someRows(x, at, chunks[i]);
        inputs.push_back(rig.input(part, made.type));
        std::ranges::copy(part.values, x.values.begin() + static_cast<std::ptrdiff_t>(at * kHidden));
    }
    const double theta = static_cast<double>(kTheta);
    const Table q = reference::rope(reference::matmul(x, reference::decoded(wq)), hd, 0, theta);
    const Table k = reference::rope(reference::matmul(x, reference::decoded(wk)), hd, 0, theta);
    const Table v = reference::matmul(x, reference::decoded(wv));
    const Table expected = reference::attention(q, kept(k, hd, true, cache), kept(v, hd, false, cache), hd);
    const Table unrounded = reference::attention(q, k, v, hd);

    const KvCache kv(rig.device(), shape.cache);
    rig.clear(kv.layer(0).keys);
    rig.clear(kv.layer(0).values);
    const std::uint32_t pairs = shape.cache.headBlocks() * ALCOVE_BLOCK / 2;
    const std::vector<float> table = ropeAngles(shape.cache.contextSize, hd, pairs, kTheta);
    Table angleTable(shape.cache.contextSize, std::size_t{2} * pairs);
    std::ranges::copy(table, angleTable.values.begin());
    const Buffer angles = rig.rows(angleTable);
    const Buffer queries = rig.emptyRows(33, activations.queries);
    const Buffer floats = rig.emptyRows(33, activations.attended);
    const Buffer attended = rig.emptyInput(33, activations.attended, made.type);
    const Buffer state = rig.makeState();
    const KernelNeeds wanted{.embedding = DType::F32,
                             .projections = {{Epilogue::Rope, made.dtype}},
                             .activations = made.type,
                             .cache = cache,
                             .headDim = hd};
    const OperationContext context{&rig.kernels(made.shape, wanted), &rig.descriptors(), &activations, &state,
                                   kEpsilon};
    const Attention attention(context, shape, kv.layer(0), queries, floats, attended);
    std::vector<float> got;
    std::size_t position = 0;
    for (std::size_t i = 0; i < chunks.size(); ++i) {
        const RopeProjection rope(context, matrix, {&inputs[i], nullptr}, shape, kv.layer(0), queries, angles);
        KernelRig::setState(state, static_cast<std::uint32_t>(position), {});
        rig.run([&](Recorder& recorder) {
            rope.record(recorder, chunks[i]);
            attention.record(recorder, chunks[i]);
        });
        const std::vector<float> part = rig.readInput(attended, chunks[i], activations.attended, made.type);
        VERIFY_CLOSE(part, someRows(expected, position, chunks[i]).values, productBound(made.type));
        got.insert(got.end(), part.begin(), part.end());
        position += chunks[i];
    }
    QCOMPARE(position, length);
    VERIFY_CLOSE(got, unrounded.values, kByteBound);
}

QTEST_GUILESS_MAIN(TestVulkanKernels)
#include "test_vulkan_kernels.moc"
