// Whatever operation on the disk a program dies at or is refused, the history opens, has what was acknowledged, and has
// nothing that was deleted.
#include <algorithm>
#include <vector>

#include <QDir>
#include <QTemporaryDir>
#include <QTest>

#include "app/history/file/migrations.h"
#include "app/history/history_store.h"
#include "app/history/recovery.h"
#include "tests/rig/crash_vfs.h"
#include "tests/rig/sample.h"
#include "tests/rig/test_files.h"
#include "tests/rig/test_registry.h"

using namespace alcove;
using State = OpenReport::State;

using alcove::tests::contents;
using alcove::tests::Fault;
using alcove::tests::Run;
using alcove::tests::write;

namespace {

using Acknowledge = std::function<void(char)>;

const ReplySettings kSettings{QStringLiteral("tiny"), QStringLiteral("/t"), {}, {}};
const QString kFirstReply = QStringLiteral("a reply");
const QString kNewReply = QStringLiteral("a reply made anew");
const QString kBinnedText = QStringLiteral("for the bin");
const QString kDoomedText = QStringLiteral("a conversation to be deleted ");

// Letters are acknowledged when the step is done. A step that fails is passed over.
void attempt(const Acknowledge& acknowledge, char letter, const std::function<void()>& step) {
    try {
        step();
        acknowledge(letter);
    } catch (const HistoryError&) {
        return;
    }
}

ConversationRecord importedRecord(const QString& source) {
    ConversationRecord record;
    record.source = source;
    record.title = source;
    for (int i = 0; i < 3; ++i) {
        MessageRecord message;
        message.id = QString::number(i);
        message.parentId = i == 0 ? QString() : QStringLiteral("0");
        message.author = i == 0 ? Author::User : Author::Assistant;
        message.text = QStringLiteral("imported %1").arg(i);
        record.messages << message;
    }
    record.leafId = QStringLiteral("1");
    return record;
}

void wholeSession(const QString& folder, const Acknowledge& acknowledge) {
    {
        HistoryStore store = HistoryStore::open(folder);
        if (store.report().state == State::Unavailable) {
            return;
        }
        qint64 kept = 0;
        qint64 doomed = 0;
        qint64 first = 0;
        qint64 question = 0;
        qint64 binned = 0;
        attempt(acknowledge, 'a', [&] {
            const HistoryStore::Started started = store.startConversation(QStringLiteral("kept"));
            kept = started.conversationId;
            question = started.messageId;
        });
        attempt(acknowledge, 'b', [&] {
            first = store.beginReply(kept, kSettings);
            for (int i = 1; i < 4; ++i) {
                store.updateReply(first, QStringLiteral("growing ").repeated(i * 200));
            }
            store.finishReply(first, kFirstReply, MessageStatus::Complete, {});
        });
        // As Exchange makes a reply anew: the one before stays beside it.
        attempt(acknowledge, 'c', [&] {
            const qint64 anew = store.beginReply(kept, kSettings, question);
            store.updateReply(anew, kNewReply, {{1, 2}, {5, 18}, {}, 0, 64, QStringLiteral("f")});
            store.finishReply(anew, kNewReply, MessageStatus::Stopped, {});
        });
        attempt(acknowledge, 'd', [&] { binned = store.appendMessage(kept, Author::User, kBinnedText); });
        attempt(acknowledge, 'k', [&] { store.binBranch(binned); });
        attempt(acknowledge, 'l', [&] { store.showMessage(first); });
        attempt(acknowledge, 'm', [&] { store.fork(first); });
        attempt(acknowledge, 'e', [&] {
            doomed = store.startConversation(kDoomedText).conversationId;
            store.appendMessage(doomed, Author::User, kDoomedText.repeated(300));
        });
        attempt(acknowledge, 'p', [&] {
            for (const QString& source : {QStringLiteral("x:1"), QStringLiteral("x:2")}) {
                store.importConversation(importedRecord(source));
            }
            store.finishImport();
        });
        attempt(acknowledge, 'f', [&] { store.renameConversation(kept, QStringLiteral("renamed")); });
        attempt(acknowledge, 'g', [&] { store.deleteConversation(doomed); });
    }
    acknowledge('h');
    HistoryStore store = HistoryStore::open(folder);
    if (store.report().state == State::Unavailable) {
        return;
    }
    attempt(acknowledge, 'i', [&] { store.startConversation(QStringLiteral("the next day")); });
    attempt(acknowledge, 'j', [&] { store.setDraft(0, QStringLiteral("a draft")); });
}

const Message* messageWith(const QList<Message>& messages, const QString& text) {
    const auto found =
        std::find_if(messages.begin(), messages.end(), [&](const Message& message) { return message.text == text; });
    return found == messages.end() ? nullptr : &*found;
}

QList<Message> messagesOf(const HistoryStore& store, const QString& title) {
    for (const ConversationSummary& conversation : store.conversations()) {
        if (conversation.title == title) {
            return store.messages(conversation.id);
        }
    }
    return {};
}

// What is wrong, in words; empty if nothing is.
QString problemAfterSession(const QString& folder, const QByteArray& acknowledged) {
    const auto done = [&](char step) { return acknowledged.contains(step); };
    {
        HistoryStore store = HistoryStore::open(folder);
        if (store.report().state != State::Opened && store.report().state != State::Fresh &&
            store.report().state != State::Migrated) {  // a new file goes through all schemas
            return QStringLiteral("it does not open: ") + store.report().sentence;
        }
        const QString title = done('f') ? QStringLiteral("renamed") : QStringLiteral("kept");
        QList<Message> kept = messagesOf(store, title);
        if (kept.isEmpty() && !done('f')) {
            kept = messagesOf(store, QStringLiteral("renamed"));  // done, but not acknowledged
        }
        if (done('a') && messageWith(kept, QStringLiteral("kept")) == nullptr) {
            return QStringLiteral("the conversation is missing");
        }
        QList<Message> all;
        if (!kept.isEmpty()) {
            store.eachMessage(kept[0].conversationId, [&](const Message& message) {
                all << message;
                return true;
            });
        }
        const Message* reply = messageWith(all, kFirstReply);
        const Message* anew = messageWith(all, kNewReply);
        if (done('b') && (reply == nullptr || reply->status != MessageStatus::Complete ||
                          reply->settings.checkpointName != QLatin1String("tiny"))) {
            return QStringLiteral("the reply is missing");
        }
        if (done('c') && (anew == nullptr || anew->status != MessageStatus::Stopped ||
                          store.replyTokens(anew->id).ids.size() != 2)) {
            return QStringLiteral("the reply made anew is missing");
        }
        if (reply != nullptr && anew != nullptr &&
            (reply->siblingIndex != 0 || anew->siblingIndex != 1 || anew->siblingCount != 2)) {
            return QStringLiteral("the replies are no siblings");
        }
        // What was acknowledged last says which of them is shown; what came after that may have been done as well.
        const bool shown = messageWith(kept, done('l') ? kFirstReply : kNewReply) != nullptr;
        if (!shown && ((done('b') && done('l')) || (done('c') && !done('k')))) {
            return QStringLiteral("another reply is shown");
        }
        const bool inTree = messageWith(all, kBinnedText) != nullptr;
        const QList<BinnedBranch> bin = store.binnedBranches();
        const bool inBin = bin.size() == 1 && bin[0].beginning == kBinnedText;
        if ((done('d') && inTree == inBin) || (done('k') && !inBin)) {
            return QStringLiteral("what was deleted is neither there nor in the bin, or both");
        }
        if (done('m') && messagesOf(store, QStringLiteral("kept (branch)")).size() != 2) {
            return QStringLiteral("the fork is missing");
        }
        if (std::any_of(all.begin(), all.end(), [](const Message& message) { return message.text.isEmpty(); })) {
            return QStringLiteral("there is an empty reply");
        }
        const QList<Message> doomed = messagesOf(store, kDoomedText.trimmed());
        if (done('g') && !doomed.isEmpty()) {
            return QStringLiteral("the deleted conversation is there");
        }
        if (acknowledged.endsWith('e') && doomed.size() != 2) {  // otherwise it may be deleted, unacknowledged
            return QStringLiteral("the second conversation is missing");
        }
        for (const QString& source : {QStringLiteral("x:1"), QStringLiteral("x:2")}) {
            const AddedConversation missing = store.wouldImport(importedRecord(source));
            if (missing.messages != 0 && (missing.messages != 3 || done('p'))) {
                return QStringLiteral("an imported conversation is not whole");
            }
        }
        if (done('i') && messagesOf(store, QStringLiteral("the next day")).size() != 1) {
            return QStringLiteral("the last conversation is missing");
        }
        store.appendMessage(store.startConversation(QStringLiteral("works")).conversationId, Author::User,
                            QStringLiteral("works"));
    }
    if (examine(historyFile(folder), Database::Mode::ReadOnly, 0).state != Examination::State::Healthy) {
        return QStringLiteral("the file is not healthy");
    }
    for (const QFileInfo& entry : QDir(folder).entryInfoList(QDir::Files | QDir::Hidden)) {
        const QByteArray bytes = contents(entry.absoluteFilePath());
        if (done('g') && bytes.contains(kDoomedText.toUtf8())) {
            return QStringLiteral("deleted text is in ") + entry.fileName();
        }
    }
    return {};
}

// Opens what is there and adds to it.
void opening(const QString& folder, const Acknowledge& acknowledge) {
    HistoryStore store = HistoryStore::open(folder);
    if (store.report().state == State::Unavailable) {
        return;
    }
    acknowledge('o');
    attempt(acknowledge, 'n', [&] { store.startConversation(QStringLiteral("added")); });
}

// The rows of fixtures/history-vN (history_tool.cpp).
QString problemWithFixture(const HistoryStore& store, int version, const QByteArray& acknowledged) {
    const QList<Message> rivers = messagesOf(store, QStringLiteral("Rivers"));
    if (rivers.size() != (version >= 3 ? 4 : 3) || rivers[1].text != QLatin1String("About 1,230 km.") ||
        rivers[1].settings.checkpointName != (version >= 2 ? QStringLiteral("tiny") : QString())) {
        return QStringLiteral("messages are missing");
    }
    if (version >= 2 && store.draft(1) != QLatin1String("And the Danube")) {
        return QStringLiteral("the draft is missing");
    }
    if (acknowledged.contains('n') && messagesOf(store, QStringLiteral("added")).size() != 1) {
        return QStringLiteral("what was added is missing");
    }
    for (const ConversationSummary& conversation : store.conversations()) {
        if (conversation.title == QLatin1String("Thrown away")) {
            return QStringLiteral("the deleted conversation is there");
        }
    }
    return {};
}

// How many backups there are of that version; -1: one of them is not whole.
int wholeBackups(const QString& folder, int version) {
    const QFileInfoList backups =
        QDir(folder).entryInfoList({QStringLiteral("history-backup-v%1-*.sqlite").arg(version)}, QDir::Files);
    for (const QFileInfo& backup : backups) {
        const Examination found = examine(backup.absoluteFilePath(), Database::Mode::ReadOnly, 0);
        if (found.state != Examination::State::Healthy || found.version != version) {
            return -1;
        }
        Database database(backup.absoluteFilePath(), Database::Mode::ReadOnly, 0);
        if (database.value("SELECT text FROM messages WHERE id = 2").toString() != QLatin1String("About 1,230 km.")) {
            return -1;
        }
    }
    return static_cast<int>(backups.size());
}

}  // namespace

class TestHistoryCrashes : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() { tests::installCrashVfs(); }
    void aSession();
    void aMigration_data();
    void aMigration();
    void aDeletionWithCopies();
    void aRecovery_data();
    void aRecovery();

private:
    // Runs `work` in a new folder that `prepare` has filled, once for each operation and fault, and checks each time.
    // One run in `every` of these in a sample.
    static void everyFault(std::size_t every, const std::function<void(const QString& folder)>& prepare,
                           const std::function<void(const QString& folder, const Acknowledge&)>& work,
                           const std::function<QString(const QString& folder, const Run&)>& problem);
    static void versions() {
        QTest::addColumn<int>("version");
        for (int version = 1; version <= 4; ++version) {
            QTest::addRow("%d", version) << version;
        }
    }
};

void TestHistoryCrashes::everyFault(std::size_t every, const std::function<void(const QString& folder)>& prepare,
                                    const std::function<void(const QString& folder, const Acknowledge&)>& work,
                                    const std::function<QString(const QString& folder, const Run&)>& problem) {
    const auto run = [&](const Fault& fault) {
        QTemporaryDir folder;
        prepare(folder.path());
        const Run done =
            tests::runWithFault(fault, [&](const Acknowledge& acknowledge) { work(folder.path(), acknowledge); });
        // Runs differ by some operations, since the numbers of sessions take more or fewer bytes.
        const bool dies = (fault.kind == Fault::Kind::Kill || fault.kind == Fault::Kind::PowerCut) &&
                          (!done.ended || done.kinds.size() >= fault.at);
        const QString wrong = done.died != dies || done.ended == dies
                                  ? QStringLiteral("it ended otherwise: ") + QString::fromUtf8(done.acknowledged)
                                  : problem(folder.path(), done);
        if (!wrong.isEmpty()) {
            qWarning("fault %d at operation %d, seed %u, after \"%s\": %s", static_cast<int>(fault.kind), fault.at,
                     fault.seed, done.acknowledged.constData(), qPrintable(wrong));
        }
        return std::pair(wrong.isEmpty(), done.kinds);
    };
    const auto [well, kinds] = run({});
    QVERIFY(well && kinds.size() > 10);
    tests::Sample sample(every);
    int failures = 0;
    for (int at = 1; at <= kinds.size(); ++at) {
        std::vector<Fault> faults{{Fault::Kind::Kill, at, 0}, {Fault::Kind::IoError, at, 0}};
        if (kinds[at - 1] == 'w') {
            faults.push_back({Fault::Kind::NoSpace, at, 0});
            faults.push_back({Fault::Kind::ShortWrite, at, 0});
        }
        for (unsigned seed = 0; seed < tests::kPowerCutStyles; ++seed) {
            faults.push_back({Fault::Kind::PowerCut, at, seed + tests::kPowerCutStyles * static_cast<unsigned>(at)});
        }
        for (const Fault& fault : faults) {
            failures += !sample.takes() || run(fault).first ? 0 : 1;
        }
    }
    QCOMPARE(failures, 0);
}

void TestHistoryCrashes::aSession() {
    everyFault(
        67, [](const QString&) {}, wholeSession,
        [](const QString& folder, const Run& run) { return problemAfterSession(folder, run.acknowledged); });
}

void TestHistoryCrashes::aMigration_data() {
    versions();
}

void TestHistoryCrashes::aMigration() {
    QFETCH(int, version);
    const QByteArray older = contents(QStringLiteral(ALCOVE_FIXTURES "/history-v%1/history.sqlite").arg(version));
    everyFault(
        71, [&](const QString& folder) { write(historyFile(folder), older); }, opening,
        [&](const QString& folder, const Run& run) {
            const HistoryStore store = HistoryStore::open(folder);
            if (store.report().state != State::Opened && store.report().state != State::Migrated) {
                return QStringLiteral("it does not open: ") + store.report().sentence;
            }
            // Version 3 has a conversation that was deleted, and the copies that have it go with it.
            if (version < 3 && wholeBackups(folder, version) == 0) {
                return QStringLiteral("there is no backup");
            }
            for (int later = version; later < kSchemaVersion; ++later) {
                if (wholeBackups(folder, later) < 0) {
                    return QStringLiteral("a backup is not whole");
                }
            }
            return problemWithFixture(store, version, run.acknowledged);
        });
}

void TestHistoryCrashes::aDeletionWithCopies() {
    const QByteArray history = contents(QStringLiteral(ALCOVE_FIXTURES "/history-v5/history.sqlite"));
    const auto prepare = [&](const QString& folder) {
        write(historyFile(folder), history);
        write(folder + QStringLiteral("/history-backup-v5-20990101-000000000.sqlite"), history);
        write(folder + QStringLiteral("/history-damaged-20990101-000000000.sqlite"), history);
        write(folder + QStringLiteral("/history-damaged-20990101-000000000.sqlite-wal"), history);
    };
    const auto deletion = [](const QString& folder, const Acknowledge& acknowledge) {
        {
            HistoryStore store = HistoryStore::open(folder);
            if (store.report().state == State::Unavailable) {
                return;
            }
            attempt(acknowledge, 'g', [&] { store.deleteConversation(1); });
        }
        acknowledge('h');
    };
    everyFault(19, prepare, deletion, [](const QString& folder, const Run& run) {
        for (int start = 0; start < 2; ++start) {
            const HistoryStore store = HistoryStore::open(folder);
            if (store.report().state != State::Opened) {
                return QStringLiteral("it does not open: ") + store.report().sentence;
            }
            if (run.acknowledged.contains('g') && !messagesOf(store, QStringLiteral("Rivers")).isEmpty()) {
                return QStringLiteral("the deleted conversation is there");
            }
            if (messagesOf(store, QStringLiteral("Empty")).size() != 2) {
                return QStringLiteral("another conversation is missing");
            }
        }
        if (run.acknowledged.contains('g')) {
            for (const QFileInfo& entry : QDir(folder).entryInfoList(QDir::Files | QDir::Hidden)) {
                if (contents(entry.absoluteFilePath()).contains("How long is the Rhine")) {
                    return QStringLiteral("deleted text is in ") + entry.fileName();
                }
            }
        }
        return QString();
    });
}

void TestHistoryCrashes::aRecovery_data() {
    versions();
}

void TestHistoryCrashes::aRecovery() {
    QFETCH(int, version);
    QByteArray damaged = contents(QStringLiteral(ALCOVE_FIXTURES "/history-v%1/history.sqlite").arg(version));
    damaged.replace(0, 16, QByteArray(16, '?'));
    everyFault(
        71, [&](const QString& folder) { write(historyFile(folder), damaged); }, opening,
        [&](const QString& folder, const Run& run) {
            const HistoryStore store = HistoryStore::open(folder);
            if (store.report().state != State::Opened && store.report().state != State::Recovered) {
                return QStringLiteral("it does not open: ") + store.report().sentence;
            }
            const QFileInfoList aside =
                QDir(folder).entryInfoList({QStringLiteral("history-damaged-*.sqlite")}, QDir::Files);
            // A second start erases the conversation that was thrown away, and the damaged file with it.
            if ((version < 3 || store.report().state == State::Recovered) &&
                (aside.size() != 1 || contents(aside[0].absoluteFilePath()) != damaged)) {
                return QStringLiteral("the damaged file is not as it was");
            }
            return problemWithFixture(store, version, run.acknowledged);
        });
}

ALCOVE_TEST(TestHistoryCrashes)
#include "test_history_crashes.moc"
