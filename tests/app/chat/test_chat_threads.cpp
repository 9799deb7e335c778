// What crosses between the engine thread and the window, and where.
#include <QtCore/QThread>

#include "app/session/piece_coalescer.h"
#include "tests/app/chat/chat_fixture.h"
#include "tests/rig/test_registry.h"

using namespace alcove;

class TestChatThreads : public QObject {
    Q_OBJECT

private slots:
    void piecesAreGathered() {
        qint64 now = 1000;
        PieceCoalescer pieces([&now] { return now; }, 34);
        const auto token = [](int number, const QString& text) {
            return GenerationProgress{.generatedTokens = number, .text = text, .tokens = {{number, 1}}};
        };
        QCOMPARE(pieces.add(token(1, "a"))->text, QString("a"));  // the first at once
        now += 10;
        QVERIFY(!pieces.add(token(2, "b")));
        now += 10;
        QVERIFY(!pieces.add(token(3, "c")));
        now += 14;
        const auto piece = pieces.add(token(4, "d"));
        QCOMPARE(piece->text, QString("bcd"));
        QCOMPARE(piece->generatedTokens, 4);
        QCOMPARE(piece->tokens.size(), 3);
        QCOMPARE(piece->tokens.last().id, 4);
        QVERIFY(!pieces.rest());
        now += 1;
        QVERIFY(!pieces.add(token(5, "e")));
        QCOMPARE(pieces.rest()->text, QString("e"));
        QVERIFY(!pieces.rest());

        int handedOver = 0;
        for (int i = 0; i < 1000; ++i) {  // one second of a very fast model
            now += 1;
            handedOver += pieces.add(token(i, "x")) ? 1 : 0;
        }
        QVERIFY(handedOver <= 30);
        QVERIFY(handedOver >= 28);
    }

    void lastPieceComesBeforeTheEnd() {
        auto script = std::make_shared<FakeScript>();
        script->replies = {"one two three"};
        GenerationWorker worker([script] { return std::make_unique<FakeBackend>(script); }, 1000000);
        QString text;
        QString textAtEnd;
        connect(&worker, &GenerationWorker::progressed,
                [&](quint64, const GenerationProgress& progress) { text += progress.text; });
        connect(&worker, &GenerationWorker::finished, [&] { textAtEnd = text; });
        const auto flag = std::make_shared<std::atomic<bool>>(false);
        quint64 checkpoint = 0;
        connect(&worker, &GenerationWorker::opened,
                [&](quint64, const LoadedCheckpoint& loaded) { checkpoint = loaded.id; });
        worker.open(1, {.path = "/fake", .device = "auto"}, flag);
        worker.generate(2, {.checkpoint = checkpoint, .turns = {{true, "Go"}}, .sampling = {}}, flag);
        QCOMPARE(textAtEnd, QString("one two three"));
    }

    void requestsStoppedBeforeTheirTurnDoNothing() {
        auto script = std::make_shared<FakeScript>();
        GenerationWorker worker([script] { return std::make_unique<FakeBackend>(script); }, 0);
        QSignalSpy finished(&worker, &GenerationWorker::finished);
        QSignalSpy openFailed(&worker, &GenerationWorker::openFailed);
        const auto flag = std::make_shared<std::atomic<bool>>(true);
        worker.open(1, {.path = "/fake", .device = "auto"}, flag);
        worker.generate(2, {}, flag);
        QCOMPARE(openFailed.count(), 1);
        QCOMPARE(openFailed[0][2].toBool(), true);
        QCOMPARE(finished.count(), 1);
        QVERIFY(script->opened.isEmpty() && script->asked.isEmpty());
    }

    void staleAnswersAreDropped() {
        ChatFixture fixture;
        QVERIFY(fixture.openReady());
        fixture.token.holdAt(1);
        fixture.chat().send("Go");
        QVERIFY(fixture.token.held());
        QTRY_COMPARE(fixture.texts().last(), QString("one"));
        // Signals of a request that nobody waits for any more.
        QSignalSpy changes(&fixture.messages(), &QAbstractItemModel::dataChanged);
        QMetaObject::invokeMethod(&fixture.chat(), [&] {
            GenerationProgress stale{.generatedTokens = 9, .text = "stale"};
            emit fixture.app->engine()->progressed(999, stale);
            emit fixture.app->engine()->finished(999, {});
            emit fixture.app->engine()->failed(999, "stale", true);
        });
        QCOMPARE(changes.count(), 0);
        QCOMPARE(fixture.texts().last(), QString("one"));
        QCOMPARE(fixture.chat().state(), ChatController::Writing);
        fixture.token.letGo();
        QVERIFY(fixture.idle());
    }

    // A model that changed on the engine thread would be a data race with the window.
    void modelsChangeOnTheWindowsThreadOnly() {
        ChatFixture fixture;
        fixture.open();
        QThread* const window = QThread::currentThread();
        std::atomic<int> here = 0;
        std::atomic<int> elsewhere = 0;
        const auto note = [&] { ++(QThread::currentThread() == window ? here : elsewhere); };
        const QList<QAbstractItemModel*> models = {&fixture.messages(), fixture.app->conversations(),
                                                   fixture.app->library()->model(), fixture.app->notices()};
        for (QAbstractItemModel* model : models) {
            connect(model, &QAbstractItemModel::dataChanged, model, note, Qt::DirectConnection);
            connect(model, &QAbstractItemModel::rowsInserted, model, note, Qt::DirectConnection);
            connect(model, &QAbstractItemModel::rowsRemoved, model, note, Qt::DirectConnection);
            connect(model, &QAbstractItemModel::rowsMoved, model, note, Qt::DirectConnection);
            connect(model, &QAbstractItemModel::modelReset, model, note, Qt::DirectConnection);
        }
        connect(&fixture.chat(), &ChatController::stateChanged, &fixture.chat(), note, Qt::DirectConnection);
        connect(fixture.app->running(), &RunningCheckpoint::loadProgressChanged, &fixture.chat(), note,
                Qt::DirectConnection);
        QTRY_VERIFY(!fixture.app->running()->path().isEmpty());
        fixture.chat().send("Go");
        QVERIFY(fixture.idle());
        fixture.app->library()->select("/fake/second");
        fixture.app->library()->rescan();
        QTRY_COMPARE(fixture.app->running()->name(), QString("second"));
        QVERIFY(here > 10);
        QCOMPARE(elsewhere, 0);
    }

    void backendLivesOnTheEngineThread() {
        struct Witness : FakeBackend {
            Witness(std::shared_ptr<FakeScript> script, QList<QThread*>& seen)
                : FakeBackend(std::move(script)), threads(seen) {
                threads << QThread::currentThread();
            }
            ~Witness() override { threads << QThread::currentThread(); }
            DeviceList devices(bool compare, const std::atomic<bool>& cancel) override {
                threads << QThread::currentThread();
                return FakeBackend::devices(compare, cancel);
            }
            QList<QThread*>& threads;
        };
        QList<QThread*> threads;
        ChatFixture fixture;
        fixture.options.backend = [&] { return std::make_unique<Witness>(fixture.script, threads); };
        QVERIFY(fixture.openReady());
        fixture.close();
        QCOMPARE(threads, QList<QThread*>(3, threads.value(0)));
        QVERIFY(threads[0] != QThread::currentThread());
    }

    void quittingWhileLoadingEndsAtOnce() {
        ChatFixture fixture;
        fixture.openStep.holdAt(1);
        fixture.open();
        QVERIFY(fixture.openStep.held());
        fixture.openStep.letGo();
        fixture.close();
        QVERIFY(fixture.script->opened.size() == 1);
    }
};

ALCOVE_TEST(TestChatThreads)
#include "test_chat_threads.moc"
