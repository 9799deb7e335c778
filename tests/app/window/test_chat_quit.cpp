// The end of the program, in whatever it is occupied with: what a person has is saved, and it ends.
#include <csignal>
#include <unistd.h>

#include <QtCore/QProcess>

#include "app/window/quit.h"
#include "tests/app/chat/chat_fixture.h"
#include "tests/rig/process_signals.h"
#include "tests/rig/test_registry.h"

using namespace alcove;
using alcove::tests::catches;

namespace {

// Nothing is saved meanwhile, neither of the reply nor of the draft "half a thought".
bool holdReplyAfterTwoWords(ChatFixture& fixture) {
    fixture.app->chat()->setSaveIntervals(1'000'000, 1'000'000);
    fixture.token.holdAt(2);
    fixture.chat().send("Go");
    if (!fixture.token.held() ||
        !QTest::qWaitFor([&fixture] { return fixture.texts().last() == QLatin1String("one two"); })) {
        return false;
    }
    fixture.chat().setDraft("half a thought");
    return true;
}

}  // namespace

class TestChatQuit : public QObject {
    Q_OBJECT

private slots:
    // The engine thread waits, as for a driver that does not answer.
    void everythingIsSavedThoughTheEngineDoesNotAnswer() {
        ChatFixture fixture;
        fixture.options.quitPatience = std::chrono::milliseconds(0);
        QVERIFY(fixture.openReady());
        QVERIFY(holdReplyAfterTwoWords(fixture));
        const int conversation = fixture.chat().conversationId();
        fixture.app->close();
        {
            const HistoryStore store = HistoryStore::open(fixture.folder.path());
            QCOMPARE(store.report().state, OpenReport::State::Opened);
            const QList<Message> messages = store.messages(conversation);
            QCOMPARE(messages.size(), 2);
            QCOMPARE(messages[1].text, QString("one two"));
            QCOMPARE(messages[1].status, MessageStatus::Stopped);
            QCOMPARE(store.draft(conversation), QString("half a thought"));
        }
        fixture.token.letGo();
        fixture.close();
    }

    // As at the beginning of a log-out, which may yet be called off.
    void savingNowEndsNothing() {
        ChatFixture fixture;
        QVERIFY(fixture.openReady());
        QVERIFY(holdReplyAfterTwoWords(fixture));
        const int conversation = fixture.chat().conversationId();
        QCOMPARE(fixture.stored(conversation).last().text, QString());
        fixture.app->saveNow();
        QCOMPARE(fixture.stored(conversation).last().text, QString("one two"));
        QCOMPARE(fixture.app->store().draft(conversation), QString("half a thought"));
        fixture.token.letGo();
        QVERIFY(fixture.idle());
        QCOMPARE(fixture.stored(conversation).last().text, QString("one two three four five"));
        QCOMPARE(fixture.stored(conversation).last().status, MessageStatus::Complete);
    }

    void endsWhileACheckpointIsLoaded() {
        ChatFixture fixture;
        fixture.script->openSteps = std::numeric_limits<int>::max();
        fixture.options.pieceIntervalMs = EngineThread::kPieceIntervalMs;
        fixture.openStep.holdAt(7);
        fixture.open();
        QVERIFY(fixture.openStep.held());
        fixture.openStep.letGo();
        fixture.close();
    }

    void endsWhileAReplyIsMade() {
        ChatFixture fixture;
        fixture.script->replies = {QStringLiteral("word ").repeated(200'000)};
        fixture.options.pieceIntervalMs = EngineThread::kPieceIntervalMs;
        QVERIFY(fixture.openReady());
        fixture.token.holdAt(7);
        fixture.chat().send("Go");
        QVERIFY(fixture.token.held());
        fixture.token.letGo();
        fixture.close();
    }

    void endsWhileACopyIsMade() {
        ChatFixture fixture;
        fixture.script->fullPrecision = QStringList{"/fake/first"};
        fixture.script->copies->steps = std::numeric_limits<int>::max();
        fixture.copyStep.holdAt(7);
        QVERIFY(fixture.openReady());
        QTRY_COMPARE(fixture.app->notices()->count(), 1);  // the offer
        const QModelIndex offer = fixture.app->notices()->index(0);
        fixture.app->notices()->act(fixture.app->notices()->data(offer, NoticeListModel::NoticeIdRole).toInt());
        QVERIFY(fixture.copyStep.held());
        fixture.copyStep.letGo();
        fixture.close();
    }

    void endsWhileTheLibraryIsLookedThrough() {
        ChatFixture fixture;
        std::atomic<bool> asked = false;
        fixture.options.scan = [&asked](const ScanRequest&, const CheckpointPublish&, const std::atomic<bool>& cancel) {
            while (!cancel) {
                asked = true;
                QThread::yieldCurrentThread();
            }
        };
        fixture.open();
        QTRY_VERIFY(asked);
        fixture.close();
    }

    void signalsAreHeardByTheEventLoop() {
        const QuitSignals quitSignals;
        QSignalSpy heard(&quitSignals, &QuitSignals::quitRequested);
        for (const int signal : {SIGTERM, SIGHUP, SIGINT}) {
            heard.clear();
            ::raise(signal);
            QCOMPARE(heard.count(), 0);
            QTRY_COMPARE(heard.count(), 1);
            QVERIFY(::alarm(0) > 0);  // set for the case that nobody hears
        }
    }

    void theProgramEndsAsQuitDoes_data() {
        QTest::addColumn<int>("signal");
        QTest::newRow("the system") << SIGTERM;
        QTest::newRow("the terminal is gone") << SIGHUP;
    }
    void theProgramEndsAsQuitDoes() {
        QFETCH(int, signal);
        const QTemporaryDir folder;
        QProcess program;
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert("QT_QPA_PLATFORM", "offscreen");
        environment.insert("QT_QUICK_BACKEND", "software");
        environment.insert("VK_ICD_FILENAMES", "/nonexistent");
        environment.insert("XDG_CACHE_HOME", folder.filePath("cache"));
        program.setProcessEnvironment(environment);
        program.setProcessChannelMode(QProcess::MergedChannels);
        program.start(ALCOVE_WINDOW, {"--data-dir", folder.filePath("data")});
        QVERIFY(program.waitForStarted());
        QTRY_VERIFY_WITH_TIMEOUT(catches(program.processId(), SIGTERM), 60'000);
        ::kill(static_cast<pid_t>(program.processId()), signal);
        QVERIFY(program.waitForFinished(60'000));
        QVERIFY2(program.exitStatus() == QProcess::NormalExit && program.exitCode() == 0, program.readAll());
        QVERIFY(QFile::exists(folder.filePath("data/history.sqlite")));
        QVERIFY(!QFile::exists(folder.filePath("data/history.sqlite-wal")));  // closed
    }
};

ALCOVE_TEST(TestChatQuit)
#include "test_chat_quit.moc"
