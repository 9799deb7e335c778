// Memory that runs out anywhere in a reader: an Error where a person may see it, and nothing is left behind.
#include <functional>

#include <QTest>
#include <nlohmann/json.hpp>

#include "engine/checkpoint/checkpoint.h"
#include "engine/checkpoint/config_reader.h"
#include "engine/checkpoint/gguf.h"
#include "engine/checkpoint/model_files.h"
#include "engine/checkpoint/pickle.h"
#include "engine/checkpoint/safetensors.h"
#include "engine/checkpoint/torch_archive.h"
#include "engine/devices/comparison.h"
#include "engine/evaluation/multiple_choice_task.h"
#include "engine/files/bounded_json.h"
#include "engine/text/gguf_vocabulary.h"
#include "engine/text/sentencepiece_model.h"
#include "engine/text/template_selection.h"
#include "engine/text/tokenizer.h"
#include "tests/engine/checkpoint/checkpoint_builder.h"
#include "tests/rig/allocation_count.h"
#include "tests/rig/test_registry.h"

using namespace alcove::engine;
using alcove::test::readFile;
using alcove::tests::FailingAllocation;

namespace {

using Reader = std::function<void()>;

const std::filesystem::path kFixtureFolder = ALCOVE_FIXTURES;
const std::filesystem::path kGgufSeed = kFixtureFolder / "../fuzz/seeds/own.gguf";
constexpr std::size_t kSamples = 150;  // of the allocations of a reader that makes more

std::size_t allocationsOf(const Reader& read) {
    const std::size_t before = alcove::tests::allocationsOfThisThread();
    read();
    return alcove::tests::allocationsOfThisThread() - before;
}

// Opens what has more tokens than the model.
void refusedTokenizer(const std::filesystem::path& location, std::uint32_t modelTokens) {
    try {
        (void)Tokenizer::open(location, modelTokens);
    } catch (const Error& error) {
        if (error.code() != ErrorCode::TokenizerMismatch) {
            throw;
        }
    }
}

enum class Outcome { Finished, Error, BadAlloc };

Outcome outcomeOf(const Reader& read, std::size_t failing) {
    const FailingAllocation fail(failing);
    try {
        read();
        return Outcome::Finished;
    } catch (const Error& error) {
        return error.code() == ErrorCode::OutOfMemory ? Outcome::Error : Outcome::Finished;
    } catch (const std::bad_alloc&) {
        return Outcome::BadAlloc;
    }
}

}  // namespace

Q_DECLARE_METATYPE(Reader)

class TestOutOfMemory : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void isAnErrorAndLeavesNothing_data();
    void isAnErrorAndLeavesNothing();

private:
    alcove::test::ScratchFolder m_added{"stories260K"};
};

void TestOutOfMemory::initTestCase() {
    alcove::test::writeFile(m_added / "added_tokens.json", R"({"<s>": 1, "[PAD]": 512})");
}

void TestOutOfMemory::isAnErrorAndLeavesNothing_data() {
    QTest::addColumn<Reader>("read");
    QTest::addColumn<bool>(
        "forPeople");  // what the window and the terminal call: an Error, not the library's exception
    const auto row = [](const char* name, bool forPeople, const Reader& read) {
        QTest::newRow(name) << read << forPeople;
    };
    for (const char* fixture : {"stories260K", "sharded-f16", "copied-f32", "shared-hd64-bf16", "parameters-f16"}) {
        const std::filesystem::path folder = kFixtureFolder / fixture;
        row(fixture, true, [folder] { (void)Checkpoint::open(folder); });
    }
    row("a GGUF file", true, [] { (void)Checkpoint::open(kGgufSeed); });
    // As far as SentencePiece, which does not survive that memory runs out in it: a model with fewer tokens is refused
    // just before.
    const std::filesystem::path tokenizer = kFixtureFolder / "stories260K";
    row("a tokenizer", true, [tokenizer] { refusedTokenizer(tokenizer, 511); });
    row("a tokenizer with added tokens", true, [path = m_added.path()] { refusedTokenizer(path, 512); });
    row("a tokenizer in a GGUF file", true, [] { refusedTokenizer(kGgufSeed, 1); });
    row("a template by its name", true, [path = kFixtureFolder / "mobillama-tiny"] { (void)selectTemplate(path); });
    row("a template in a GGUF file", true, [] { (void)selectTemplate(kGgufSeed); });
    row("a template by a card", true, [path = std::filesystem::path(ALCOVE_STARTER)] { (void)selectTemplate(path); });

    row("config.json", false, [] { (void)readConfig(kFixtureFolder / "mobillama-tiny"); });
    row("an index", false, [] { (void)findModelFiles(kFixtureFolder / "sharded-f16"); });
    row("a card", false,
        [] { (void)readJsonObject(std::filesystem::path(ALCOVE_STARTER) / "alcove.json", kCardLimits); });
    row("a vocabulary in a GGUF file", false, [] {
        const MappedFile file(kGgufSeed);
        (void)readGgufVocabulary(GgufFile(file));
    });
    row("a header of safetensors", false, [] {
        const MappedFile file(kFixtureFolder / "stories260K/model.safetensors");
        (void)readSafetensors(file);
    });
    row("a torch archive", false, [] {
        const MappedFile file(kFixtureFolder / "shared-hd64-bf16/pytorch_model.bin");
        (void)readTorchArchive(file);
    });
    const std::string pickle = readFile(kFixtureFolder / "../fuzz/seeds/state_dict.pkl");
    row("a pickle", false, [pickle] { (void)readStateDict(std::as_bytes(std::span(pickle)), "data.pkl"); });
    row("what the menu looks at in a GGUF file", false, [] {
        const MappedFile file(kGgufSeed);
        checkGgufVocabulary(GgufFile(file));
    });
    const std::string model = readFile(kFixtureFolder / "stories260K/tokenizer.model");
    row("a vocabulary", false, [model] { (void)writeVocabulary(readVocabulary(model, "tokenizer.model")); });
    const std::string task = readFile(kFixtureFolder / "measures/task.jsonl");
    row("a task", false, [task] { (void)parseMultipleChoiceTask(task, "task.jsonl"); });
    const std::string comparison = readFile(kFixtureFolder / "../fuzz/seeds/comparison.json");
    row("a comparison", false, [comparison] { (void)parseComparison(comparison, "key"); });
}

void TestOutOfMemory::isAnErrorAndLeavesNothing() {
    QFETCH(const Reader, read);
    QFETCH(const bool, forPeople);
    read();  // what is made once and kept is made here
    const std::size_t count = allocationsOf(read);
    QVERIFY(count > 0);
    const std::size_t step = std::max<std::size_t>(1, count / kSamples);
    for (std::size_t n = 1; n <= count; n += n < kSamples / 2 ? 1 : step) {
        const std::int64_t live = alcove::tests::liveAllocationsOfThisThread();
        const Outcome outcome = outcomeOf(read, n);
        const std::int64_t left = alcove::tests::liveAllocationsOfThisThread() - live;
        QVERIFY2(left == 0, qPrintable(QString("allocation %1 of %2 leaves %3").arg(n).arg(count).arg(left)));
        QVERIFY2(outcome == Outcome::Error || (!forPeople && outcome == Outcome::BadAlloc),
                 qPrintable(QString("allocation %1 of %2: %3").arg(n).arg(count).arg(static_cast<int>(outcome))));
    }
    read();
}

ALCOVE_TEST(TestOutOfMemory)
#include "test_out_of_memory.moc"
