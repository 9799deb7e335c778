// Random sequences of operations by two programs on one history, compared with a model of it in memory.
#include <map>
#include <optional>

#include <QRandomGenerator>
#include <QTemporaryDir>
#include <QTest>

#include "app/history/file/database.h"
#include "app/history/history_store.h"
#include "app/history/title.h"
#include "tests/rig/sample.h"
#include "tests/rig/test_registry.h"

using namespace alcove;

namespace {

constexpr int kPrograms = 2;
constexpr int kNobody = -1;

struct ModelMessage {
    Author author = Author::User;
    QString text;
    MessageStatus status = MessageStatus::Complete;
    int writer = kNobody;  // the program that has begun it
    bool isReply = false;  // it has settings and statistics
    int generatedTokens = 0;
    QString error = {};
};

struct ModelConversation {
    QString title;
    QDateTime updatedFrom, updatedTo;  // updatedAt is between these
    int deletedBy = kNobody;
    QString draft;
    std::map<qint64, ModelMessage> messages;
};

// What the history should hold, with the rules of history_store.h and none of its code.
struct Model {
    std::map<qint64, ModelConversation> conversations;
    QString draft;  // of the conversation that is not begun
    qint64 newestConversation = 0;
    qint64 newestMessage = 0;

    ModelConversation* conversationOf(qint64 message) {
        for (auto& [id, conversation] : conversations) {
            if (conversation.messages.count(message) != 0) {
                return &conversation;
            }
        }
        return nullptr;
    }

    void programEnds(int program) {
        for (auto it = conversations.begin(); it != conversations.end();) {
            it = it->second.deletedBy == program ? conversations.erase(it) : std::next(it);
        }
        for (auto& [id, conversation] : conversations) {
            for (auto it = conversation.messages.begin(); it != conversation.messages.end();) {
                ModelMessage& message = it->second;
                const bool unfinished = message.status == MessageStatus::Writing && message.writer == program;
                if (unfinished && message.text.isEmpty()) {
                    it = conversation.messages.erase(it);
                    continue;
                }
                message.status = unfinished ? MessageStatus::Interrupted : message.status;
                ++it;
            }
        }
    }
};

bool shown(const ModelMessage& message) {
    return message.status != MessageStatus::Interrupted || !message.text.isEmpty();
}

// Two programs, the model, and what is chosen at random.
class Session {
public:
    explicit Session(unsigned seed) : m_random(seed) {
        for (auto& store : m_stores) {
            store.emplace(HistoryStore::open(m_folder.path()));
        }
    }

    // What differs from the model, in words; empty if nothing does.
    QString step() {
        const int program = m_random.bounded(kPrograms);
        HistoryStore& store = *m_stores[program];
        const QDateTime before = QDateTime::currentDateTimeUtc();
        const qint64 conversation = anyConversation();
        const qint64 message = anyMessage();
        ModelConversation* of = find(conversation);
        ModelConversation* ofMessage = m_model.conversationOf(message);
        const auto touch = [&](ModelConversation& touched) {
            touched.updatedFrom = std::max(touched.updatedFrom, before);
            touched.updatedTo = QDateTime::currentDateTimeUtc();
        };
        const auto added = [&](ModelConversation& to, qint64 id, ModelMessage value) {
            const bool isNew = id > m_model.newestMessage;
            m_model.newestMessage = std::max(m_model.newestMessage, id);
            to.messages.emplace(id, std::move(value));
            touch(to);
            return isNew ? QString() : QStringLiteral("the id of a message comes back");
        };
        const auto begun = [&](qint64 id, const QString& title) {
            const bool isNew = id > m_model.newestConversation;
            m_model.newestConversation = std::max(m_model.newestConversation, id);
            ModelConversation value;
            value.title = title;
            touch(value);
            m_model.conversations.emplace(id, std::move(value));
            return isNew ? QString() : QStringLiteral("the id of a conversation comes back");
        };
        const QString written = anyText();
        const QString text = storableText(written);
        switch (m_random.bounded(12)) {
            case 0: {
                const HistoryStore::Started started = store.startConversation(written);
                const QString problem = begun(started.conversationId, conversationTitle(written));
                return problem +
                       added(*find(started.conversationId), started.messageId, {.author = Author::User, .text = text});
            }
            case 1: {
                const QString title = storableText(written.simplified());
                return begun(store.createConversation(written), title.isEmpty() ? conversationTitle({}) : title);
            }
            case 2: {
                const QString title = storableText(written.simplified());
                const bool exists = of != nullptr || title.isEmpty();
                return expect(
                    exists, [&] { store.renameConversation(conversation, written); },
                    [&] {
                        if (of != nullptr && !title.isEmpty()) {
                            of->title = title;
                        }
                    });
            }
            case 3:
                return expect(
                    of != nullptr, [&] { store.deleteConversation(conversation); }, [&] { of->deletedBy = program; });
            case 4:
                return expect(
                    of != nullptr, [&] { store.restoreConversation(conversation); }, [&] { of->deletedBy = kNobody; });
            case 5: {
                const bool isNew = of == nullptr || m_random.bounded(3) == 0;
                store.setDraft(isNew ? 0 : conversation, written);
                (isNew ? m_model.draft : of->draft) = written.isEmpty() ? QString() : text;
                return {};
            }
            case 6: {
                const Author author = m_random.bounded(2) == 0 ? Author::User : Author::Assistant;
                qint64 id = 0;
                QString problem;
                return expect(
                           of != nullptr, [&] { id = store.appendMessage(conversation, author, written); },
                           [&] { problem = added(*of, id, {.author = author, .text = text}); }) +
                       problem;
            }
            case 7:
            case 8: {
                qint64 id = 0;
                QString problem;
                return expect(
                           of != nullptr,
                           [&] {
                               id = store.beginReply(conversation, {QStringLiteral("tiny"), {}, {}, {}});
                           },
                           [&] {
                               problem = added(*of, id,
                                               {.author = Author::Assistant,
                                                .text = {},
                                                .status = MessageStatus::Writing,
                                                .writer = program,
                                                .isReply = true});
                           }) +
                       problem;
            }
            case 9: {
                const bool assistant = isAssistant(ofMessage, message);
                return expect(
                    assistant, [&] { store.updateReply(message, written); },
                    [&] { ofMessage->messages[message].text = text; });
            }
            case 10: {
                const bool reply = isAssistant(ofMessage, message) && ofMessage->messages[message].isReply;
                const MessageStatus ends[] = {MessageStatus::Complete, MessageStatus::Stopped, MessageStatus::Failed,
                                              MessageStatus::Interrupted};
                const MessageStatus status = ends[m_random.bounded(4)];
                ReplyStatistics statistics;
                statistics.generatedTokens = m_random.bounded(100);
                return expect(
                    reply, [&] { store.finishReply(message, written, status, statistics, written); },
                    [&] {
                        ModelMessage& ended = ofMessage->messages[message];
                        ended.text = text;
                        ended.status = status;
                        ended.writer = kNobody;
                        ended.generatedTokens = statistics.generatedTokens;
                        ended.error = text;
                        touch(*ofMessage);
                    });
            }
            default: {
                if (m_random.bounded(2) == 0) {
                    return expect(
                        isAssistant(ofMessage, message), [&] { store.removeReply(message); },
                        [&] { ofMessage->messages.erase(message); });
                }
                m_stores[program].reset();
                m_model.programEnds(program);
                m_stores[program].emplace(HistoryStore::open(m_folder.path()));
                return m_stores[program]->report().state == OpenReport::State::Opened
                           ? QString()
                           : QStringLiteral("it does not open: ") + m_stores[program]->report().sentence;
            }
        }
    }

    [[nodiscard]] QString difference() const {
        for (const auto& store : m_stores) {
            if (const QString found = difference(*store); !found.isEmpty()) {
                return found;
            }
        }
        return {};
    }

private:
    ModelConversation* find(qint64 id) {
        const auto found = m_model.conversations.find(id);
        return found == m_model.conversations.end() ? nullptr : &found->second;
    }

    static bool isAssistant(const ModelConversation* conversation, qint64 message) {
        return conversation != nullptr && conversation->messages.at(message).author == Author::Assistant;
    }

    // `action` either succeeds, and the model follows, or says that there is no such thing, and nothing changes.
    static QString expect(bool possible, const std::function<void()>& action, const std::function<void()>& follow) {
        try {
            action();
        } catch (const HistoryError& error) {
            return possible || error.kind() != HistoryError::Kind::NotFound ? error.sentence() : QString();
        }
        if (!possible) {
            return QStringLiteral("what is not there was changed");
        }
        follow();
        return {};
    }

    // Most times one that is there.
    qint64 anyConversation() {
        if (m_model.conversations.empty() || m_random.bounded(10) == 0) {
            return m_random.bounded(100);
        }
        return std::next(m_model.conversations.begin(), m_random.bounded(int(m_model.conversations.size())))->first;
    }
    qint64 anyMessage() {
        const ModelConversation* conversation = find(anyConversation());
        if (conversation == nullptr || conversation->messages.empty() || m_random.bounded(10) == 0) {
            return m_random.bounded(1000);
        }
        return std::next(conversation->messages.begin(), m_random.bounded(int(conversation->messages.size())))->first;
    }
    QString anyText() {
        static const QStringList kParts{QString(),
                                        QStringLiteral("word "),
                                        QStringLiteral("\n"),
                                        QString::fromUtf8("wörter 你好 🦙 "),
                                        QString(QChar(0xd800)),
                                        QString(QChar(u'\0')),
                                        QStringLiteral("'; DROP TABLE messages; --")};
        const int sizes[] = {1, 1, 3, 40, 900};
        QString text;
        for (int i = m_random.bounded(4); i > 0; --i) {
            text += kParts[m_random.bounded(int(kParts.size()))].repeated(sizes[m_random.bounded(5)]);
        }
        return text;
    }

    [[nodiscard]] QString difference(const HistoryStore& store) const {
        const QList<ConversationSummary> listed = store.conversations();
        qsizetype expected = 0;
        for (const auto& [id, conversation] : m_model.conversations) {
            expected += conversation.deletedBy == kNobody ? 1 : 0;
            if (const QString found = difference(store, id, conversation); !found.isEmpty()) {
                return QStringLiteral("conversation %1: ").arg(id) + found;
            }
        }
        for (qsizetype i = 0; i < listed.size(); ++i) {
            const auto found = m_model.conversations.find(listed[i].id);
            if (found == m_model.conversations.end() || found->second.deletedBy != kNobody) {
                return QStringLiteral("a conversation is listed that is deleted");
            }
            const ModelConversation& model = found->second;
            QString preview;
            for (const auto& [id, message] : model.messages) {
                preview = message.text.isEmpty() ? preview : message.text.left(300).simplified().left(160);
            }
            if (listed[i].title != model.title || listed[i].preview != preview) {
                return QStringLiteral("another title or preview: ") + listed[i].title;
            }
            if (listed[i].updatedAt < model.updatedFrom.addMSecs(-1) || listed[i].updatedAt > model.updatedTo) {
                return QStringLiteral("another time: ") + listed[i].title;
            }
            if (i > 0 &&
                std::pair(listed[i - 1].updatedAt, listed[i - 1].id) <= std::pair(listed[i].updatedAt, listed[i].id)) {
                return QStringLiteral("the order is another one");
            }
        }
        if (store.draft(0) != m_model.draft) {
            return QStringLiteral("the draft is another one");
        }
        return listed.size() == expected ? QString() : QStringLiteral("conversations are missing");
    }

    static QString difference(const HistoryStore& store, qint64 id, const ModelConversation& model) {
        if (store.draft(id) != model.draft) {
            return QStringLiteral("the draft is another one");
        }
        const QList<Message> messages = store.messages(id);
        qsizetype at = 0;
        for (const auto& [messageId, expected] : model.messages) {
            if (!shown(expected)) {
                continue;
            }
            if (at == messages.size() || messages[at].id != messageId) {
                return QStringLiteral("message %1 is missing").arg(messageId);
            }
            const Message& message = messages[at++];
            if (message.text != expected.text || message.author != expected.author ||
                message.status != expected.status || message.error != expected.error ||
                message.statistics.generatedTokens != expected.generatedTokens ||
                message.settings.checkpointName != (expected.isReply ? QStringLiteral("tiny") : QString())) {
                return QStringLiteral("message %1 is another one").arg(messageId);
            }
        }
        return at == messages.size() ? QString() : QStringLiteral("there are more messages");
    }

    QTemporaryDir m_folder;
    std::optional<HistoryStore> m_stores[kPrograms];
    Model m_model;
    QRandomGenerator m_random;
};

}  // namespace

class TestHistoryModel : public QObject {
    Q_OBJECT

private slots:
    void doesWhatTheModelDoes() {
        constexpr unsigned kSeeds = 200;
        constexpr int kSteps = 150;
        tests::Sample sample(50);
        for (unsigned seed = 0; seed < kSeeds; ++seed) {
            if (!sample.takes()) {
                continue;
            }
            Session session(seed);
            for (int step = 0; step < kSteps; ++step) {
                QString problem = session.step();
                if (problem.isEmpty() && (step % 10 == 9 || seed % 10 == 0)) {
                    problem = session.difference();
                }
                QVERIFY2(problem.isEmpty(),
                         qPrintable(QStringLiteral("seed %1, step %2: %3").arg(seed).arg(step).arg(problem)));
            }
        }
    }
};

ALCOVE_TEST(TestHistoryModel)
#include "test_history_model.moc"
