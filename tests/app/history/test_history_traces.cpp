// What the history leaves on the disk: nothing that was deleted, nothing that others may read, nothing elsewhere.
#include <sys/stat.h>

#include <QDir>
#include <QDirIterator>
#include <QMap>
#include <QProcess>
#include <QRandomGenerator>
#include <QTemporaryDir>
#include <QTest>
#include <QtEndian>

#include "app/history/file/backup.h"
#include "app/history/file/migrations.h"
#include "app/history/file/network_folder.h"
#include "app/history/history_store.h"
#include "app/history/recovery.h"
#include "tests/rig/test_files.h"
#include "tests/rig/test_registry.h"
#include "tests/rig/unprivileged.h"

using namespace alcove;
using State = OpenReport::State;

using alcove::tests::contents;
using alcove::tests::Unprivileged;
using alcove::tests::write;

namespace {

QStringList filesBelow(const QString& folder) {
    QStringList files;
    QDirIterator all(folder, QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot, QDirIterator::Subdirectories);
    while (all.hasNext()) {
        files << all.next();
    }
    files.sort();
    return files;
}

QStringList filesWith(const QString& folder, const QByteArray& text) {
    QStringList found;
    for (const QString& path : filesBelow(folder)) {
        if (contents(path).contains(text)) {
            found << path;
        }
    }
    return found;
}

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

class TestHistoryTraces : public QObject {
    Q_OBJECT

private slots:
    void init();
    void whatIsDeletedIsInNoFile();
    void copiesOfRowsThatMovedGo();
    void whatAKilledProgramDeletedIsInNoFile();
    void whatIsDeletedBesideAnotherProgramIsInNoFile();
    void copiesGoWithWhatTheyHold();
    void unfinishedFilesGo();
    void othersMayReadNothing_data();
    void othersMayReadNothing();
    void whatOthersCouldReadIsRestricted();
    void aReadOnlyFolderLeavesNothingElsewhere();
    void aReadOnlyFolderIsReadWithItsLog();
    void oneProgramOnANetwork();
    void noSharedMemoryOnANetwork();
    void knowsLocalFolders();

private:
    [[nodiscard]] QString folder() const { return m_folder->path(); }
    [[nodiscard]] QString file() const { return historyFile(folder()); }
    std::unique_ptr<QTemporaryDir> m_folder;
};

void TestHistoryTraces::init() {
    m_folder = std::make_unique<QTemporaryDir>();
    QVERIFY(m_folder->isValid());
}

void TestHistoryTraces::whatIsDeletedIsInNoFile() {
    // Rows of all sizes come, grow and go, so that they move between pages; each text has its own word.
    for (unsigned seed = 1; seed <= 2; ++seed) {
        init();
        QRandomGenerator random(seed);
        const auto any = [&random](const auto& values) {
            return values[random.bounded(static_cast<int>(values.size()))];
        };
        int number = 0;
        const auto newWord = [&] { return QStringLiteral("w%1x%2x").arg(seed).arg(++number, 4, 10, QLatin1Char('0')); };
        const QList<int> sizes{1, 3, 20, 60, 200, 900};
        QMap<qint64, QStringList> words;                   // of each conversation, those of its first message
        QMap<qint64, std::pair<qint64, QString>> replies;  // their conversation and word
        QStringList gone;
        {
            HistoryStore store = HistoryStore::open(folder());
            for (int step = 0; step < 260; ++step) {
                const int what = random.bounded(10);
                const QString word = newWord();
                const QString text = (word + QLatin1Char(' ')).repeated(any(sizes));
                if (what < 2 || words.size() < 3) {
                    words[store.startConversation(text).conversationId] << word;
                } else if (what < 7) {
                    const qint64 id = any(words.keys());
                    const qint64 reply = store.beginReply(id, {});
                    store.updateReply(reply, text.left(text.size() / 2));
                    store.finishReply(reply, text, MessageStatus::Complete, {});
                    replies[reply] = {id, word};
                } else if (what < 9 && !replies.isEmpty()) {
                    const qint64 reply = any(replies.keys());
                    store.deleteMessage(reply);
                    gone << replies.take(reply).second;
                } else {
                    const qint64 id = any(words.keys());
                    store.deleteConversation(id);
                    gone << words.take(id);
                    const QList<qint64> all = replies.keys();
                    for (const qint64 reply : all) {
                        if (replies[reply].first == id) {
                            gone << replies.take(reply).second;
                        }
                    }
                }
            }
        }
        QVERIFY(gone.size() > 40);
        for (const QString& word : std::as_const(gone)) {
            const QStringList found = filesWith(folder(), word.toLatin1());
            QVERIFY2(found.isEmpty(), qPrintable(word + QLatin1Char(' ') + found.join(QLatin1Char(' '))));
        }
        for (const auto& [conversation, word] : std::as_const(replies)) {
            QCOMPARE(filesWith(folder(), word.toLatin1()), QStringList{file()});
        }
    }
}

void TestHistoryTraces::copiesOfRowsThatMovedGo() {
    // When rows move between pages SQLite leaves their bytes where no row is, between the pointers to the rows of a
    // page and the rows. Where exactly is up to it, so they are put there by hand.
    qint64 id = 0;
    {
        HistoryStore store = HistoryStore::open(folder());
        store.startConversation(QStringLiteral("a conversation"));
        id = store.startConversation(QStringLiteral("another")).conversationId;
    }
    QByteArray bytes = contents(file());
    constexpr qsizetype kPageBytes = 4096;
    const qsizetype page = bytes.indexOf("a conversation") / kPageBytes * kPageBytes;
    const auto number = [&](qsizetype at) { return qFromBigEndian<quint16>(bytes.constData() + page + at); };
    const qsizetype unused = 8 + 2 * number(3);
    QVERIFY(page > 0 && number(5) - unused > 200);
    bytes.replace(page + unused + 100, 11, "left behind");
    write(file(), bytes);
    {
        HistoryStore store = HistoryStore::open(folder());
        QCOMPARE(store.report().state, State::Opened);
        QCOMPARE(filesWith(folder(), "left behind"), QStringList{file()});
        store.deleteConversation(id);
    }
    QVERIFY(filesWith(folder(), "left behind").isEmpty());
    QCOMPARE(HistoryStore::open(folder()).conversations().size(), 1);
}

void TestHistoryTraces::whatAKilledProgramDeletedIsInNoFile() {
    QProcess child;
    child.start(QStringLiteral(ALCOVE_HISTORY_TOOL), {QStringLiteral("delete"), folder()});
    QVERIFY(child.waitForReadyRead(30000));
    child.kill();
    child.waitForFinished();
    QVERIFY(!filesWith(folder(), "Once upon a time").isEmpty());  // until the next start it can be brought back
    {
        const HistoryStore store = HistoryStore::open(folder());
        QVERIFY(store.conversations().isEmpty());
        QVERIFY(filesWith(folder(), "Once upon a time").isEmpty());
    }
    QVERIFY(filesWith(folder(), "Once upon a time").isEmpty());
}

void TestHistoryTraces::whatIsDeletedBesideAnotherProgramIsInNoFile() {
    HistoryStore other = HistoryStore::open(folder());
    {
        HistoryStore store = HistoryStore::open(folder());
        const qint64 id = store.startConversation(QStringLiteral("between us")).conversationId;
        QCOMPARE(other.messages(id).size(), 1);
        store.deleteConversation(id);
    }
    QVERIFY(QFile::exists(logOf(file())));
    QVERIFY(filesWith(folder(), "between us").isEmpty());
}

void TestHistoryTraces::copiesGoWithWhatTheyHold() {
    write(file(), contents(QStringLiteral(ALCOVE_FIXTURES "/history-v1/history.sqlite")));
    qint64 later = 0;
    const QString damaged = folder() + QStringLiteral("/history-damaged-20240101-101112131.sqlite");
    const QString older = folder() + QStringLiteral("/history-damaged-20010101-101112131.sqlite");
    {
        HistoryStore store = HistoryStore::open(folder());
        QCOMPARE(store.report().state, State::Migrated);
        write(damaged, "How long is the Rhine?");
        write(logOf(damaged), "How long is the Rhine?");
        write(older, "before that");
        later = store.startConversation(QStringLiteral("later")).conversationId;
    }
    {
        // A clock that goes wrong by some hours changes nothing, so this conversation was begun days after the copies.
        Database database(file(), Database::Mode::ReadWrite, 0);
        database.run("UPDATE conversations SET created_at = created_at + 864000000 WHERE id = ?", {later});
        database.run("UPDATE conversations SET created_at = 1577836800000 WHERE id = 1");
    }
    {
        HistoryStore store = HistoryStore::open(folder());
        store.deleteConversation(later);
    }
    QCOMPARE(filesWith(folder(), "How long is the Rhine?").size(), 4);
    {
        HistoryStore store = HistoryStore::open(folder());
        store.deleteConversation(1);
        QCOMPARE(filesWith(folder(), "How long is the Rhine?").size(), 4);  // it can still be brought back
    }
    QVERIFY(filesWith(folder(), "How long is the Rhine?").isEmpty());
    QVERIFY(QFile::exists(older));
}

void TestHistoryTraces::unfinishedFilesGo() {
    { const HistoryStore store = HistoryStore::open(folder()); }
    const QStringList before = filesBelow(folder());
    for (const char* name :
         {"history-backup-v1-20260101-000000000.sqlite.part", "history-recovered.sqlite.part",
          "history-backup-v1-20260101-000000000.sqlite.part-journal", "history-recovered.sqlite.part-wal"}) {
        write(folder() + QLatin1Char('/') + QLatin1String(name), "unfinished");
    }
    { const HistoryStore store = HistoryStore::open(folder()); }
    QCOMPARE(filesBelow(folder()), before);
}

void TestHistoryTraces::othersMayReadNothing_data() {
    QTest::addColumn<int>("mask");
    QTest::newRow("none") << 0;
    QTest::newRow("usual") << 022;
}

void TestHistoryTraces::othersMayReadNothing() {
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

void TestHistoryTraces::whatOthersCouldReadIsRestricted() {
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

void TestHistoryTraces::aReadOnlyFolderLeavesNothingElsewhere() {
    {
        HistoryStore store = HistoryStore::open(folder());
        store.startConversation(QStringLiteral("Carved in stone"));
    }
    QFile::remove(folder() + QStringLiteral("/history.lock"));
    QCOMPARE(::chmod(QFile::encodeName(file()).constData(), 0444), 0);
    QCOMPARE(::chmod(QFile::encodeName(folder()).constData(), 0555), 0);
    QTemporaryDir temporary;
    QCOMPARE(::chmod(QFile::encodeName(temporary.path()).constData(), 0777), 0);
    const QByteArray before = qgetenv("TMPDIR");
    qputenv("TMPDIR", QFile::encodeName(temporary.path()));
    {
        const Unprivileged nobody;
        HistoryStore store = HistoryStore::open(folder());
        QCOMPARE(store.report().state, State::ReadOnlyFolder);
        QCOMPARE(store.conversations().size(), 1);
        store.startConversation(QStringLiteral("Written in water"));
        QVERIFY(filesBelow(temporary.path()).isEmpty());
    }
    qputenv("TMPDIR", before);
    QCOMPARE(::chmod(QFile::encodeName(folder()).constData(), 0700), 0);
    QCOMPARE(filesBelow(folder()), QStringList{file()});
}

void TestHistoryTraces::aReadOnlyFolderIsReadWithItsLog() {
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

void TestHistoryTraces::oneProgramOnANetwork() {
    HistoryStore::OpenOptions options;
    options.busyTimeoutMs = 20;
    options.isOnNetwork = [](const QString&) { return true; };
    qint64 id = 0;
    {
        HistoryStore first = HistoryStore::open(folder(), options);
        QCOMPARE(first.report().state, State::Fresh);
        id = first.startConversation(QStringLiteral("Far away")).conversationId;
        const HistoryStore second = HistoryStore::open(folder(), options);
        QCOMPARE(second.report().state, State::Unavailable);
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

void TestHistoryTraces::noSharedMemoryOnANetwork() {
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

void TestHistoryTraces::knowsLocalFolders() {
    QVERIFY(!isOnNetwork(folder()));
    QVERIFY(!isOnNetwork(QStringLiteral("/proc")));
    QVERIFY(isOnNetwork(folder() + QStringLiteral("/missing")));
}

ALCOVE_TEST(TestHistoryTraces)
#include "test_history_traces.moc"
