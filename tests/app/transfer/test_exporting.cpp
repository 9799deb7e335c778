// Conversations written: JSON without loss, and Markdown and HTML that show what was said and nothing else.
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>

#include "app/transfer/export_text.h"
#include "app/transfer/exporting.h"
#include "app/transfer/importing.h"
#include "tests/rig/awkward_texts.h"
#include "tests/rig/test_files.h"
#include "tests/rig/test_registry.h"

using namespace alcove;
using namespace alcove::tests;

namespace {

const QString kExamples = QStringLiteral(ALCOVE_FIXTURES "/imports");

QByteArray exported(const HistoryStore& store, ExportFormat format) {
    QList<qint64> ids;
    for (const ConversationSummary& one : store.conversations()) {
        ids << one.id;
    }
    std::sort(ids.begin(), ids.end());
    QByteArray text;
    exportConversations(store, ids, format, "Conversations", true, [&text](const QByteArray& part) { text += part; },
                        {});
    return text;
}

}  // namespace

class TestExporting : public QObject {
    Q_OBJECT

private slots:
    void init() {
        m_folder = std::make_unique<QTemporaryDir>();
        m_store = std::make_unique<HistoryStore>(HistoryStore::open(m_folder->path()));
    }
    void cleanup() {
        m_store.reset();
        m_folder.reset();
    }

    // Tree, settings, facts, tokens, folders, texts of every kind: written, read into an empty history, and written
    // again.
    void nothingIsLost() {
        Importing importing(*m_store, ImportMode::Add);
        importing.run({kExamples}, {});
        ConversationRecord record;
        record.source = "alcove:77-1764374400123";
        record.title = "All";
        record.createdAt = QDateTime::fromMSecsSinceEpoch(1764374400123, Qt::UTC);
        record.updatedAt = record.createdAt.addMSecs(1);
        record.renamedAt = record.createdAt.addMSecs(2);
        record.pinnedAt = record.createdAt.addMSecs(3);
        record.archivedAt = record.createdAt.addMSecs(4);
        record.expiresAt = QDateTime::fromMSecsSinceEpoch(4102444800000, Qt::UTC);
        record.folder = QStringList{"A", "B"};
        record.settings = {"Be kind.", "{\"temperature\":0.25}", "/models/a"};
        MessageRecord question;
        question.id = "1";
        question.text = "Why?";
        question.createdAt = record.createdAt;
        MessageRecord reply = question;
        reply.id = "2";
        reply.parentId = "1";
        reply.author = Author::Assistant;
        reply.status = MessageStatus::Failed;
        reply.error = "The device was lost.";
        reply.settings = {"name", "/path", "device", "{\"seed\":7}"};
        reply.statistics = {1, 2, 3, 4, 5, 6.25, 0.1, "maxTokens", 0};
        reply.memoryStartsAt = "1";
        reply.tokens = ReplyTokens{{1, 2, 2147483647}, {0, 3, 4}, "18446744073709551615", 9, 2048, "print"};
        MessageRecord other = reply;
        other.id = "3";
        other.tokens.reset();
        other.error.clear();
        other.memoryStartsAt.clear();
        other.status = MessageStatus::Interrupted;
        record.messages = {question, reply, other};
        int number = 4;
        for (const AwkwardText& text : awkwardTexts()) {
            MessageRecord one = question;
            one.id = QString::number(number++);
            one.parentId = "2";
            one.text = text.make(200);
            record.messages << one;
        }
        record.leafId = "3";
        m_store->importConversation(record);
        FolderRecord folder;
        folder.path = QStringList{"A"};
        folder.colour = "green";
        folder.createdAt = record.createdAt;
        folder.settings = {"Folder prompt", "{\"topK\":5}", "/models/b"};
        folder.expiresDays = 7;
        m_store->importFolder(folder);
        folder.path = QStringList{"Empty"};
        m_store->importFolder(folder);

        const QByteArray first = exported(*m_store, ExportFormat::Json);
        write(m_folder->filePath("all.json"), first);
        const QTemporaryDir other_;
        HistoryStore empty = HistoryStore::open(other_.path());
        Importing back(empty, ImportMode::Add);
        back.run({m_folder->filePath("all.json")}, {});
        QCOMPARE(back.result().passedOver.size(), 0);
        QCOMPARE(back.result().conversations, 23);
        const QByteArray second = exported(empty, ExportFormat::Json);
        QCOMPARE(withoutFolderTimes(second), withoutFolderTimes(first));
        QVERIFY(first.contains("18446744073709551615"));
        QVERIFY(first.contains("\"memory_starts_at\": \"1\""));
        // And into the history that it is of.
        Importing same(*m_store, ImportMode::Add);
        same.run({m_folder->filePath("all.json")}, {});
        QCOMPARE(same.result().messages, 0);
        QCOMPARE(same.result().conversations, 0);
    }

    // What was begun here is known again here, and elsewhere by the same name.
    void ownConversationsAreKnown() {
        const HistoryStore::Started started = m_store->startConversation("Mine");
        write(m_folder->filePath("mine.json"), exported(*m_store, ExportFormat::Json));
        Importing same(*m_store, ImportMode::Add);
        same.run({m_folder->filePath("mine.json")}, {});
        QCOMPARE(same.result().unchanged, 1);
        const QTemporaryDir folder;
        HistoryStore other = HistoryStore::open(folder.path());
        other.startConversation("Another");  // has the same number
        Importing moved(other, ImportMode::Add);
        moved.run({m_folder->filePath("mine.json")}, {});
        QCOMPARE(moved.result().conversations, 1);
        QCOMPARE(other.conversationRecord(2).source, m_store->conversationRecord(started.conversationId).source);
    }

    void markdown() {
        Importing importing(*m_store, ImportMode::Add);
        importing.run({kExamples + "/chatgpt.json"}, {});
        const QByteArray text = exported(*m_store, ExportFormat::Markdown);
        QVERIFY(text.startsWith("# Tides\n\n"));
        QVERIFY(text.contains("**You**\n\nWhy are there tides?\n\n**o-test**\n\n> *Thoughts*\n> \n> **Moon first**\n"));
        QVERIFY(text.contains("\n\nBecause of the Moon.\n\n"));
        QVERIFY(text.contains("```python\nprint(`1`)\n```\n"));
        QVERIFY(!text.contains("Gravity, mostly"));  // a branch that is not shown
        QVERIFY(text.contains("\n---\n\n# Half a surrogate"));
    }

    // Whatever is written in titles, names and messages, it is text in the page and nothing else.
    void pagesHoldTextAlone() {
        const QString evil = "\"'><script>alert(1)</script><img src=x onerror=y>&lt;&#60;</style></title>\x1b\x7f";
        ConversationRecord record;
        record.source = "x:1";
        record.title = evil;
        record.folder = QStringList{evil};
        record.settings.systemPrompt = evil;
        MessageRecord question;
        question.id = "1";
        question.text = evil + "\n\n```html\n" + evil + "\n```\n" + evil;
        MessageRecord reply = question;
        reply.id = "2";
        reply.parentId = "1";
        reply.author = Author::Assistant;
        reply.settings.checkpointName = evil;
        reply.text = "```thoughts\n" + evil + "\n```\n\n" + evil;
        record.messages = {question, reply};
        record.leafId = "2";
        QByteArray page;
        HtmlWriter writer([&page](const QByteArray& part) { page += part; });
        writer.begin(evil);
        writer.add(record);
        writer.end();
        const QString text = QString::fromUtf8(page);
        // All markup that there is, by its names and what follows them.
        static const QRegularExpression kTag(QStringLiteral("<(/?[a-z0-9!]+)([^<>]*)>"),
                                             QRegularExpression::CaseInsensitiveOption);
        const QStringList known{"!DOCTYPE", "html", "head",    "meta", "title",   "style",   "body", "article", "h1",
                                "h2",       "p",    "section", "time", "details", "summary", "pre",  "code"};
        const QStringList attributes{
            "",
            " html",
            " charset=\"utf-8\"",
            " class=\"about\"",
            " class=\"you\"",
            " dir=\"auto\"",
            " name=\"viewport\" content=\"width=device-width, initial-scale=1\"",
            " http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\""};
        QString rest = text;
        rest.remove(kTag);
        QVERIFY(!rest.contains('<'));
        auto tags = kTag.globalMatch(text);
        int count = 0;
        while (tags.hasNext()) {
            const QRegularExpressionMatch tag = tags.next();
            QString name = tag.captured(1);
            name.remove('/');
            QVERIFY2(known.contains(name), qPrintable(tag.captured()));
            QVERIFY2(attributes.contains(tag.captured(2)), qPrintable(tag.captured()));
            ++count;
        }
        QVERIFY(count > 30);
        QVERIFY(!page.contains("\x1b") && !page.contains("\x7f"));
        QVERIFY(!page.contains("http://") && !page.contains("https://") && !page.contains("url("));
        QVERIFY(page.contains("<details><summary>Thoughts</summary>"));
        QVERIFY(page.contains("<pre><code>&quot;&#39;&gt;&lt;script&gt;"));
    }

    void oneOrSome() {
        const qint64 first = m_store->startConversation("First").conversationId;
        const qint64 second = m_store->startConversation("Second").conversationId;
        QByteArray text;
        const WriteText write = [&text](const QByteArray& part) { text += part; };
        exportConversations(*m_store, {second, first}, ExportFormat::Markdown, {}, false, write, {});
        QVERIFY(text.indexOf("# Second") < text.indexOf("# First"));
        QVERIFY_EXCEPTION_THROWN(exportConversations(*m_store, {99}, ExportFormat::Json, {}, false, write, {}),
                                 HistoryError);
    }

private:
    // Folders that importing makes get the time of that, which is no part of what was exported.
    static QByteArray withoutFolderTimes(const QByteArray& json) {
        const qsizetype folders = json.indexOf("\"folders\": ");
        QString tail = QString::fromUtf8(json.mid(folders));
        static const QRegularExpression kTime(QStringLiteral("\"created_at\": \"[^\"]*\""));
        return json.left(folders) + tail.replace(kTime, "").toUtf8();
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<HistoryStore> m_store;
};

ALCOVE_TEST(TestExporting)
#include "test_exporting.moc"
