// Several checkpoints open at once in the real engine.
#include <memory>

#include <QTest>

#include "app/session/engine_backend.h"
#include "engine/base/error.h"
#include "engine/generator.h"
#include "tests/rig/test_registry.h"

using namespace alcove;

namespace {

const QString kStoriesPath = QStringLiteral(ALCOVE_FIXTURES "/stories260K");
const QString kStarterPath = QStringLiteral(ALCOVE_STARTER);
constexpr qint64 kAmple = qint64{1} << 40;

// An engine whose generators can be refused.
struct Session {
    int refused = 0;  // so many generators find no memory
    engine::ErrorCode refusal = engine::ErrorCode::OutOfMemory;
    int opened = 0;
    EngineBackend backend{QString(), [this](const engine::OpenOptions& options) {
                              if (refused > 0) {
                                  --refused;
                                  throw engine::Error(refusal, {});
                              }
                              ++opened;
                              return engine::Generator::open(options);
                          }};

    LoadedCheckpoint open(const QString& path, qint64 budget = kAmple, int contextSize = 256) {
        return backend.open(
            {.path = path, .device = QStringLiteral("auto"), .contextSize = contextSize, .memoryBudget = budget},
            [](double) {}, false);
    }
    QString reply(quint64 checkpoint, const QString& text) {
        GenerationRequest request;
        request.checkpoint = checkpoint;
        request.turns = {{true, text}};
        request.sampling.temperature = 0;
        request.sampling.repetitionPenalty = 1;
        request.sampling.maxTokens = 24;
        QString answer;
        (void)backend.generate(
            request, [&answer](const GenerationProgress& progress) { answer += progress.text; }, false);
        return answer;
    }
    [[nodiscard]] bool isOpen(quint64 checkpoint) {
        try {
            return !reply(checkpoint, "Once upon a time").isEmpty();
        } catch (const BackendError& error) {
            return !error.reopenNeeded;
        }
    }
};

}  // namespace

class TestEngineBackend : public QObject {
    Q_OBJECT

private slots:
    void twoAnswerInTurnsAsEachAlone() {
        const QStringList questions = {"Once upon a time", "Tell me a short story about a fox", "And then"};
        QStringList alone;
        for (const QString& path : {kStoriesPath, kStarterPath}) {
            Session session;
            const quint64 id = session.open(path).id;
            for (const QString& question : questions) {
                alone << session.reply(id, question);
                QVERIFY(!alone.last().isEmpty());
            }
        }
        QVERIFY(alone[0] != alone[3]);

        Session session;
        const LoadedCheckpoint stories = session.open(kStoriesPath);
        const LoadedCheckpoint starter = session.open(kStarterPath);
        QVERIFY(stories.id != starter.id);
        QStringList together;
        for (int i = 0; i < questions.size(); ++i) {
            together.insert(i, session.reply(stories.id, questions[i]));
            together.append(session.reply(starter.id, questions[i]));
        }
        QCOMPARE(together, alone);
        QCOMPARE(session.opened, 2);
    }

    void theSameIsOpenedOnceInTheSameWay() {
        Session session;
        const LoadedCheckpoint first = session.open(kStoriesPath);
        const LoadedCheckpoint again = session.open(kStoriesPath);
        QCOMPARE(again.id, first.id);
        QCOMPARE(again.detail, first.detail);
        QCOMPARE(session.opened, 1);
        const LoadedCheckpoint smaller = session.open(kStoriesPath, kAmple, 128);
        QVERIFY(smaller.id != first.id);
        QCOMPARE(smaller.contextSize, 128);
        QVERIFY(session.isOpen(first.id));
        QVERIFY(session.isOpen(smaller.id));
    }

    // What the window does when another checkpoint is chosen.
    void withoutABudgetTheNewOneReplacesTheOld() {
        Session session;
        const quint64 stories = session.open(kStoriesPath, 0).id;
        const quint64 starter = session.open(kStarterPath, 0).id;
        QVERIFY(!session.isOpen(stories));
        QVERIFY(session.isOpen(starter));
    }

    void withoutMemoryForBothTheOldOneGoesFirst() {
        Session session;
        const quint64 stories = session.open(kStoriesPath).id;
        session.refused = 1;
        const quint64 starter = session.open(kStarterPath).id;
        QVERIFY(!session.isOpen(stories));
        QVERIFY(session.isOpen(starter));
        QVERIFY(session.isOpen(session.open(kStoriesPath).id));
    }

    void failingToOpenLeavesWhatWasThere() {
        Session session;
        const quint64 stories = session.open(kStoriesPath).id;
        const QString reply = session.reply(stories, "Once upon a time");
        session.refused = 2;  // beside the old one, and in its place
        QVERIFY_EXCEPTION_THROWN(session.open(kStarterPath), BackendError);
        QCOMPARE(session.opened, 2);  // the old one once more
        QCOMPARE(session.reply(stories, "Once upon a time"), reply);
        session.refused = 1;
        session.refusal = engine::ErrorCode::FileDamaged;
        QVERIFY_EXCEPTION_THROWN(session.open(kStarterPath), BackendError);
        QCOMPARE(session.opened, 2);  // it was not closed
        QCOMPARE(session.reply(stories, "Once upon a time"), reply);
    }
};

ALCOVE_TEST(TestEngineBackend)
#include "test_engine_backend.moc"
