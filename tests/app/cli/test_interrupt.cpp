// How the terminal program ends when the system or a person says so, in processes of their own.
#include <csignal>
#include <functional>
#include <sys/wait.h>
#include <unistd.h>

#include <QTest>

#include "app/cli/interrupt.h"
#include "tests/rig/test_registry.h"

using namespace alcove::cli;

namespace {

// What became of a process that does `work`, as waitpid() has it; exit code 0 where that returns.
int statusOf(const std::function<void()>& work) {
    const pid_t child = ::fork();
    if (child == 0) {
        work();
        ::_exit(0);
    }
    int status = -1;
    return ::waitpid(child, &status, 0) == child ? status : -1;
}

bool exitedWith(int status, int code) {
    return WIFEXITED(status) && WEXITSTATUS(status) == code;
}

bool killedBy(int status, int signal) {
    return WIFSIGNALED(status) && WTERMSIG(status) == signal;
}

}  // namespace

class TestInterrupt : public QObject {
    Q_OBJECT

private slots:
    void theFirstSignalRaisesTheFlag_data() { signalsThatEnd(); }
    void theFirstSignalRaisesTheFlag() {
        QFETCH(int, signal);
        const int status = statusOf([signal] {
            watchInterrupts();
            ::raise(signal);
            ::_exit(interrupted() ? 7 : 8);
        });
        QVERIFY(exitedWith(status, 7));
    }

    void theSecondOneEndsTheProgram() {
        const int status = statusOf([] {
            watchInterrupts();
            ::raise(SIGINT);
            ::raise(SIGINT);
        });
        QVERIFY(killedBy(status, SIGINT));
    }

    // Whatever runs, and does not look at the flag.
    void theProgramEndsInAnyCase() {
        const int status = statusOf([] {
            watchInterrupts();
            ::raise(SIGTERM);
            while (true) {
                ::pause();
            }
        });
        QVERIFY(exitedWith(status, kInterruptedExit));
    }

    void aConversationEndsInAnyCase() {
        const int status = statusOf([] {
            ConversationInterrupts interrupts;
            interrupts.beginReply();
            ::raise(SIGHUP);
            if (!interrupts.leaving() || !interrupts.stopReply()) {
                ::_exit(7);
            }
            while (true) {
                ::pause();
            }
        });
        QVERIFY(exitedWith(status, kInterruptedExit));
    }

    void aStoppedReplyEndsNothing() {
        const int status = statusOf([] {
            ConversationInterrupts interrupts;
            interrupts.beginReply();
            ::raise(SIGINT);
            // No alarm is set: it would be seen here, and cancelled.
            ::_exit(interrupts.stopReply() && !interrupts.leaving() && ::alarm(0) == 0 ? 7 : 8);
        });
        QVERIFY(exitedWith(status, 7));
    }

    // As nohup and the background of a shell without job control start programs.
    void ignoredSignalsStayIgnored() {
        const int status = statusOf([] {
            std::signal(SIGHUP, SIG_IGN);
            std::signal(SIGINT, SIG_IGN);
            std::signal(SIGTERM, SIG_IGN);
            watchInterrupts();
            ::raise(SIGHUP);
            ::raise(SIGINT);
            const bool ignored = !interrupted();
            ::raise(SIGTERM);
            ::_exit(ignored && interrupted() ? 7 : 8);
        });
        QVERIFY(exitedWith(status, 7));
    }

private:
    static void signalsThatEnd() {
        QTest::addColumn<int>("signal");
        QTest::newRow("SIGINT") << SIGINT;
        QTest::newRow("SIGTERM") << SIGTERM;
        QTest::newRow("SIGHUP") << SIGHUP;
    }
};

ALCOVE_TEST(TestInterrupt)
#include "test_interrupt.moc"
