// A model and a device that has little room: what is given up, what is said, and that it still computes the same.
#include <string>

#include <QTest>

#include "engine/base/error.h"
#include "engine/devices/device_list.h"
#include "engine/vulkan/driver/physical_device.h"
#include "engine/vulkan/network/vulkan_forward_pass.h"
#include "engine/vulkan/resources/memory.h"
#include "tests/reference/reference.h"
#include "tests/rig/sample.h"
#include "tests/rig/test_registry.h"
#include "tests/vulkan/random_weights.h"

using namespace alcove;
using namespace alcove::engine;
using namespace alcove::engine::vulkan;

namespace {

constexpr std::uint32_t kContext = 2048;

tests::RandomModel makeModel() {
    tests::RandomModelShape shape;
    shape.context = kContext;
    return tests::makeRandomModel(shape);
}

VulkanForwardPassOptions optionsWith(std::function<void(PhysicalDevice&)> adjust) {
    VulkanForwardPassOptions options;
    options.contextSize = kContext;
    options.pipelineCacheFolder = std::filesystem::path();
    options.device.hooks.adjustPhysical = std::move(adjust);
    return options;
}

// The device's heap of `bytes`, with no budget that says otherwise. A discrete card: nothing is asked of the system.
std::function<void(PhysicalDevice&)> heapOf(std::uint64_t bytes) {
    return [bytes](PhysicalDevice& device) {
        device.features.memoryBudget = false;
        for (std::uint32_t heap = 0; heap < device.memory.memoryHeapCount; ++heap) {
            device.memory.memoryHeaps[heap].size = bytes;
        }
    };
}

// The device has two kinds of memory: its own, which is full once `g_ownBytes` are allocated, and the computer's.
// Behind both is the driver's first kind.
std::uint64_t g_ownBytes = 0;
PFN_vkAllocateMemory g_allocate = nullptr;
PFN_vkGetBufferMemoryRequirements g_requirements = nullptr;

VKAPI_ATTR VkResult VKAPI_CALL allocateOfTwo(VkDevice device, const VkMemoryAllocateInfo* info,
                                             const VkAllocationCallbacks* callbacks, VkDeviceMemory* memory) {
    if (info->memoryTypeIndex == 0) {
        if (info->allocationSize > g_ownBytes) {
            return VK_ERROR_OUT_OF_DEVICE_MEMORY;
        }
        g_ownBytes -= info->allocationSize;
    }
    VkMemoryAllocateInfo real = *info;
    real.memoryTypeIndex = 0;
    return g_allocate(device, &real, callbacks, memory);
}

VKAPI_ATTR void VKAPI_CALL requirementsOfTwo(VkDevice device, VkBuffer buffer, VkMemoryRequirements* requirements) {
    g_requirements(device, buffer, requirements);
    requirements->memoryTypeBits = 3;
}

}  // namespace

class TestVulkanMemory : public QObject {
    Q_OBJECT

private slots:
    void init() { m_model = makeModel(); }
    void stepsDown_data();
    void stepsDown();
    void saysWhatDoesNotFit();
    void takesTheComputersMemory();
    void fitsASmallLaptop_data();
    void fitsASmallLaptop();

private:
    void measure();
    std::unique_ptr<ForwardPass> open(const VulkanForwardPassOptions& options) const {
        return makeVulkanForwardPass(listDevices().front(), m_model.config, m_model.weights, options);
    }
    bool holdsAll(std::uint64_t bytes) const {
        try {
            return open(optionsWith(heapOf(bytes)))->note().empty();
        } catch (const Error&) {
            return false;
        }
    }
    std::vector<float> logits(ForwardPass& pass) const {
        std::vector<float> result(m_model.config.vocabSize);
        pass.evaluate(std::vector<TokenId>{1, 77, 200, 3, 510}, 0, result);
        return result;
    }
    double difference(ForwardPass& pass) const {
        const std::vector<float> usual = logits(*open(optionsWith({})));
        return reference::normalisedError(logits(pass), std::vector<double>(usual.begin(), usual.end()));
    }

    tests::RandomModel m_model;
    std::uint64_t m_cacheBytes = 0;
    std::uint64_t m_wholeBytes = 0;  // that the model takes with all of its cache, or a little more
};

// Found by trying, once.
void TestVulkanMemory::measure() {
    if (m_wholeBytes != 0) {
        return;
    }
    m_cacheBytes = open(optionsWith({}))->cacheBytes();
    std::uint64_t tooFew = m_cacheBytes;
    m_wholeBytes = 64'000'000;
    while (m_wholeBytes - tooFew > m_cacheBytes / 32) {
        const std::uint64_t bytes = (tooFew + m_wholeBytes) / 2;
        (holdsAll(bytes) ? m_wholeBytes : tooFew) = bytes;
    }
}

void TestVulkanMemory::stepsDown_data() {
    QTest::addColumn<double>("share");  // of the cache in 16 bits that there is room for
    QTest::addColumn<quint32>("context");
    QTest::addColumn<QString>("word");
    QTest::addRow("all") << 1.01 << kContext << QString();
    QTest::addRow("8 bits") << 0.9 << kContext << QStringLiteral("The KV cache uses 8 bits");
    QTest::addRow("half") << 0.45 << kContext / 2 << QStringLiteral("context length is 1024 tokens instead of 2048");
}

void TestVulkanMemory::stepsDown() {
    QFETCH(double, share);
    QFETCH(quint32, context);
    QFETCH(QString, word);
    measure();
    const std::uint64_t cache = m_cacheBytes;
    const auto room =
        static_cast<std::uint64_t>(static_cast<double>(m_wholeBytes) - (1 - share) * static_cast<double>(cache));
    const std::unique_ptr<ForwardPass> pass = open(optionsWith(heapOf(room)));
    QCOMPARE(pass->contextSize(), context);
    const std::string note = pass->note().english();
    QVERIFY2(word.isEmpty() ? note.empty() : note.find(word.toStdString()) != std::string::npos, note.c_str());
    QVERIFY(difference(*pass) < 1e-3);
}

void TestVulkanMemory::saysWhatDoesNotFit() {
    try {
        const std::unique_ptr<ForwardPass> pass = open(optionsWith(heapOf(300'000)));
        QFAIL("It fits.");
    } catch (const Error& error) {
        const std::string sentence = error.what();
        QVERIFY(error.code() == ErrorCode::OutOfMemory);
        QVERIFY2(sentence.starts_with("The model does not fit: even with a context of 512 tokens it needs "),
                 sentence.c_str());
        QVERIFY2(sentence.find("the device has 300.0 kB free") != std::string::npos, sentence.c_str());
    }
}

void TestVulkanMemory::takesTheComputersMemory() {
    VulkanForwardPassOptions options = optionsWith([](PhysicalDevice& device) {
        device.features.memoryBudget = false;
        VkPhysicalDeviceMemoryProperties& memory = device.memory;
        memory.memoryTypeCount = 2;
        memory.memoryTypes[1] = memory.memoryTypes[0];
        memory.memoryTypes[1].propertyFlags &= ~VkMemoryPropertyFlags{VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT};
        memory.memoryTypes[0].propertyFlags |= VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT;
    });
    options.device.hooks.wrapFunctions = [](VolkDeviceTable& table) {
        g_allocate = std::exchange(table.vkAllocateMemory, allocateOfTwo);
        g_requirements = std::exchange(table.vkGetBufferMemoryRequirements, requirementsOfTwo);
    };
    g_ownBytes = 1ULL << 40U;
    QVERIFY(open(options)->note().empty());
    g_ownBytes = 1'000'000;
    const std::unique_ptr<ForwardPass> pass = open(options);
    const std::string note = pass->note().english();
    QVERIFY2(note.find("of the model are in the computer's memory") != std::string::npos, note.c_str());
    QVERIFY(difference(*pass) == 0);
}

void TestVulkanMemory::fitsASmallLaptop_data() {
    QTest::addColumn<int>("dtype");
    for (const DType dtype : tests::sampled<DType>({DType::F16, DType::Q8_0, DType::Q4_0}, 1)) {
        QTest::addRow("%s", dtypeName(dtype)) << static_cast<int>(dtype);
    }
}

// The kernels of a graphics processor, within the least that one offers. That they keep to it is asserted where they
// are compiled, and their storage ranges where buffers are made.
void TestVulkanMemory::fitsASmallLaptop() {
    QFETCH(int, dtype);
    tests::RandomModelShape shape;
    shape.hidden = 192;
    shape.ffn = 160;
    shape.heads = 3;
    shape.kvHeads = 1;
    shape.headDim = 64;
    shape.context = kContext;
    shape.dtypes = {static_cast<DType>(dtype)};
    m_model = tests::makeRandomModel(shape);
    VulkanForwardPassOptions options = optionsWith([](PhysicalDevice& device) {
        device.info.kind = DeviceKind::IntegratedGpu;
        device.features = clamped(device.features, Tier::T0, LimitsClamp::smallLaptop());
        QVERIFY(!device.features.float16 && device.features.maxInvocations == 128);
        QVERIFY(device.features.maxSharedBytes == 16384 && device.features.maxStorageRange == 128U << 20U);
    });
    options.device.maxTier = Tier::T0;
    const std::unique_ptr<ForwardPass> pass = open(options);
    QCOMPARE(pass->kernels(), std::string("plain, work groups of 64"));
    // The software driver's own kernels take eight-bit activations.
    QVERIFY(difference(*pass) < (isQuantized(static_cast<DType>(dtype)) ? 3e-3 : 1e-5));
}

ALCOVE_TEST(TestVulkanMemory)
#include "test_vulkan_memory.moc"
