#include "tests/ui/text_turns.h"

#include <QtCore/QElapsedTimer>
#include <QtGui/QTextDocument>
#include <QtTest/QTest>

#include "app/chat/block_document.h"
#include "tests/rig/awkward_texts.h"

namespace alcove {
namespace {

constexpr int kSettledTurns = 30;
constexpr int kTurnMs = 4;  // pauses between the turns, so that timers come
constexpr int kLongestMs = 60'000;

}  // namespace

QString TextTurns::text(const QString& name, int characters) const {
    for (const AwkwardText& awkward : awkwardTexts()) {
        if (name == awkward.name)
            return awkward.make(characters);
    }
    qFatal("There is no text %s.", qPrintable(name));
}

QVariantMap TextTurns::open(const QString& text, bool fromUser) {
    Application& application = *m_fixture->application();
    const qint64 id = application.store().createConversation("text");
    if (!fromUser)
        application.store().appendMessage(id, Author::User, "Hi");
    application.store().appendMessage(id, fromUser ? Author::User : Author::Assistant, text);
    return turns([&application, id, opened = false]() mutable {
        if (!std::exchange(opened, true))
            application.chat()->openConversation(static_cast<int>(id));
        return false;
    });
}

QVariantMap TextTurns::grow(const QString& text, int piece) {
    open("Hi", true);
    MessageListModel& messages = *m_fixture->application()->chat()->messages();
    Message reply;
    reply.id = 1'000'000;
    reply.author = Author::Assistant;
    reply.status = MessageStatus::Writing;
    messages.add(reply);
    const QVariantMap most = turns([&messages, &text, &reply, piece, at = qsizetype(0)]() mutable {
        messages.appendText(reply.id, text.mid(at, piece));
        at += piece;
        return at < text.size();
    });
    messages.finishReply(reply.id, MessageListModel::Status::Complete, {}, {});
    return most;
}

QVariantMap TextTurns::turns(const std::function<bool()>& step) {
    BlockDocument::Work most;
    int mostChanges = 0;
    bool going = true;
    QElapsedTimer total;
    total.start();
    for (int settled = 0; settled < kSettledTurns && total.elapsed() < kLongestMs; ++settled) {
        const BlockDocument::Work before = BlockDocument::work();
        m_changes = 0;
        going = going && step();
        QCoreApplication::processEvents();
        const BlockDocument::Work& now = BlockDocument::work();
        most.characters = std::max(most.characters, now.characters - before.characters);
        most.written = std::max(most.written, now.written - before.written);
        mostChanges = std::max(mostChanges, m_changes);
        if (going || now.written + now.extended != before.written + before.extended)
            settled = 0;
        followDocuments();
        QTest::qSleep(kTurnMs);
    }
    return {{"characters", most.characters},
            {"written", most.written},
            {"changes", mostChanges},
            {"blocks", m_fixture->count("userText") + m_fixture->count("replyText") + m_fixture->count("codeText")}};
}

void TextTurns::followDocuments() {
    for (QTextDocument* document : m_fixture->window()->findChildren<QTextDocument*>()) {
        if (m_followed.contains(document))
            continue;
        m_followed.insert(document);
        connect(document, &QTextDocument::contentsChange, this, [this] { ++m_changes; });
        connect(document, &QObject::destroyed, this, [this, document] { m_followed.remove(document); });
    }
}

}  // namespace alcove
