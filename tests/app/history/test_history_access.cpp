// Who may use the history, and where: nobody else reads it, a folder that cannot be written is only read, and on a
// network file system there is one program at a time.
#include <sys/stat.h>

#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include "app/history/file/database.h"
#include "app/history/file/history_files.h"
#include "app/history/file/migrations.h"
#include "app/history/file/network_folder.h"
#include "app/history/history_store.h"
#include "tests/app/history/files_below.h"
#include "tests/rig/environment.h"
#include "tests/rig/test_registry.h"
#include "tests/rig/unprivileged.h"

using namespace alcove;
using State = OpenReport::State;

using alcove::tests::contents;
using alcove::tests::filesBelow;
using alcove::tests::Unprivileged;
using alcove::tests::write;

namespace {

int othersRights(const QString& path) {
    struct stat status {};
    return ::stat(QFile::encodeName(path).constData(), &status) == 0 ? static_cast<int>(status.st_mode & 077) : -1;
}

// The umask of most systems, or the one given.
class Umask {
public:
    explicit Umask(mode_t mask) : m_before(::umask(mask)) {}
    Umask(const Umask&) = delete;
    Umask& operator=(const Umask&) = delete;
    ~Umask() { ::umask(m_before); }

private:
    mode_t m_before;
};

}  // namespace

class TestHistoryAccess : public QObject {
    Q_OBJECT

private slots:
    void init();
    void othersMayReadNothing_data();
    void othersMayReadNothing();
    void whatOthersCouldReadIsRestricted();
    void aReadOnlyFolderLeavesNothingElsewhere();
    void aReadOnlyFolderIsReadWithItsLog();
    void aFileThatCannotBeReadIsSaid();
    void aFolderThatCannotBeMadeIsSaid();
    void oneProgramOnANetwork();
    void noSharedMemoryOnANetwork();
    void knowsLocalFolders();

private:
    [[nodiscard]] QString folder() const { return m_folder->path(); }
    [[nodiscard]] QString file() const { return historyFile(folder()); }
    std::unique_ptr<QTemporaryDir> m_folder;
};

void TestHistoryAccess::init() {
    m_folder = std::make_unique<QTemporaryDir>();
    QVERIFY(m_folder->isValid());
}

void TestHistoryAccess::othersMayReadNothing_data() {
    QTest::addColumn<int>("mask");
    QTest::newRow("none") << 0;
    QTest::newRow("usual") << 022;
}

void TestHistoryAccess::othersMayReadNothing() {
    QFETCH(int, mask);
    const Umask umask(static_cast<mode_t>(mask));
    const QString data = folder() + QStringLiteral("/above/data");
    const auto check = [&] {
        QCOMPARE(othersRights(data), 0);
        for (const QString& path : filesBelow(data)) {
            QVERIFY2(othersRights(path) == 0, qPrintable(path));
        }
    };
    {
        HistoryStore store = HistoryStore::open(data);
        store.startConversation(QStringLiteral("private"));
        QCOMPARE(filesBelow(data).size(), 4);  // the file, its log, the log's index, the lock
        check();
    }
    write(historyFile(data), contents(QStringLiteral(ALCOVE_FIXTURES "/history-v1/history.sqlite")));
    {
        HistoryStore store = HistoryStore::open(data);
        QCOMPARE(store.report().state, State::Migrated);
        check();
    }
    write(historyFile(data), "damaged");
    {
        HistoryStore store = HistoryStore::open(data);
        QCOMPARE(store.report().state, State::Recovered);
        check();
        QCOMPARE(filesBelow(data).size(), 6);
    }
}

void TestHistoryAccess::whatOthersCouldReadIsRestricted() {
    {
        HistoryStore store = HistoryStore::open(folder());
        store.startConversation(QStringLiteral("private"));
    }
    // As a person copies a backup over the history.
    write(folder() + QStringLiteral("/history-backup-v1-20260101-000000000.sqlite"), contents(file()));
    write(folder() + QStringLiteral("/history-damaged-20260101-000000000.sqlite-wal"), "log");
    const QString foreign = folder() + QStringLiteral("/notes.txt");
    write(foreign, "not ours");
    QCOMPARE(::chmod(QFile::encodeName(folder()).constData(), 0755), 0);
    for (const QString& path : filesBelow(folder())) {
        QCOMPARE(::chmod(QFile::encodeName(path).constData(), 0644), 0);
    }
    const HistoryStore store = HistoryStore::open(folder());
    QCOMPARE(othersRights(folder()), 0);
    for (const QString& path : filesBelow(folder())) {
        QVERIFY2(othersRights(path) == (path == foreign ? 044 : 0), qPrintable(path));
    }
    QCOMPARE(filesBelow(folder()).size(), 7);
}

void TestHistoryAccess::aReadOnlyFolderLeavesNothingElsewhere() {
    {
        HistoryStore store = HistoryStore::open(folder());
        store.startConversation(QStringLiteral("Carved in stone"));
    }
    QFile::remove(folder() + QStringLiteral("/history.lock"));
    QCOMPARE(::chmod(QFile::encodeName(file()).constData(), 0444), 0);
    QCOMPARE(::chmod(QFile::encodeName(folder()).constData(), 0555), 0);
    QTemporaryDir temporary;
    QCOMPARE(::chmod(QFile::encodeName(temporary.path()).constData(), 0777), 0);
    const alcove::tests::ScopedVariable variable("TMPDIR", QFile::encodeName(temporary.path()));
    {
        const Unprivileged nobody;
        HistoryStore store = HistoryStore::open(folder());
        QCOMPARE(store.report().state, State::ReadOnlyFolder);
        QCOMPARE(store.conversations().size(), 1);
        store.startConversation(QStringLiteral("Written in water"));
        QVERIFY(filesBelow(temporary.path()).isEmpty());
    }
    QCOMPARE(::chmod(QFile::encodeName(folder()).constData(), 0700), 0);
    QCOMPARE(filesBelow(folder()), QStringList{file()});
}

void TestHistoryAccess::aReadOnlyFolderIsReadWithItsLog() {
    QProcess child;
    child.start(QStringLiteral(ALCOVE_HISTORY_TOOL), {QStringLiteral("reply"), folder()});
    QVERIFY(child.waitForReadyRead(30000));
    child.kill();
    child.waitForFinished();
    QVERIFY(!contents(file()).contains("Once upon a time"));
    for (const QString& path : filesBelow(folder())) {
        QCOMPARE(::chmod(QFile::encodeName(path).constData(), 0444), 0);
    }
    QFile::remove(sharedMemoryOf(file()));
    QCOMPARE(::chmod(QFile::encodeName(folder()).constData(), 0555), 0);
    {
        const Unprivileged nobody;
        HistoryStore store = HistoryStore::open(folder());
        QCOMPARE(store.report().state, State::ReadOnlyFolder);
        QCOMPARE(store.conversations().size(), 1);
        const QList<Message> messages = store.messages(store.conversations()[0].id);
        QCOMPARE(messages.size(), 2);
        QCOMPARE(messages[1].text, QStringLiteral("Once upon a time"));
        QCOMPARE(messages[1].status, MessageStatus::Interrupted);
    }
    QCOMPARE(::chmod(QFile::encodeName(folder()).constData(), 0700), 0);
}

void TestHistoryAccess::aFileThatCannotBeReadIsSaid() {
    write(file(), "secret");
    QCOMPARE(::chmod(QFile::encodeName(file()).constData(), 0), 0);
    QCOMPARE(::chmod(QFile::encodeName(folder()).constData(), 0555), 0);
    {
        const Unprivileged nobody;
        const HistoryStore store = HistoryStore::open(folder());
        QCOMPARE(store.report().state, State::Unavailable);
        QVERIFY2(store.report().sentence.contains(QStringLiteral("neither written nor read")),
                 qPrintable(store.report().sentence));
    }
    QCOMPARE(::chmod(QFile::encodeName(folder()).constData(), 0700), 0);
}

void TestHistoryAccess::aFolderThatCannotBeMadeIsSaid() {
    QCOMPARE(::chmod(QFile::encodeName(folder()).constData(), 0555), 0);
    {
        const Unprivileged nobody;
        const HistoryStore store = HistoryStore::open(folder() + QStringLiteral("/data"));
        QCOMPARE(store.report().state, State::Unavailable);
        QVERIFY2(store.report().sentence.contains(QStringLiteral("could not be made")),
                 qPrintable(store.report().sentence));
    }
    QCOMPARE(::chmod(QFile::encodeName(folder()).constData(), 0700), 0);
}

void TestHistoryAccess::oneProgramOnANetwork() {
    HistoryStore::OpenOptions options;
    options.busyTimeoutMs = 20;
    options.isOnNetwork = [](const QString&) { return true; };
    qint64 id = 0;
    {
        HistoryStore first = HistoryStore::open(folder(), options);
        QCOMPARE(first.report().state, State::Fresh);
        id = first.startConversation(QStringLiteral("Far away")).conversationId;
        // It may be in the middle of a backup.
        const QString unfinished = folder() + QStringLiteral("/history-backup-v1-20260101-000000000.sqlite.part");
        write(unfinished, "not ours");
        const HistoryStore second = HistoryStore::open(folder(), options);
        QCOMPARE(second.report().state, State::Unavailable);
        QVERIFY(QFile::exists(unfinished));
        QVERIFY2(second.report().sentence.contains(QStringLiteral("network")), qPrintable(second.report().sentence));
        QVERIFY(second.report().sentence.contains(folder()));
        // On another machine the lock of the session may not be seen; then SQLite's own keeps the second out.
        QVERIFY(QFile::remove(folder() + QStringLiteral("/history.lock")));
        const HistoryStore third = HistoryStore::open(folder(), options);
        QCOMPARE(third.report().state, State::Unavailable);
        QVERIFY2(third.report().sentence.contains(QStringLiteral("network")), qPrintable(third.report().sentence));
        first.appendMessage(id, Author::User, QStringLiteral("Still here"));
    }
    const HistoryStore store = HistoryStore::open(folder(), options);
    QCOMPARE(store.report().state, State::Opened);
    QCOMPARE(store.messages(id).size(), 2);
}

void TestHistoryAccess::noSharedMemoryOnANetwork() {
    HistoryStore::OpenOptions options;
    options.isOnNetwork = [](const QString&) { return true; };
    write(file(), contents(QStringLiteral(ALCOVE_FIXTURES "/history-v1/history.sqlite")));
    {
        HistoryStore store = HistoryStore::open(folder(), options);
        QCOMPARE(store.report().state, State::Migrated);
        store.startConversation(QStringLiteral("Far away"));
        QVERIFY(QFile::exists(logOf(file())));
        QVERIFY(!QFile::exists(sharedMemoryOf(file())));
    }
    write(file(), "damaged");
    {
        HistoryStore store = HistoryStore::open(folder(), options);
        QCOMPARE(store.report().state, State::Recovered);
        store.startConversation(QStringLiteral("Far away"));
        QVERIFY(!QFile::exists(sharedMemoryOf(file())));
    }
    {
        Database database(file(), Database::Mode::ReadWrite, 0);
        database.runOnce(QStringLiteral("PRAGMA user_version=%1").arg(kSchemaVersion + 1));
    }
    const QByteArray before = contents(file());
    {
        HistoryStore store = HistoryStore::open(folder(), options);
        QCOMPARE(store.report().state, State::ReadOnlyNewer);
        QCOMPARE(store.conversations().size(), 1);
    }
    QVERIFY(contents(file()) == before);
}

void TestHistoryAccess::knowsLocalFolders() {
    QVERIFY(!isOnNetwork(folder()));
    QVERIFY(!isOnNetwork(QStringLiteral("/proc")));
    QVERIFY(isOnNetwork(folder() + QStringLiteral("/missing")));
}

ALCOVE_TEST(TestHistoryAccess)
#include "test_history_access.moc"
