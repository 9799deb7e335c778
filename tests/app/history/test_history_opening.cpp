// Older, newer and read-only histories; full disks; two programs at once; a program killed in mid-reply.
#include <QCryptographicHash>
#include <QDir>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include "app/history/file/backup.h"
#include "app/history/file/migrations.h"
#include "app/history/file/session_lock.h"
#include "app/history/history_store.h"
#include "app/history/recovery.h"
#include "tests/rig/test_files.h"
#include "tests/rig/test_registry.h"
#include "tests/rig/unprivileged.h"

using namespace alcove;
using State = OpenReport::State;

using alcove::tests::contents;
using alcove::tests::Unprivileged;

namespace {

QStringList filesLike(const QString& folder, const QString& pattern) {
    return QDir(folder).entryList({pattern}, QDir::Files, QDir::Name);
}

QStringList schemaOf(const QString& path) {
    Database database(path, Database::Mode::ReadOnly, 0);
    QStringList schema;
    Rows rows = database.rows("SELECT name || ': ' || coalesce(sql, '') FROM sqlite_schema ORDER BY name");
    while (rows.next()) {
        schema << rows.value(0).toString();
    }
    return schema;
}

class KilledInMidReply {
public:
    explicit KilledInMidReply(const QString& folder) {
        m_process.start(QStringLiteral(ALCOVE_HISTORY_TOOL), {QStringLiteral("reply"), folder});
    }
    bool waitForPartOfReply() {
        while (m_process.waitForReadyRead(30000)) {
            if (m_process.readAllStandardOutput().contains("saved")) {
                return true;
            }
        }
        return false;
    }
    void kill() {
        m_process.kill();  // SIGKILL
        m_process.waitForFinished();
    }

private:
    QProcess m_process;
};

}  // namespace

class TestHistoryOpening : public QObject {
    Q_OBJECT

private slots:
    void init();
    void migratesAnOlderHistory();
    void anInterruptedMigrationChangesNothing();
    void doesNotMigrateBesideAnotherProgram();
    void keepsTheNewestBackups();
    void aNewerHistoryIsOnlyRead();
    void aNewerHistoryThatCannotBeReadIsLeftAlone();
    void aReadOnlyFolderIsReadIntoMemory();
    void worksInMemoryWithoutAFolder();
    void staysUsableWhenTheDiskIsFull();
    void aFullDiskDoesNotTouchAnOlderHistory();
    void twoProgramsShareIt();
    void aBusyHistoryIsAnError();
    void killedInMidReply();

private:
    [[nodiscard]] QString folder() const { return m_folder->path(); }
    [[nodiscard]] QString file() const { return historyFile(folder()); }
    void putOlder() const {
        QVERIFY(QFile::copy(QStringLiteral(ALCOVE_FIXTURES "/history-v1/history.sqlite"), file()));
        QVERIFY(QFile::setPermissions(file(), QFile::ReadOwner | QFile::WriteOwner));
    }
    std::unique_ptr<QTemporaryDir> m_folder;
};

void TestHistoryOpening::init() {
    m_folder = std::make_unique<QTemporaryDir>();
    QVERIFY(m_folder->isValid());
}

void TestHistoryOpening::migratesAnOlderHistory() {
    putOlder();
    {
        HistoryStore store = HistoryStore::open(folder());
        QCOMPARE(store.report().state, State::Migrated);
        const QList<ConversationSummary> list = store.conversations();
        QCOMPARE(list.size(), 2);
        QCOMPARE(list[0].title, QStringLiteral("Rivers"));
        QCOMPARE(list[0].updatedAt.toMSecsSinceEpoch(), 1790000002000);
        QCOMPARE(list[0].preview, QStringLiteral("From the Alps"));
        const QList<Message> messages = store.messages(list[0].id);
        QCOMPARE(messages.size(), 3);
        QCOMPARE(messages[0].text, QStringLiteral("How long is the Rhine?"));
        QCOMPARE(messages[1].status, MessageStatus::Complete);
        QCOMPARE(messages[2].status, MessageStatus::Interrupted);
        store.beginReply(list[1].id, {});
        store.deleteConversation(list[0].id);
        store.restoreConversation(list[0].id);
    }
    QTemporaryDir fresh;
    { const HistoryStore store = HistoryStore::open(fresh.path()); }
    QCOMPARE(schemaOf(file()), schemaOf(historyFile(fresh.path())));
    QCOMPARE(HistoryStore::open(folder()).report().state, State::Opened);

    const QStringList backups = filesLike(folder(), QStringLiteral("history-backup-*"));
    QCOMPARE(backups.size(), 1);
    Database backup(folder() + QLatin1Char('/') + backups[0], Database::Mode::ReadOnly, 0);
    QCOMPARE(schemaVersion(backup), 1);
    QCOMPARE(backup.value("SELECT text FROM messages WHERE id = 2").toString(), QStringLiteral("About 1,230 km."));
    QCOMPARE(backup.value("SELECT status FROM messages WHERE id = 3").toString(), QStringLiteral("writing"));
}

void TestHistoryOpening::anInterruptedMigrationChangesNothing() {
    putOlder();
    {
        Database database(file(), Database::Mode::ReadWrite, 0);
        database.run("CREATE TABLE drafts (oops)");  // step 2 makes a table of this name, after another one
    }
    const QStringList before = schemaOf(file());
    {
        HistoryStore store = HistoryStore::open(folder());
        QCOMPARE(store.report().state, State::Unavailable);
        QVERIFY(!store.persists());
        QVERIFY(!store.report().sentence.isEmpty());
    }
    QCOMPARE(schemaOf(file()), before);
    Database database(file(), Database::Mode::ReadOnly, 0);
    QCOMPARE(schemaVersion(database), 1);
    QCOMPARE(database.value("SELECT count(*) FROM messages").toInt(), 3);
    QCOMPARE(filesLike(folder(), QStringLiteral("history-backup-v1-*.sqlite")).size(), 1);
}

void TestHistoryOpening::doesNotMigrateBesideAnotherProgram() {
    putOlder();
    {
        const std::optional<SessionLock> other = SessionLock::take(folder() + QStringLiteral("/history.lock"));
        const HistoryStore store = HistoryStore::open(folder());
        QCOMPARE(store.report().state, State::Unavailable);
        QVERIFY2(store.report().sentence.contains(QStringLiteral("up to date")), qPrintable(store.report().sentence));
    }
    Database database(file(), Database::Mode::ReadOnly, 0);
    QCOMPARE(schemaVersion(database), 1);
}

void TestHistoryOpening::keepsTheNewestBackups() {
    Database database(file(), Database::Mode::ReadWrite, 0);
    migrate(database, 1);
    QStringList made;
    for (int i = 0; i < kBackupsKept + 2; ++i) {
        made << QFileInfo(backUp(database, folder())).fileName();
        QTest::qSleep(2);  // names bear the time in milliseconds
    }
    QCOMPARE(filesLike(folder(), QStringLiteral("history-backup-*")), made.mid(2));
}

void TestHistoryOpening::aNewerHistoryIsOnlyRead() {
    qint64 id = 0;
    {
        HistoryStore store = HistoryStore::open(folder());
        id = store.startConversation(QStringLiteral("From the future")).conversationId;
    }
    {
        Database database(file(), Database::Mode::ReadWrite, 0);
        database.run("ALTER TABLE messages ADD COLUMN mood TEXT NOT NULL DEFAULT ''");
        database.run("UPDATE messages SET status = 'writing', writer = 77");
        database.runOnce(QStringLiteral("PRAGMA user_version=%1").arg(kSchemaVersion + 1));
    }
    const QByteArray before = contents(file());
    {
        HistoryStore store = HistoryStore::open(folder());
        QCOMPARE(store.report().state, State::ReadOnlyNewer);
        QVERIFY(store.readOnly() && !store.persists());
        QVERIFY(store.report().sentence.contains(QStringLiteral("newer version")));
        QCOMPARE(store.conversations().size(), 1);
        QCOMPARE(store.messages(id)[0].text, QStringLiteral("From the future"));
        const std::function<void()> writes[] = {
            [&] { store.createConversation(QStringLiteral("x")); },
            [&] { store.startConversation(QStringLiteral("x")); },
            [&] { store.renameConversation(id, QStringLiteral("x")); },
            [&] { store.deleteConversation(id); },
            [&] { store.setDraft(0, QStringLiteral("x")); },
            [&] { store.appendMessage(id, Author::User, QStringLiteral("x")); },
            [&] { store.beginReply(id, {}); },
        };
        for (const auto& write : writes) {
            try {
                write();
                QFAIL("It was written");
            } catch (const HistoryError& error) {
                QCOMPARE(error.kind(), HistoryError::Kind::ReadOnly);
                QCOMPARE(error.sentence(), store.report().sentence);
            }
        }
    }
    QVERIFY(contents(file()) == before);
    QVERIFY(filesLike(folder(), QStringLiteral("history-*")).isEmpty());
}

void TestHistoryOpening::aNewerHistoryThatCannotBeReadIsLeftAlone() {
    {
        HistoryStore store = HistoryStore::open(folder());
        store.startConversation(QStringLiteral("From the far future"));
    }
    {
        Database database(file(), Database::Mode::ReadWrite, 0);
        database.run("ALTER TABLE messages RENAME TO turns");
        database.runOnce(QStringLiteral("PRAGMA user_version=%1").arg(kSchemaVersion + 9));
    }
    const QByteArray before = contents(file());
    {
        HistoryStore store = HistoryStore::open(folder());
        QCOMPARE(store.report().state, State::Unavailable);
        QVERIFY(store.startConversation(QStringLiteral("In memory")).messageId > 0);
    }
    QVERIFY(contents(file()) == before);
}

void TestHistoryOpening::aReadOnlyFolderIsReadIntoMemory() {
    qint64 id = 0;
    {
        HistoryStore store = HistoryStore::open(folder());
        id = store.startConversation(QStringLiteral("Carved in stone")).conversationId;
    }
    QFile::remove(folder() + QStringLiteral("/history.lock"));
    constexpr auto kAllRead = QFile::ReadOwner | QFile::ReadGroup | QFile::ReadOther;
    constexpr auto kAllEnter = QFile::ExeOwner | QFile::ExeGroup | QFile::ExeOther;
    QVERIFY(QFile::setPermissions(file(), kAllRead));
    QVERIFY(QFile::setPermissions(folder(), kAllRead | kAllEnter));
    const QByteArray before = contents(file());
    {
        const Unprivileged nobody;
        HistoryStore store = HistoryStore::open(folder());
        QVERIFY2(store.report().state == State::ReadOnlyFolder, qPrintable(store.report().sentence));
        QVERIFY(store.report().sentence.contains(folder()));
        QVERIFY(!store.persists());
        QCOMPARE(store.messages(id)[0].text, QStringLiteral("Carved in stone"));
        store.appendMessage(id, Author::User, QStringLiteral("Written in water"));
        QCOMPARE(store.messages(id).size(), 2);
    }
    QVERIFY(QFile::setPermissions(folder(), QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner));
    QVERIFY(contents(file()) == before);
    QCOMPARE(QDir(folder()).entryList(QDir::Files), QStringList{QStringLiteral("history.sqlite")});
}

void TestHistoryOpening::worksInMemoryWithoutAFolder() {
    QFile inTheWay(m_folder->filePath(QStringLiteral("file")));
    QVERIFY(inTheWay.open(QIODevice::WriteOnly));
    HistoryStore store = HistoryStore::open(inTheWay.fileName() + QStringLiteral("/data"));
    QCOMPARE(store.report().state, State::Unavailable);
    QVERIFY(store.report().sentence.contains(inTheWay.fileName()));
    QVERIFY(!store.persists() && !store.readOnly());
    const qint64 id = store.startConversation(QStringLiteral("Still talking")).conversationId;
    const qint64 reply = store.beginReply(id, {});
    QCOMPARE(store.messages(id)[1].status, MessageStatus::Writing);
    store.finishReply(reply, QStringLiteral("Yes"), MessageStatus::Complete, {});
    QCOMPARE(store.conversations().size(), 1);
}

void TestHistoryOpening::staysUsableWhenTheDiskIsFull() {
    HistoryStore::OpenOptions options;
    options.maxPageCount = 60;
    const QString big(20000, u'x');
    qint64 id = 0;
    QList<qint64> saved;
    {
        HistoryStore store = HistoryStore::open(folder(), options);
        id = store.startConversation(QStringLiteral("Filling up")).conversationId;
        const qint64 reply = store.beginReply(id, {});
        try {
            for (int i = 0; i < 100; ++i) {
                saved << store.appendMessage(id, Author::Assistant, big);
            }
            QFAIL("The limit was not reached");
        } catch (const HistoryError& error) {
            QCOMPARE(error.kind(), HistoryError::Kind::NoSpace);
            QVERIFY(error.sentence().contains(QStringLiteral("space")));
        }
        QVERIFY(saved.size() > 2);
        try {
            store.updateReply(reply, big + big);
            QFAIL("The limit was not reached");
        } catch (const HistoryError& error) {
            QCOMPARE(error.kind(), HistoryError::Kind::NoSpace);
        }
        QCOMPARE(store.messages(id).size(), saved.size() + 2);
        QCOMPARE(store.conversations().size(), 1);
        store.updateReply(saved.last(), {});  // room again, and the same store writes again
        store.finishReply(reply, QStringLiteral("short"), MessageStatus::Stopped, {});
    }
    HistoryStore store = HistoryStore::open(folder());
    QCOMPARE(store.report().state, State::Opened);
    QCOMPARE(store.messages(id).size(), saved.size() + 2);
    QCOMPARE(store.messages(id)[1].text, QStringLiteral("short"));
    QCOMPARE(store.messages(id)[saved.size()].text, big);
    store.appendMessage(id, Author::User, big);
}

void TestHistoryOpening::aFullDiskDoesNotTouchAnOlderHistory() {
    putOlder();
    HistoryStore::OpenOptions options;
    options.maxPageCount = 1;  // SQLite takes the present size instead: no page can be added
    {
        HistoryStore store = HistoryStore::open(folder(), options);
        QCOMPARE(store.report().state, State::Unavailable);
        QVERIFY(store.report().sentence.contains(QStringLiteral("space")));
    }
    HistoryStore store = HistoryStore::open(folder());
    QCOMPARE(store.report().state, State::Migrated);
    QCOMPARE(store.conversations().size(), 2);
}

void TestHistoryOpening::twoProgramsShareIt() {
    HistoryStore window = HistoryStore::open(folder());
    const qint64 id = window.startConversation(QStringLiteral("Hello")).conversationId;
    const qint64 reply = window.beginReply(id, {});
    HistoryStore terminal = HistoryStore::open(folder());
    QCOMPARE(terminal.report().state, State::Opened);
    QCOMPARE(terminal.messages(id)[1].status, MessageStatus::Writing);  // the window is alive
    terminal.startConversation(QStringLiteral("From the terminal"));
    window.updateReply(reply, QStringLiteral("Hi"));
    window.finishReply(reply, QStringLiteral("Hi!"), MessageStatus::Complete, {});
    QCOMPARE(terminal.messages(id)[1].status, MessageStatus::Complete);
    QCOMPARE(terminal.messages(id)[1].text, QStringLiteral("Hi!"));
    QCOMPARE(window.conversations().size(), 2);
}

void TestHistoryOpening::aBusyHistoryIsAnError() {
    HistoryStore::OpenOptions options;
    options.busyTimeoutMs = 20;
    HistoryStore store = HistoryStore::open(folder(), options);
    const qint64 id = store.startConversation(QStringLiteral("Hello")).conversationId;
    Database other(file(), Database::Mode::ReadWrite, 0);
    {
        const Transaction writing(other);
        try {
            store.appendMessage(id, Author::User, QStringLiteral("Let me in"));
            QFAIL("Two wrote at once");
        } catch (const HistoryError& error) {
            QCOMPARE(error.kind(), HistoryError::Kind::Busy);
        }
        QCOMPARE(store.messages(id).size(), 1);  // reading does not wait
    }
    store.appendMessage(id, Author::User, QStringLiteral("Now"));
    QCOMPARE(store.messages(id).size(), 2);
}

void TestHistoryOpening::killedInMidReply() {
    KilledInMidReply child(folder());
    QVERIFY(child.waitForPartOfReply());
    HistoryStore watching = HistoryStore::open(folder());
    const qint64 id = watching.conversations().at(0).id;
    QCOMPARE(watching.messages(id).at(1).status, MessageStatus::Writing);
    child.kill();
    QCOMPARE(watching.messages(id).at(1).status, MessageStatus::Interrupted);  // at once, for who has it open

    HistoryStore store = HistoryStore::open(folder());
    QCOMPARE(store.report().state, State::Opened);
    const QList<Message> messages = store.messages(id);
    QCOMPARE(messages.size(), 2);
    QCOMPARE(messages[0].text, QStringLiteral("Tell me a story"));
    QCOMPARE(messages[0].status, MessageStatus::Complete);
    QCOMPARE(messages[1].text, QStringLiteral("Once upon a time"));
    QCOMPARE(messages[1].status, MessageStatus::Interrupted);
    QCOMPARE(messages[1].settings.checkpointName, QStringLiteral("tiny"));
    Database database(file(), Database::Mode::ReadOnly, 0);
    QCOMPARE(database.value("SELECT status FROM messages WHERE id = ?", {messages[1].id}).toString(),
             QStringLiteral("interrupted"));  // and for good
}

ALCOVE_TEST(TestHistoryOpening)
#include "test_history_opening.moc"
