// A program that is started while another has the folder's window hands its request over and ends.
#include <future>

#include <QtCore/QFile>
#include <QtCore/QTemporaryDir>
#include <QtNetwork/QLocalServer>
#include <QtNetwork/QLocalSocket>
#include <QtTest/QSignalSpy>
#include <QtTest/QTest>

#include "app/window/single_instance.h"
#include "tests/rig/test_registry.h"

using namespace alcove;
using Role = SingleInstance::Role;

class TestSingleInstance : public QObject {
    Q_OBJECT

private slots:
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }
    void theFirstHasTheWindow();
    void aLaterOneHandsItsRequestOver();
    void manyAreServedInTurn();
    void foldersAreApart();
    void whatAKilledOneLeftIsNoObstacle();
    void oneThatDoesNotAnswerIsNotWaitedForLong();
    void nonsenseIsDropped_data();
    void nonsenseIsDropped();
    void othersMayNotSpeakToIt();

private:
    // `begin` of another program; meanwhile this thread answers.
    Role later(const StartRequest& request, int timeoutMs = 3000) const {
        auto role = std::async(std::launch::async, [this, request, timeoutMs] {
            return SingleInstance(m_folder->path()).begin(request, timeoutMs);
        });
        while (role.wait_for(std::chrono::milliseconds(1)) != std::future_status::ready) {
            QCoreApplication::processEvents();
        }
        return role.get();
    }
    std::unique_ptr<QTemporaryDir> m_folder;
};

void TestSingleInstance::theFirstHasTheWindow() {
    SingleInstance first(m_folder->path());
    QCOMPARE(first.begin({}), Role::First);
}

void TestSingleInstance::aLaterOneHandsItsRequestOver() {
    SingleInstance first(m_folder->path());
    QCOMPARE(first.begin({}), Role::First);
    QSignalSpy requested(&first, &SingleInstance::requested);
    const StartRequest request{QString::fromUtf8("/models/ü, with\nall sorts"), "token"};
    QCOMPARE(later(request), Role::Later);
    QTRY_COMPARE(requested.size(), 1);
    QVERIFY(requested[0][0].value<StartRequest>() == request);
}

void TestSingleInstance::manyAreServedInTurn() {
    SingleInstance first(m_folder->path());
    QCOMPARE(first.begin({}), Role::First);
    QSignalSpy requested(&first, &SingleInstance::requested);
    for (int i = 0; i < 5; ++i) {
        QCOMPARE(later({}), Role::Later);
    }
    QTRY_COMPARE(requested.size(), 5);
}

void TestSingleInstance::foldersAreApart() {
    const QTemporaryDir other;
    SingleInstance first(m_folder->path());
    SingleInstance second(other.path());
    QCOMPARE(first.begin({}), Role::First);
    QCOMPARE(second.begin({}), Role::First);
}

void TestSingleInstance::whatAKilledOneLeftIsNoObstacle() {
    const QString left = m_folder->filePath(QStringLiteral("window.socket"));
    QFile file(left);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.close();
    SingleInstance first(m_folder->path());
    QCOMPARE(first.begin({}), Role::First);
    QCOMPARE(later({}), Role::Later);
}

void TestSingleInstance::oneThatDoesNotAnswerIsNotWaitedForLong() {
    SingleInstance first(m_folder->path());
    QCOMPARE(first.begin({}), Role::First);
    // No event loop runs here meanwhile.
    QCOMPARE(SingleInstance(m_folder->path()).begin({}, 50), Role::Unanswered);
}

void TestSingleInstance::nonsenseIsDropped_data() {
    QTest::addColumn<QByteArray>("bytes");
    QTest::newRow("another greeting") << QByteArray("other-1\0\0\0", 10);
    QTest::newRow("a relative path") << QByteArray("alcove-1\0models\0\0", 17);
    QTest::newRow("too many fields") << QByteArray("alcove-1\0\0\0\0\0", 13);
    QTest::newRow("bytes without an end") << QByteArray(200000, 'x');
    QTest::newRow("something after the end") << QByteArray("alcove-1\0\0\0more", 15);
}

void TestSingleInstance::nonsenseIsDropped() {
    QFETCH(QByteArray, bytes);
    SingleInstance first(m_folder->path());
    QCOMPARE(first.begin({}), Role::First);
    QSignalSpy requested(&first, &SingleInstance::requested);
    QLocalSocket socket;
    socket.connectToServer(m_folder->filePath(QStringLiteral("window.socket")));
    QVERIFY(socket.waitForConnected());
    socket.write(bytes);
    QTRY_COMPARE(socket.state(), QLocalSocket::UnconnectedState);
    QVERIFY(socket.readAll().isEmpty());
    QCOMPARE(requested.size(), 0);
    QCOMPARE(later({}), Role::Later);
}

void TestSingleInstance::othersMayNotSpeakToIt() {
    SingleInstance first(m_folder->path());
    QCOMPARE(first.begin({}), Role::First);
    const auto others = QFile::permissions(m_folder->filePath(QStringLiteral("window.socket"))) &
                        (QFile::ReadGroup | QFile::WriteGroup | QFile::ReadOther | QFile::WriteOther);
    QVERIFY(!others);
}

ALCOVE_TEST(TestSingleInstance)

#include "test_single_instance.moc"
