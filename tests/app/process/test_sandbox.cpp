// What the kernel refuses to a locked program and to what it starts, and what the broker outside does for it. Each in
// a child, since a lock cannot be taken off.
#include <cerrno>
#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <QTemporaryDir>
#include <QTest>

#include "app/process/broker.h"
#include "app/process/sandbox.h"
#include "tests/rig/test_files.h"
#include "tests/rig/test_registry.h"

using namespace alcove;

namespace {

// 0: body() is true, in a child of its own.
template <typename Body>
int inChild(const Body& body) {
    const pid_t child = ::fork();
    if (child == 0) {
        ::_exit(body() ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return status;
}

long makeSocket(int family, int type) {
    return ::syscall(SYS_socket, family, type, 0);
}

}  // namespace

class TestSandbox : public QObject {
    Q_OBJECT

private slots:
    void nothingIsEnforcedBefore() {
        for (const ProtectionState& state : protections()) {
            QVERIFY(!state.enforced);
        }
        bool allowed = false;
        for (const ProtectionTrial& trial : tryProtections()) {
            allowed = allowed || (trial.protection == Protection::NoNetwork && !trial.refused);
        }
        QVERIFY(allowed);  // so that a refusal means something
    }

    void everyTrialIsRefused() {
#ifdef __SANITIZE_ADDRESS__
        const bool inspects = true;  // the leak check does
#else
        const bool inspects = false;
#endif
        QCOMPARE(inChild([inspects] {
                     qunsetenv("ALCOVE_ALLOW_TRACING");
                     lockDown();
                     bool all = true;
                     for (const ProtectionTrial& trial : tryProtections()) {
                         if (!trial.refused && !(inspects && trial.protection == Protection::NoInspection)) {
                             std::fprintf(stderr, "%s: %s\n", trial.what.c_str(), trial.answer.c_str());
                             all = false;
                         }
                     }
                     return all;
                 }),
                 0);
    }

    void onlyLocalSocketsAreLeft() {
        QCOMPARE(inChild([] {
                     lockDown();
                     bool refused = true;
                     for (int family = 0; family < AF_MAX; ++family) {
                         if (family == AF_UNIX) {
                             continue;
                         }
                         const long made = makeSocket(family, SOCK_STREAM);
                         refused = refused && made < 0 && errno == EAFNOSUPPORT;
                     }
                     return refused && makeSocket(AF_UNIX, SOCK_STREAM) >= 0;
                 }),
                 0);
    }

    // A program that is started has no network either.
    void whatIsStartedIsLockedToo() {
        QCOMPARE(inChild([] {
                     lockDown();
                     return inChild([] {
                                ::execl("/usr/bin/python3", "python3", "-c",
                                        "import socket, sys\n"
                                        "try:\n    socket.socket()\nexcept OSError:\n    sys.exit(0)\nsys.exit(1)",
                                        static_cast<char*>(nullptr));
                                return false;
                            }) == 0;
                 }),
                 0);
    }

    void withoutABrokerNothingIsOpened() {
        QVERIFY(!openAddressOutside("https://example.org"));
        QVERIFY(!openFolderOutside("/"));
        QVERIFY(!startFetch(0, 1));
    }

    // "xdg-open" is a script of the test that writes down what it got, and whether it could make a socket.
    void theBrokerOpensAddressesAndFolders() {
        const QTemporaryDir folder;
        const QByteArray said = QFile::encodeName(folder.filePath("said"));
        tests::write(folder.filePath("xdg-open"), "#!/usr/bin/python3\nimport socket, sys\nsocket.socket()\nopen('" +
                                                      said + "', 'a').write(sys.argv[1] + '\\n')\n");
        QVERIFY(QFile::setPermissions(folder.filePath("xdg-open"), QFile::ReadOwner | QFile::ExeOwner));
        QCOMPARE(inChild([&] {
                     qputenv("PATH", QFile::encodeName(folder.path()));
                     startBroker();
                     lockDown();
                     return openAddressOutside("https://example.org/a?b=c") &&
                            openFolderOutside(QFile::encodeName(folder.path()).toStdString()) &&
                            !openFolderOutside("/nowhere/at/all") && !openFolderOutside("relative") &&
                            !openAddressOutside("file:///etc/passwd") && !openAddressOutside("--help") &&
                            !openAddressOutside("https://example.org/ a") &&
                            !openAddressOutside("https://" + std::string(9000, 'a'));
                 }),
                 0);
        QTRY_COMPARE(tests::contents(QString::fromLocal8Bit(said)).count('\n'), 2);
        QList<QByteArray> lines = tests::contents(QString::fromLocal8Bit(said)).trimmed().split('\n');
        std::sort(lines.begin(), lines.end());
        QCOMPARE(lines, (QList<QByteArray>{QFile::encodeName(folder.path()), "https://example.org/a?b=c"}));
    }

    void aProgramThatIsNotThereIsSaid() {
        const QTemporaryDir empty;
        QCOMPARE(inChild([&] {
                     qputenv("PATH", QFile::encodeName(empty.path()));
                     startBroker();
                     return !openAddressOutside("https://example.org");
                 }),
                 0);
    }

    // Its end of the socket is closed then.
    void theBrokerEndsWithTheProgram() {
        int ends[2];
        QCOMPARE(::pipe(ends), 0);
        QCOMPARE(inChild([&] {
                     ::close(ends[0]);
                     startBroker();  // has the writing end as well
                     return true;
                 }),
                 0);
        ::close(ends[1]);
        pollfd ended = {.fd = ends[0], .events = POLLIN, .revents = 0};
        QCOMPARE(::poll(&ended, 1, 10'000), 1);
        char byte = 0;
        QCOMPARE(::read(ends[0], &byte, 1), 0);
        ::close(ends[0]);
    }
};

ALCOVE_TEST(TestSandbox)

#include "test_sandbox.moc"
