// A reply that was cut off goes on token for token as if nothing had happened: the starter on the processor, whose
// program is killed, stopped or reaches its limit in the middle of a reply.
#include <csignal>
#include <sys/wait.h>
#include <unistd.h>

#include <QTemporaryDir>
#include <QTest>

#include "app/cli/conversation.h"
#include "app/session/engine_backend.h"
#include "tests/rig/test_registry.h"

using namespace alcove;

namespace {

const QString kQuestion = QStringLiteral("Tell me a short story about a fox");

struct Made {
    QString text;
    QList<qint32> tokens;
    MessageStatus status = MessageStatus::Complete;
    QString reason;
};

// One program: a history in `folder`, and the real engine.
class Program {
public:
    Program(const QString& folder, const SamplingSettings& sampling, int contextSize = 0,
            const QString& checkpoint = QStringLiteral(ALCOVE_STARTER))
        : m_store(HistoryStore::open(folder)),
          m_conversation(
              m_store, m_backend,
              [this, contextSize, checkpoint] {
                  return m_backend.open(
                      {.path = checkpoint, .device = QStringLiteral("cpu"), .contextSize = contextSize}, [](double) {},
                      m_stop);
              },
              sampling) {
        m_conversation.setSaveInterval(0);
    }

    // `dies`: kills the program when the reply has so many pieces; `stops`: stops it there.
    Made ask(int dies = 0, int stops = 0, const QString& question = kQuestion) {
        int pieces = 0;
        return made(m_conversation.ask(
            question,
            [&](const QString&) {
                ++pieces;
                if (pieces == dies) {
                    ::kill(::getpid(), SIGKILL);
                }
                m_stop = m_stop || pieces == stops;
            },
            m_stop));
    }
    Made goOn(int stops = 0) {
        m_stop = false;
        int pieces = 0;
        m_conversation.open(m_store.conversations().at(0).id);
        return made(m_conversation.goOn([&](const QString&) { m_stop = m_stop || ++pieces == stops; }, m_stop));
    }
    [[nodiscard]] HistoryStore& store() { return m_store; }

private:
    Made made(const cli::Answer& answer) {
        const Message stored = m_store.messages(answer.conversationId).last();
        return {stored.text, m_store.replyTokens(stored.id).ids, stored.status, stored.statistics.stopReason};
    }

    EngineBackend m_backend{QString()};
    std::atomic<bool> m_stop = false;
    HistoryStore m_store;
    cli::Conversation m_conversation;
};

SamplingSettings greedy() {
    return {.temperature = 0, .maxTokens = 48, .seed = 1};
}
SamplingSettings sampled() {
    return {.temperature = 0.9, .topK = 50, .repetitionPenalty = 1.2, .maxTokens = 48, .seed = 12345};
}

}  // namespace

class TestContinuation : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() { qputenv("VK_ICD_FILENAMES", "/nonexistent"); }

    void afterAKill_data() { samplings(); }
    void afterAKill() {
        const SamplingSettings sampling = current();
        const QTemporaryDir undisturbed;
        const Made whole = Program(undisturbed.path(), sampling).ask();
        QVERIFY(whole.tokens.size() > 20);
        for (const int piece : {1, 12}) {
            const QTemporaryDir folder;
            const pid_t child = ::fork();
            if (child == 0) {
                Program(folder.path(), sampling).ask(piece);
                ::_exit(0);
            }
            int status = 0;
            ::waitpid(child, &status, 0);
            QVERIFY(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
            // Other settings than those of the reply do not matter.
            Program next(folder.path(), {.temperature = 0.3, .seed = 77});
            const Message cut = next.store().messages(1).last();
            QCOMPARE(cut.status, MessageStatus::Interrupted);
            QVERIFY(whole.text.startsWith(cut.text) && cut.text.size() < whole.text.size());
            const Made after = next.goOn();
            QCOMPARE(after.text, whole.text);
            QCOMPARE(after.tokens, whole.tokens);
            QCOMPARE(after.status, whole.status);
            QCOMPARE(after.reason, whole.reason);
        }
    }

    void afterStops_data() { samplings(); }
    void afterStops() {
        const QTemporaryDir undisturbed;
        const Made whole = Program(undisturbed.path(), current()).ask();
        const QTemporaryDir folder;
        Program program(folder.path(), current());
        Made made = program.ask(0, 5);
        QCOMPARE(made.status, MessageStatus::Stopped);
        made = program.goOn(7);
        QCOMPARE(made.status, MessageStatus::Stopped);
        made = program.goOn();
        QCOMPARE(made.text, whole.text);
        QCOMPARE(made.tokens, whole.tokens);
    }

    // One that has reached its limit gets as many tokens again.
    void afterItsLimit_data() { samplings(); }
    void afterItsLimit() {
        SamplingSettings sampling = current();
        const QTemporaryDir undisturbed;
        sampling.maxTokens = 24;
        const Made whole = Program(undisturbed.path(), sampling).ask();
        sampling.maxTokens = 12;
        const QTemporaryDir folder;
        Program program(folder.path(), sampling);
        QCOMPARE(program.ask().reason, QString("maxTokens"));
        const Made made = program.goOn();
        QCOMPARE(made.text, whole.text);
        QCOMPARE(made.tokens, whole.tokens);
    }

    void byAnotherModel() {
        const QTemporaryDir folder;
        Made made;
        {
            Program program(folder.path(), greedy());
            made = program.ask(0, 6);
        }
        Program another(folder.path(), greedy(), 0, QStringLiteral(ALCOVE_FIXTURES "/stories260K"));
        const Made more = another.goOn();
        QVERIFY(more.text.startsWith(made.text) && more.text.size() > made.text.size());
        QVERIFY(more.tokens.isEmpty());
    }

private:
    static void samplings() {
        QTest::addColumn<bool>("greedily");
        QTest::newRow("greedy") << true;
        QTest::newRow("sampled") << false;
    }
    static SamplingSettings current() {
        const auto choose = [](bool greedily) { return greedily ? greedy() : sampled(); };
        QFETCH(bool, greedily);
        return choose(greedily);
    }
};

ALCOVE_TEST(TestContinuation)
#include "test_continuation.moc"
