// Attention with rotation and the cache before it, against its twin in double precision: a sequence fed in chunks.
#include <cmath>
#include <memory>

#include <QTest>

#include "engine/checkpoint/quantization.h"
#include "engine/model/rope_angles.h"
#include "tests/rig/sample.h"
#include "tests/rig/test_registry.h"
#include "tests/vulkan/kernel_case.h"
#include "tests/vulkan/random_weights.h"

using namespace alcove;
using namespace alcove::engine;
using namespace alcove::engine::vulkan;
using alcove::reference::Table;
using alcove::tests::kByteBound;
using alcove::tests::kEpsilon;
using alcove::tests::KernelRig;
using alcove::tests::productBound;
using alcove::tests::randomTable;
using alcove::tests::RandomTensors;
using alcove::tests::someRows;
using Case = alcove::tests::KernelCase;
using Shape = KernelRig::Shape;

namespace {

constexpr float kTheta = 10000.0F;

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

class TestVulkanAttention : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() { m_rig = std::make_unique<KernelRig>(); }
    void attention_data();
    void attention();
    void cleanupTestCase() { m_rig.reset(); }

private:
    std::unique_ptr<KernelRig> m_rig;
};

void TestVulkanAttention::attention_data() {
    QTest::addColumn<Case>("made");
    QTest::addColumn<int>("headDim");
    QTest::addColumn<int>("group");
    QTest::addColumn<KvType>("cache");
    tests::Sample sample(4);
    const auto add = [&sample](const char* name, Case made, int headDim, int group, KvType cache) {
        if (!sample.takes()) {
            return;
        }
        QTest::addRow("%s head_dim %d of %d %s", name, headDim, group, cache == KvType::Q8 ? "Q8" : "F16")
            << made << headDim << group << cache;
    };
    for (const Shape shape : {Shape::Own, Shape::Plain}) {
        if (shape == Shape::Plain && !m_rig->tuning(Shape::Own).lean()) {
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
    add("tiled", {Shape::GraphicsCardTiled, DType::Q4_0, ActivationType::Floats}, 80, 2, KvType::F16);
    add("tiled", {Shape::GraphicsCardTiled, DType::F16, ActivationType::Floats}, 64, 1, KvType::Q8);
    if (m_rig->device().features().has(Tier::T5)) {
        add("matrix", {Shape::GraphicsCardMatrix, DType::Q4_0, ActivationType::Bytes}, 64, 2, KvType::F16);
        add("matrix", {Shape::GraphicsCardMatrix, DType::F16, ActivationType::Floats}, 80, 1, KvType::Q8);
    }
}

// A sequence fed in chunks: checks rotation, the cache, attention, and where needed the quantising step.
void TestVulkanAttention::attention() {
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
    // Of keys and values that come from 16-bit floats, a few tip over to the next byte.
    const bool tips =
        cache == KvType::Q8 && (made.shape == Shape::GraphicsCardTiled || made.shape == Shape::GraphicsCardMatrix);
    const double bound = tips ? kByteBound : productBound(made.type);
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
        VERIFY_CLOSE(part, someRows(expected, position, chunks[i]).values, bound);
        got.insert(got.end(), part.begin(), part.end());
        position += chunks[i];
    }
    QCOMPARE(position, length);
    VERIFY_CLOSE(got, unrounded.values, kByteBound);
}

ALCOVE_TEST(TestVulkanAttention)
#include "test_vulkan_attention.moc"
