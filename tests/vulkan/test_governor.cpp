// How much is handed to the device at once, by what was measured.
#include <QTest>

#include "engine/model/forward_pass.h"
#include "engine/vulkan/execution/governor.h"
#include "tests/rig/test_registry.h"

using namespace alcove::engine;
using namespace alcove::engine::vulkan;

namespace {

constexpr std::uint32_t kLayers = 10;

Governor governor(double firstGuess = 0.0004) {
    return Governor({.submissionSeconds = 0.008,
                     .chunkSeconds = 0.25,
                     .layers = kLayers,
                     .largestChunk = 128,
                     .tokensTogether = 4,
                     .firstGuess = firstGuess});
}

}  // namespace

class TestGovernor : public QObject {
    Q_OBJECT

private slots:
    void keepsSubmissionsShort();
    void keepsChunksWhole();
    void knowsDraftsFromPrompts();
};

void TestGovernor::keepsSubmissionsShort() {
    Governor slow = governor();
    slow.measured(1, 0.04);  // 4 ms a layer
    QCOMPARE(slow.layersPerSubmission(1), 2U);
    slow.measured(64, 0.64);  // 1 ms a layer and token
    QCOMPARE(slow.layersPerSubmission(8), 1U);
    QCOMPARE(slow.chunkTokens(), 8U);  // one layer of it fits
    Governor fast = governor();
    fast.measured(1, 0.001);
    fast.measured(64, 0.001);
    QCOMPARE(fast.layersPerSubmission(1), kLayers);
    QCOMPARE(fast.layersPerSubmission(64), kLayers);
    QCOMPARE(fast.chunkTokens(), 128U);
}

void TestGovernor::keepsChunksWhole() {
    Governor slow = governor();
    slow.measured(64, 64 * 0.0095);  // 26 tokens in a quarter of a second
    QCOMPARE(slow.chunkTokens() % 4, 0U);
    slow.measured(64, 1000);
    for (int i = 0; i < 50; ++i) {
        slow.measured(64, 1000);
    }
    QCOMPARE(slow.chunkTokens(), 4U);  // fewer would take as long
    QCOMPARE(slow.layersPerSubmission(4), 1U);
}

// Many tokens may have kernels of their own, of which the cost of a few tells little.
void TestGovernor::knowsDraftsFromPrompts() {
    Governor governed = governor();
    governed.measured(1, 0.01);
    governed.measured(64, 0.064);  // the first that is known of several
    QCOMPARE(qRound(governed.draftCost() * 10), 8);
    governed.measured(kMaxDraft + 1, 0.04);
    QCOMPARE(qRound(governed.draftCost() * 10), 40);
    governed.measured(64, 0.064);
    QCOMPARE(qRound(governed.draftCost() * 10), 40);

    Governor drafting = governor();
    drafting.measured(1, 0.01);
    drafting.measured(4, 0.4);  // 10 ms a layer and token
    QCOMPARE(drafting.chunkTokens(), 4U);
}

ALCOVE_TEST(TestGovernor)
#include "test_governor.moc"
