// What may take long asks often whether it should end, and ends at whichever question is answered with yes. Counted, so
// that it holds on every machine.
#include <filesystem>
#include <functional>
#include <sys/mman.h>

#include <QTest>

#include "engine/base/cancellation.h"
#include "engine/checkpoint/checkpoint.h"
#include "engine/checkpoint/equal_tensors.h"
#include "engine/checkpoint/finite.h"
#include "engine/conversion/model_writer.h"
#include "engine/generator.h"
#include "tests/engine/checkpoint/checkpoint_builder.h"
#include "tests/rig/error_of.h"
#include "tests/rig/test_registry.h"

using namespace alcove::engine;
using alcove::test::ScratchFolder;

namespace {

const std::filesystem::path kData = ALCOVE_FIXTURES;

// Zeros that take no memory until they are written to.
class ManyZeros {
public:
    explicit ManyZeros(std::size_t size)
        : m_size(size),
          m_address(::mmap(nullptr, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)) {}
    ManyZeros(const ManyZeros&) = delete;
    ManyZeros& operator=(const ManyZeros&) = delete;
    ~ManyZeros() { ::munmap(m_address, m_size); }

    [[nodiscard]] TensorView tensor() const {
        return {"zeros", DType::F16, {m_size / 2}, {static_cast<const std::byte*>(m_address), m_size}};
    }

private:
    std::size_t m_size;
    void* m_address;
};

using Work = std::function<void(const Cancellation&)>;

int questionsOf(const Work& work) {
    int asked = 0;
    work(Cancellation([&asked] {
        ++asked;
        return false;
    }));
    return asked;
}

// The questions that are asked when the `number`-th, from 1, is answered with yes; -1 unless that leads to
// Error{Cancelled}.
int askedUntil(int number, const Work& work) {
    int asked = 0;
    const Error error = alcove::tests::errorOf([&] { work(Cancellation([&] { return ++asked >= number; })); });
    return error.code() == ErrorCode::Cancelled ? asked : -1;
}

}  // namespace

class TestCancellation : public QObject {
    Q_OBJECT

private slots:
    void isNeverRequestedByItself() {
        const Cancellation never;
        QVERIFY(!never.requested());
        never.check(ALCOVE_TEXT("engine", "It was stopped."));
    }

    void followsItsFlag() {
        std::atomic<bool> flag = false;
        const Cancellation cancel = flag;
        const Cancellation copy = cancel;
        QVERIFY(!cancel.requested());
        flag = true;
        QVERIFY(cancel.requested() && copy.requested());
        const Error error = alcove::tests::errorOf([&] { cancel.check(ALCOVE_TEXT("engine", "It was stopped.")); });
        QCOMPARE(error.code(), ErrorCode::Cancelled);
        QCOMPARE(error.what(), "It was stopped.");
    }

    void piecesCoverEverything() {
        for (const std::size_t size : {0U, 1U, 7U, 8U, 9U, 16U, 17U}) {
            std::size_t covered = 0;
            const Work work = [&](const Cancellation& cancel) {
                inPieces(size, 8, cancel, ALCOVE_TEXT("engine", "It was stopped."),
                         [&](std::size_t first, std::size_t count) {
                             QCOMPARE(first, covered);
                             QVERIFY(count > 0 && count <= 8);
                             covered += count;
                         });
            };
            QCOMPARE(questionsOf(work), static_cast<int>((size + 7) / 8));
            QCOMPARE(covered, size);
        }
    }

    // However large the tensors of a checkpoint are.
    void largeTensorsAskOften() {
        constexpr std::size_t kSize = 5 * kBytesBetweenQuestions + 32;
        const ManyZeros zeros(kSize);
        const ManyZeros others(kSize);
        const std::vector<TensorView> tensors = {zeros.tensor(), others.tensor()};
        const std::vector<std::pair<Work, int>> works = {
            {[&](const Cancellation& cancel) { requireFinite(tensors[0], cancel); }, 6},
            {[&](const Cancellation& cancel) { QVERIFY(sameContent(tensors[0], tensors[1], cancel)); }, 6},
            // A beginning, two hashes and the comparison.
            {[&](const Cancellation& cancel) { QCOMPARE(groupByContent(tensors, cancel)[1], 0U); }, 1 + 3 * 6},
        };
        for (const auto& [work, questions] : works) {
            QCOMPARE(questionsOf(work), questions);
            for (int number = 1; number <= questions; ++number) {
                QCOMPARE(askedUntil(number, work), number);
            }
        }
    }

    void openingACheckpointEndsAtAnyQuestion_data() {
        QTest::addColumn<QString>("checkpoint");
        QTest::newRow("equal copies") << QStringLiteral("copied-f32");
        QTest::newRow("another program's GGUF") << QStringLiteral("../fuzz/seeds/copied.gguf");
    }
    void openingACheckpointEndsAtAnyQuestion() {
        QFETCH(QString, checkpoint);
        const std::filesystem::path path = kData / checkpoint.toStdString();
        const Work work = [&](const Cancellation& cancel) { (void)Checkpoint::open(path, cancel); };
        const int questions = questionsOf(work);
        QVERIFY(questions > 0);
        for (int number = 1; number <= questions; ++number) {
            QCOMPARE(askedUntil(number, work), number);
        }
    }

    void openingAGeneratorEndsAtAnyQuestion() {
        const Work work = [](const Cancellation& cancel) {
            OpenOptions options;
            options.checkpoint = kData / "copied-f32";
            options.device = "cpu";
            options.cancel = cancel;
            (void)Generator::open(options);
        };
        const int questions = questionsOf(work);
        QVERIFY(questions > 10);
        for (int number = 1; number <= questions; ++number) {
            QCOMPARE(askedUntil(number, work), number);
        }
    }

    void writingEndsAtAnyQuestionAndLeavesNothing() {
        const ScratchFolder folder;
        const Checkpoint checkpoint = Checkpoint::open(kData / "stories260K");
        const Tokenizer tokenizer = Tokenizer::open(checkpoint.location(), checkpoint.config().vocabSize);
        const Work work = [&](const Cancellation& cancel) {
            ModelWriteOptions options;
            options.cancel = cancel;
            options.overwrite = true;
            (void)writeModel(checkpoint, tokenizer, {"plain", false}, folder / "m.gguf", options);
        };
        const int questions = questionsOf(work);
        QVERIFY(questions > 20);
        std::filesystem::remove(folder / "m.gguf");
        for (int number = 1; number <= questions; ++number) {
            QCOMPARE(askedUntil(number, work), number);
            QVERIFY(std::filesystem::is_empty(folder.path()));
        }
    }
};

ALCOVE_TEST(TestCancellation)
#include "test_cancellation.moc"
