// What was deleted is in none of the files that the history leaves on the disk.
#include <QMap>
#include <QProcess>
#include <QRandomGenerator>
#include <QTemporaryDir>
#include <QTest>
#include <QtEndian>

#include "app/history/file/database.h"
#include "app/history/file/history_files.h"
#include "app/history/history_store.h"
#include "tests/app/history/files_below.h"
#include "tests/rig/test_registry.h"

using namespace alcove;
using State = OpenReport::State;

using alcove::tests::contents;
using alcove::tests::filesBelow;
using alcove::tests::filesWith;
using alcove::tests::write;

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
        QMap<qint64, qint64> questions;                    // … and its id
        QMap<qint64, std::pair<qint64, QString>> replies;  // their conversation and word
        QStringList gone;
        {
            HistoryStore store = HistoryStore::open(folder());
            for (int step = 0; step < 260; ++step) {
                const int what = random.bounded(10);
                const QString word = newWord();
                const QString text = (word + QLatin1Char(' ')).repeated(any(sizes));
                if (what < 2 || words.size() < 3) {
                    const HistoryStore::Started started = store.startConversation(text);
                    words[started.conversationId] << word;
                    questions[started.conversationId] = started.messageId;
                } else if (what < 7) {
                    const qint64 id = any(words.keys());
                    const qint64 reply = store.beginReply(id, {}, questions[id]);
                    store.updateReply(reply, text.left(text.size() / 2));
                    store.finishReply(reply, text, MessageStatus::Complete, {});
                    replies[reply] = {id, word};
                } else if (what < 9 && !replies.isEmpty()) {
                    const qint64 reply = any(replies.keys());
                    store.binBranch(reply);
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
            store.eraseBinned(QDateTime::currentDateTimeUtc().addSecs(1));
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
    { const HistoryStore store = HistoryStore::open(folder()); }
    QVERIFY(contents(file()) == bytes);  // where nothing was deleted, nothing is written anew
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

ALCOVE_TEST(TestHistoryTraces)
#include "test_history_traces.moc"
