// Each operation against its twin in double precision. Weights, eight-bit inputs and the cache's rounding are the
// same in both, so that what is left to bound is the arithmetic; outputs of eight bits have a rounding of their own.
#include <cmath>

#include <QTest>

#include "engine/checkpoint/quantization.h"
#include "tests/rig/sample.h"
#include "tests/rig/slow_driver.h"
#include "tests/rig/test_registry.h"
#include "tests/vulkan/kernel_case.h"
#include "tests/vulkan/random_weights.h"

using namespace alcove;
using namespace alcove::engine;
using namespace alcove::engine::vulkan;
using alcove::reference::Table;
using alcove::tests::kByteBound;
using alcove::tests::kEpsilon;
using alcove::tests::KernelFixture;
using alcove::tests::productBound;
using alcove::tests::randomTable;
using alcove::tests::RandomTensors;
using alcove::tests::someRows;
using Case = alcove::tests::KernelCase;
using Shape = KernelFixture::Shape;

namespace {

void add(const char* shapeName, Shape shape, DType dtype, ActivationType type) {
    QTest::addRow("%s %s %s", shapeName, dtypeName(dtype), type == ActivationType::Bytes ? "bytes" : "floats")
        << Case{shape, dtype, type};
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

}  // namespace

class TestVulkanKernels : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void projections_data() { cases(); }
    void projections();
    void manyAtOnce_data() { casesOfMany(); }
    void manyAtOnce();
    void hugeInputs_data() { casesOfMany(); }
    void hugeInputs();
    void embed_data() { cases(); }
    void embed();
    void splitMatrices_data();
    void splitMatrices();
    void cleanupTestCase();

private:
    void cases();
    void casesOfMany();
    ActivationShape activationShape(std::uint32_t h, std::uint32_t f, ActivationType type) const;
    void store(const Case& made, std::uint64_t in, std::uint64_t out, std::uint32_t n, KernelFixture& fixture,
               float spread = 1);
    void residual(const Case& made, std::uint64_t in, std::uint64_t out, std::uint32_t n);
    void swiglu(const Case& made, std::uint64_t h, std::uint64_t f, std::uint32_t n);
    KernelNeeds needs(const Case& made) const;

    std::unique_ptr<KernelFixture> m_fixture;
    std::unique_ptr<KernelFixture> m_narrowFixture;  // whose buffers reach only 96 KiB
};

void TestVulkanKernels::initTestCase() {
    m_fixture = std::make_unique<KernelFixture>();
    DeviceOptions options;
    options.limits.maxStorageRange = 98304;
    m_narrowFixture = std::make_unique<KernelFixture>(options);
}

void TestVulkanKernels::cleanupTestCase() {
    m_narrowFixture.reset();
    m_fixture.reset();
}

void TestVulkanKernels::cases() {
    QTest::addColumn<Case>("made");
    tests::Sample sample(4);
    const auto add = [&sample](const char* name, Shape shape, DType dtype, ActivationType type) {
        if (sample.takes()) {
            ::add(name, shape, dtype, type);
        }
    };
    for (const DType dtype : {DType::F32, DType::F16, DType::BF16, DType::Q8_0, DType::Q4_0}) {
        add("own", Shape::Own, dtype, ActivationType::Floats);
    }
    for (const DType dtype : {DType::Q8_0, DType::Q4_0}) {
        add("own", Shape::Own, dtype, ActivationType::Bytes);
    }
    if (m_fixture->tuning(Shape::Own).lean()) {
        add("plain", Shape::Plain, DType::F16, ActivationType::Floats);
        add("plain", Shape::Plain, DType::Q8_0, ActivationType::Bytes);
        add("plain", Shape::Plain, DType::Q4_0, ActivationType::Bytes);
    }
    add("card", Shape::GraphicsCard, DType::BF16, ActivationType::Floats);
    add("card", Shape::GraphicsCard, DType::Q4_0, ActivationType::Floats);
    add("card", Shape::GraphicsCard, DType::Q8_0, ActivationType::Bytes);
    add("card dot", Shape::GraphicsCardDot, DType::Q8_0, ActivationType::Bytes);
    add("card dot", Shape::GraphicsCardDot, DType::Q4_0, ActivationType::Bytes);
}

// What projects many tokens at once, as 16-bit floats. Whether there are matrices depends on driver and compiler.
void TestVulkanKernels::casesOfMany() {
    QTest::addColumn<Case>("made");
    tests::Sample sample(2);
    const auto add = [&sample](const char* name, Shape shape, DType dtype, ActivationType type) {
        if (sample.takes()) {
            ::add(name, shape, dtype, type);
        }
    };
    const auto addAll = [&add](const char* name, Shape shape) {
        add(name, shape, DType::F16, ActivationType::Floats);
        add(name, shape, DType::Q8_0, ActivationType::Bytes);
        add(name, shape, DType::Q4_0, ActivationType::Floats);
        if (!tests::onSlowDriver()) {
            add(name, shape, DType::Q8_0, ActivationType::Floats);
            add(name, shape, DType::Q4_0, ActivationType::Bytes);
        }
    };
    addAll("tiled", Shape::GraphicsCardTiled);
    if (m_fixture->device().features().has(Tier::T5)) {
        addAll("matrix", Shape::GraphicsCardMatrix);
    }
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

// y, from the second row of the input on, as it is (if it is no larger than 1) and with the norm's factor.
void TestVulkanKernels::store(const Case& made, std::uint64_t in, std::uint64_t out, std::uint32_t n,
                              KernelFixture& fixture, float spread) {
    RandomTensors tensors;
    const TensorView w = tensors.make("w", made.dtype, {out, in}, 1);
    const Matrix matrix = fixture.matrix({w}, plainRows(out));
    const ActivationShape shape = activationShape(static_cast<std::uint32_t>(in), 32, made.type);
    const OperationContext context{&fixture.kernels(made.shape, needs(made)), &fixture.descriptors(), &shape, nullptr,
                                   kEpsilon};
    Table x = randomTable(n + 1, in, spread, 2);
    const Table original = x;
    const Buffer input = fixture.input(x, made.type);
    Table sums(n + 1, squaresPitch(in));
    for (std::size_t row = 0; row <= n; ++row) {
        for (std::size_t i = 0; i < in; ++i) {
            sums.row(row)[i / ALCOVE_BLOCK] += original.row(row)[i] * original.row(row)[i];
        }
    }
    const Buffer squares = fixture.rows(sums);
    const Buffer y = fixture.emptyRows(n, out);
    const Table products = reference::matmul(someRows(x, 1, n), reference::decoded(w));

    if (spread <= 1) {
        const StoreProjection plain(context, matrix, {&input, nullptr}, y);
        fixture.run([&](Recorder& recorder) { plain.record(recorder, n, 1); });
        VERIFY_CLOSE(fixture.readRows(y, n, out), products.values, reference::kProductBound);
    }
    Table normed = products;
    const std::vector<double> squared = squaresOf(original);
    for (std::size_t row = 0; row < n; ++row) {
        for (double& value : normed.row(row)) {
            value /= std::sqrt(squared[row + 1] / static_cast<double>(in) + static_cast<double>(kEpsilon));
        }
    }
    const StoreProjection scaled(context, matrix, {&input, &squares}, y);
    fixture.run([&](Recorder& recorder) { scaled.record(recorder, n, 1); });
    VERIFY_CLOSE(fixture.readRows(y, n, out), normed.values, reference::kProductBound);
    // Nothing is written beside the rows: the ends stay zero.
    const std::vector<float> whole = fixture.read(y, n, floatPitch(out), floatPitch(out));
    for (std::size_t i = 0; i < whole.size(); ++i) {
        QVERIFY(i % floatPitch(out) < out || whole[i] == 0.0F);
    }
}

void TestVulkanKernels::residual(const Case& made, std::uint64_t in, std::uint64_t out, std::uint32_t n) {
    KernelFixture& fixture = *m_fixture;
    RandomTensors tensors;
    const TensorView w = tensors.make("w", made.dtype, {out, in}, 1);
    const Matrix matrix = fixture.matrix({w}, plainRows(out));
    const ActivationShape shape = activationShape(static_cast<std::uint32_t>(out), 32, made.type);
    const OperationContext context{&fixture.kernels(made.shape, needs(made)), &fixture.descriptors(), &shape, nullptr,
                                   kEpsilon};
    Table attended = randomTable(n, in, 1, 2);
    const Table before = randomTable(n, out, 3, 3);
    const Table gammas = randomTable(3, out, 2, 4);
    const Buffer input = fixture.input(attended, made.type);
    const Buffer x = fixture.rows(before);
    const Buffer z = fixture.emptyInput(n, out, made.type);
    const Buffer squares = fixture.emptyRows(n, squaresPitch(out));
    const Buffer norms = fixture.rows(gammas);
    const ResidualProjection projection(context, matrix, {&input, nullptr}, {&x, &z, &squares, &norms}, 2);
    fixture.run([&](Recorder& recorder) { projection.record(recorder, n); });

    Table expected = reference::matmul(attended, reference::decoded(w));
    Table next = expected;
    for (std::size_t i = 0; i < expected.values.size(); ++i) {
        expected.values[i] += before.values[i];
        next.values[i] = expected.values[i] * gammas.row(2)[i % out];
    }
    VERIFY_CLOSE(fixture.readRows(x, n, out), expected.values, reference::kProductBound);
    VERIFY_CLOSE(fixture.readInput(z, n, out, made.type), next.values, productBound(made.type));
    const std::vector<float> parts = fixture.readRows(squares, n, squaresPitch(out));
    std::vector<float> sums(n);
    for (std::size_t i = 0; i < parts.size(); ++i) {
        sums[i / squaresPitch(out)] += parts[i];
    }
    VERIFY_CLOSE(sums, squaresOf(expected), reference::kProductBound);
}

void TestVulkanKernels::swiglu(const Case& made, std::uint64_t h, std::uint64_t f, std::uint32_t n) {
    KernelFixture& fixture = *m_fixture;
    RandomTensors tensors;
    const float spread = 3 / std::sqrt(static_cast<float>(h));
    const TensorView gate = tensors.make("gate", made.dtype, {f, h}, spread);
    const TensorView up = tensors.make("up", made.dtype, {f, h}, spread);
    const Matrix matrix = fixture.matrix({gate, up}, gateUpRows(f));
    const ActivationShape shape =
        activationShape(static_cast<std::uint32_t>(h), static_cast<std::uint32_t>(f), made.type);
    const OperationContext context{&fixture.kernels(made.shape, needs(made)), &fixture.descriptors(), &shape, nullptr,
                                   kEpsilon};
    Table x = randomTable(n, h, 1, 2);
    const Buffer input = fixture.input(x, made.type);
    const Buffer activated = fixture.emptyInput(n, f, made.type);
    const SwigluProjection projection(context, matrix, {&input, nullptr}, activated);
    fixture.run([&](Recorder& recorder) { projection.record(recorder, n); });
    const Table expected =
        reference::swiglu(reference::matmul(x, reference::decoded(gate)), reference::matmul(x, reference::decoded(up)));
    VERIFY_CLOSE(fixture.readInput(activated, n, f, made.type), expected.values, productBound(made.type));
}

void TestVulkanKernels::projections() {
    QFETCH(Case, made);
    const std::uint64_t odd = isQuantized(made.dtype) ? 192 : 172;
    for (const std::uint32_t n : tests::sampled<std::uint32_t>({1, 2, 4, 5, 9, 33}, 2)) {
        store(made, odd, 511, n, *m_fixture);
        residual(made, odd, 171, n);
        swiglu(made, odd, 171, n);
        if (QTest::currentTestFailed()) {
            return;
        }
    }
    store(made, 5632, 65, 2, *m_fixture);
    store(made, 32, 1, 1, *m_fixture);
}

void TestVulkanKernels::manyAtOnce() {
    QFETCH(Case, made);
    for (const std::uint32_t n : {9U, 33U}) {  // fewer go through the kernels of a few
        store(made, 192, 171, n, *m_fixture);
        residual(made, 192, 171, n);
        swiglu(made, 192, 171, n);
    }
    store(made, 5632, 33, 9, *m_fixture);
}

// Beyond what a 16-bit float holds, but the norm makes it small.
void TestVulkanKernels::hugeInputs() {
    QFETCH(Case, made);
    store(made, 192, 65, 9, *m_fixture, 1e6F);
}

void TestVulkanKernels::embed() {
    QFETCH(Case, made);
    const std::vector<TokenId> tokens = {0, 1510, 7, 300, 300, 1023, 1, 255, 256};
    const auto n = static_cast<std::uint32_t>(tokens.size());
    for (KernelFixture* fixture : {m_fixture.get(), m_narrowFixture.get()}) {
        const std::uint64_t h = isQuantized(made.dtype) ? 288 : 172;
        RandomTensors tensors;
        const TensorView tensor = tensors.make("table", made.dtype, {1511, h}, 1);
        const Matrix table = fixture->matrix({tensor}, plainRows(1511));
        QCOMPARE(table.parts().size() > 1, fixture == m_narrowFixture.get());
        const Table gammas = randomTable(2, h, 2, 4);
        const Buffer norms = fixture->rows(gammas);
        const Buffer x = fixture->emptyRows(n, h);
        const Buffer z = fixture->emptyInput(n, h, made.type);
        const Buffer squares = fixture->emptyRows(n, squaresPitch(h));
        const Buffer state = fixture->makeState();
        KernelFixture::setState(state, 0, tokens);
        const ActivationShape shape = activationShape(static_cast<std::uint32_t>(h), 32, made.type);
        const KernelNeeds wanted{.embedding = made.dtype, .projections = {}, .activations = made.type};
        const OperationContext context{&fixture->kernels(made.shape, wanted), &fixture->descriptors(), &shape, &state,
                                       kEpsilon};
        const Embedding embedding(context, table, {&x, &z, &squares, &norms}, 1);
        fixture->run([&](Recorder& recorder) { embedding.record(recorder, n); });
        const Table expected = reference::embed(reference::decoded(tensor), tokens);
        const std::vector<float> got = fixture->readRows(x, n, h);
        for (std::size_t i = 0; i < got.size(); ++i) {
            QCOMPARE(got[i], static_cast<float>(expected.values[i]));
        }
        Table next = expected;
        for (std::size_t i = 0; i < next.values.size(); ++i) {
            next.values[i] *= gammas.row(1)[i % h];
        }
        VERIFY_CLOSE(fixture->readInput(z, n, h, made.type), next.values,
                     made.type == ActivationType::Bytes ? kByteBound : reference::kElementwiseBound);
        const std::vector<float> parts = fixture->readRows(squares, n, squaresPitch(h));
        std::vector<float> sums(n);
        for (std::size_t i = 0; i < parts.size(); ++i) {
            sums[i / squaresPitch(h)] += parts[i];
        }
        VERIFY_CLOSE(sums, squaresOf(expected), reference::kElementwiseBound);
    }
}

void TestVulkanKernels::splitMatrices_data() {
    QTest::addColumn<Case>("made");
    QTest::addColumn<std::uint32_t>("n");
    QTest::addRow("F32") << Case{Shape::Own, DType::F32, ActivationType::Floats} << 5U;
    QTest::addRow("Q4_0") << Case{Shape::Own, DType::Q4_0, ActivationType::Bytes} << 5U;
    QTest::addRow("Q4_0 tiled") << Case{Shape::GraphicsCardTiled, DType::Q4_0, ActivationType::Floats} << 9U;
}

void TestVulkanKernels::splitMatrices() {
    QFETCH(Case, made);
    QFETCH(std::uint32_t, n);
    const std::uint64_t in = isQuantized(made.dtype) ? 288 : 172;
    const MatrixPlan plan = planMatrix(98304, "m", {{"w", made.dtype, {1511, in}, {}}}, plainRows(1511));
    QVERIFY(plan.parts.size() > 2);
    store(made, in, 1511, n, *m_narrowFixture);
}

ALCOVE_TEST(TestVulkanKernels)
#include "test_vulkan_kernels.moc"
