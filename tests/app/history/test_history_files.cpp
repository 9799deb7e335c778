// What the history is built on: private files, renames, locks, and a connection that says what failed.
#include <sys/stat.h>
#include <unistd.h>

#include <QTemporaryDir>
#include <QTest>

#include "app/history/file/database.h"
#include "app/history/file/history_files.h"
#include "app/history/file/migrations.h"
#include "app/history/file/session_lock.h"
#include "app/history/history_store.h"
#include "tests/rig/test_files.h"
#include "tests/rig/test_registry.h"

using namespace alcove;

using alcove::tests::contents;
using alcove::tests::write;

namespace {

int modeOf(const QString& path) {
    struct stat status {};
    return ::stat(QFile::encodeName(path).constData(), &status) == 0 ? static_cast<int>(status.st_mode & 07777) : -1;
}

void setMode(const QString& path, mode_t mode) {
    QCOMPARE(::chmod(QFile::encodeName(path).constData(), mode), 0);
}

}  // namespace

class TestHistoryFiles : public QObject {
    Q_OBJECT

private slots:
    void init() {
        m_folder = std::make_unique<QTemporaryDir>();
        QVERIFY(m_folder->isValid());
    }

    void makesPrivateFiles() {
        const mode_t before = ::umask(0);
        createPrivateFile(in("new"));
        ::umask(before);
        QCOMPARE(modeOf(in("new")), 0600);
        write(in("new"), "kept");
        QVERIFY_EXCEPTION_THROWN(createPrivateFile(in("new")), HistoryError);
        QCOMPARE(contents(in("new")), QByteArray("kept"));
        QVERIFY_EXCEPTION_THROWN(createPrivateFile(in("missing/new")), HistoryError);
    }

    void renames() {
        write(in("a"), "a");
        write(in("b"), "b");
        QVERIFY_EXCEPTION_THROWN(renameOrThrow(in("a"), in("b")), HistoryError);
        QCOMPARE(contents(in("b")), QByteArray("b"));
        QVERIFY_EXCEPTION_THROWN(renameOrThrow(in("missing"), in("c")), HistoryError);
        renameOrThrow(in("a"), in("c"));
        QCOMPARE(contents(in("c")), QByteArray("a"));
        QVERIFY(!QFile::exists(in("a")));
    }

    void leavesAFolderThatManyShare() {
        setMode(m_folder->path(), 01777);
        write(in("history.sqlite"), "ours");
        setMode(in("history.sqlite"), 0644);
        restrictToOwner(m_folder->path());
        QCOMPARE(modeOf(m_folder->path()), 01777);
        QCOMPARE(modeOf(in("history.sqlite")), 0600);
    }

    void leavesWhatOthersOwn() {
        if (::geteuid() != 0) {
            QSKIP("Only root can give a file away.");
        }
        write(in("history.sqlite"), "theirs");
        setMode(in("history.sqlite"), 0644);
        QCOMPARE(::chown(QFile::encodeName(in("history.sqlite")).constData(), 65534, 65534), 0);
        restrictToOwner(m_folder->path());
        QCOMPARE(modeOf(in("history.sqlite")), 0644);
    }

    void oneOpensAtATime() {
        std::optional<SessionLock> first = SessionLock::take(in("lock"));
        std::optional<SessionLock> second = SessionLock::take(in("lock"));
        QVERIFY(first && second && first->session() != second->session());
        QVERIFY(first->isAlive(second->session()) && first->isAlive(first->session()));
        QVERIFY(first->othersAlive());
        QVERIFY(first->beginOpening(0));
        QVERIFY(!second->beginOpening(20));
        first->endOpening();
        QVERIFY(second->beginOpening(0));
        const qint64 gone = second->session();
        second.reset();
        QVERIFY(!first->isAlive(gone) && !first->othersAlive());
        QVERIFY(!SessionLock::take(in("missing/lock")));
    }

    // And waits for whoever opens it just now, but not for ever.
    void openingWaitsForOpening() {
        std::optional<SessionLock> other = SessionLock::take(in("history.lock"));
        QVERIFY(other->beginOpening(0));
        const HistoryStore store = HistoryStore::open(m_folder->path(), {.openingTimeoutMs = 20});
        QCOMPARE(store.report().state, OpenReport::State::Unavailable);
        QVERIFY2(store.report().sentence.contains(QStringLiteral("for a long time")),
                 qPrintable(store.report().sentence));
    }

    void saysWhatFailed() {
        try {
            const Database database(in("missing/history.sqlite"), Database::Mode::ReadWrite, 0);
            QFAIL("It opened");
        } catch (const HistoryError& error) {
            QVERIFY2(error.sentence().contains(QStringLiteral("could not be opened")), qPrintable(error.sentence()));
        }
        Database database(in("history.sqlite"), Database::Mode::ReadWrite, 0);
        QVERIFY_EXCEPTION_THROWN(database.run("SELECT 1 FROM nowhere"), HistoryError);
        QVERIFY_EXCEPTION_THROWN(database.runOnce(QStringLiteral("SELECT 1 FROM nowhere")), HistoryError);
        QCOMPARE(database.value("SELECT 5").toInt(), 5);
    }

    // An error between two rows is no end of the rows.
    void aDamagedPageIsAnError() {
        constexpr int kRows = 200;
        constexpr int kPage = 4096;
        {
            Database database(in("history.sqlite"), Database::Mode::ReadWrite, 0);
            migrate(database);
            for (int i = 0; i < kRows; ++i) {
                database.run("INSERT INTO conversations (title, created_at, updated_at) VALUES (?, 1, 1)",
                             {QStringLiteral("title %1 ").arg(i).repeated(20)});
            }
        }
        QByteArray bytes = contents(in("history.sqlite"));
        const qsizetype page = bytes.indexOf("title 150 ") / kPage * kPage;
        write(in("history.sqlite"), bytes.replace(page, 100, QByteArray(100, '\x5a')));
        Database database(in("history.sqlite"), Database::Mode::ReadOnly, 0);
        int read = 0;
        HistoryError::Kind kind = HistoryError::Kind::Other;
        try {
            Rows rows = database.rows("SELECT title FROM conversations NOT INDEXED");
            while (rows.next()) {
                ++read;
            }
        } catch (const HistoryError& error) {
            kind = error.kind();
        }
        QVERIFY(read > 0 && read < kRows);
        QCOMPARE(kind, HistoryError::Kind::Damaged);
    }

private:
    [[nodiscard]] QString in(const char* name) const { return m_folder->filePath(QLatin1String(name)); }
    std::unique_ptr<QTemporaryDir> m_folder;
};

ALCOVE_TEST(TestHistoryFiles)
#include "test_history_files.moc"
