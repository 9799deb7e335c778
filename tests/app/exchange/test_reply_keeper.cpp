// When a reply is saved, and what happens when it cannot be.
#include <QSignalSpy>
#include <QTest>

#include "app/exchange/reply_keeper.h"
#include "tests/app/exchange/exchange_fixture.h"
#include "tests/rig/test_registry.h"

using namespace alcove;

struct KeeperFixture : ExchangeFixture {
    qint64 now = 5000;
    ReplyKeeper keeper{store, [this] { return now; }};
    QSignalSpy failures{&keeper, &ReplyKeeper::failed};

    qint64 begin(const QString& question) {
        conversation = store.startConversation(question).conversationId;
        return store.beginReply(conversation, {});
    }
    [[nodiscard]] QString lastText() const { return store.messages(conversation).last().text; }
};

namespace {

Message ended(qint64 id, const QString& text) {
    Message reply;
    reply.id = id;
    reply.text = text;
    reply.status = MessageStatus::Complete;
    return reply;
}

}  // namespace

// No event loop runs in these tests, so that the keeper's timer never fires and time is what a test says it is.
class TestReplyKeeper : public QObject {
    Q_OBJECT

private slots:
    void savesEachInterval() {
        KeeperFixture fixture;
        const qint64 id = fixture.begin("Go");
        fixture.keeper.grow(id, "one");
        fixture.now += 999;
        fixture.keeper.grow(id, "one two");
        QCOMPARE(fixture.lastText(), QString());
        fixture.now += 1;
        fixture.keeper.grow(id, "one two three");
        QCOMPARE(fixture.lastText(), QString("one two three"));
        QVERIFY(fixture.keeper.saved());
        fixture.now += 500;
        fixture.keeper.grow(id, "one two three four");  // unsaved from here on
        fixture.now += 999;
        fixture.keeper.grow(id, "one two three four five");
        QCOMPARE(fixture.lastText(), QString("one two three"));
        fixture.now += 1;
        fixture.keeper.grow(id, "one two three four five six");
        QCOMPARE(fixture.lastText(), QString("one two three four five six"));
        QCOMPARE(fixture.store.messages(fixture.conversation).last().status, MessageStatus::Writing);
    }

    void growingTextIsTriedAgainAfterAnInterval() {
        KeeperFixture fixture;
        const qint64 id = fixture.begin("Go");
        fixture.lock();
        fixture.keeper.grow(id, "one");
        fixture.now += 1000;
        fixture.keeper.grow(id, "one two");
        fixture.now += 10;
        fixture.keeper.grow(id, "one two three");
        QCOMPARE(fixture.failures.count(), 1);  // not with each token
        fixture.unlock();
        fixture.now += 990;
        fixture.keeper.grow(id, "one two three four");
        QCOMPARE(fixture.lastText(), QString("one two three four"));
        QVERIFY(fixture.keeper.saved());
    }

    void endsAreTriedAgain() {
        KeeperFixture fixture;
        const qint64 id = fixture.begin("Go");
        fixture.keeper.grow(id, "one");
        fixture.lock();
        fixture.keeper.finish(ended(id, "one two"));
        QCOMPARE(fixture.failures.count(), 1);
        QVERIFY(!fixture.failures[0][0].toString().isEmpty());
        QVERIFY(!fixture.keeper.saved());
        QVERIFY(!fixture.keeper.saveNow());
        QCOMPARE(fixture.failures.count(), 2);
        // What is not stored is laid over what is.
        QCOMPARE(fixture.keeper.newest(fixture.store.messages(fixture.conversation)).last().text, QString("one two"));
        fixture.unlock();
        QVERIFY(fixture.keeper.saveNow());
        const Message reply = fixture.store.messages(fixture.conversation).last();
        QCOMPARE(reply.text, QString("one two"));
        QCOMPARE(reply.status, MessageStatus::Complete);
    }

    void endsAreTriedAgainByItself() {
        KeeperFixture fixture;
        fixture.keeper.setInterval(1);
        const qint64 id = fixture.begin("Go");
        fixture.lock();
        fixture.keeper.finish(ended(id, "one two"));
        fixture.unlock();
        QTRY_VERIFY(fixture.keeper.saved());
        QCOMPARE(fixture.lastText(), QString("one two"));
    }

    void removalIsTriedAgain() {
        KeeperFixture fixture;
        const qint64 id = fixture.begin("Go");
        fixture.keeper.grow(id, "one");
        fixture.lock();
        fixture.keeper.remove(id);
        QCOMPARE(fixture.keeper.newest(fixture.store.messages(fixture.conversation)).size(), 1);
        fixture.unlock();
        QVERIFY(fixture.keeper.saveNow());
        QCOMPARE(fixture.stored(fixture.conversation), QStringList{"user: Go"});
    }

    void whatIsGoneNeedsNoKeeping() {
        KeeperFixture fixture;
        const qint64 id = fixture.begin("Go");
        fixture.store.removeReply(id);
        fixture.keeper.grow(id, "one");
        fixture.keeper.finish(ended(id, "one"));
        fixture.keeper.remove(id);
        QVERIFY(fixture.keeper.saved());
        QCOMPARE(fixture.failures.count(), 0);
    }
};

ALCOVE_TEST(TestReplyKeeper)
#include "test_reply_keeper.moc"
