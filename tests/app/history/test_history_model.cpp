// Random sequences of operations by two programs on one history, compared with a model of it in memory.
#include <algorithm>
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
    qint64 parent = 0;
    qint64 binnedRoot = 0;  // 0: not in the bin
};

struct ModelConversation {
    QString title;
    QDateTime updatedFrom, updatedTo;  // updatedAt is between these
    int deletedBy = kNobody;
    QString draft;
    std::map<qint64, ModelMessage> messages;
    qint64 leaf = 0;

    [[nodiscard]] bool shown(qint64 id) const {
        const auto found = messages.find(id);
        return found != messages.end() && found->second.binnedRoot == 0 &&
               (found->second.status != MessageStatus::Interrupted || !found->second.text.isEmpty());
    }
    // The parent in the file, or the message before where that is unknown.
    [[nodiscard]] qint64 fileParent(qint64 id) const {
        const qint64 parent = messages.at(id).parent;
        if (parent == 0 || messages.count(parent) != 0) {
            return parent;
        }
        const auto at = messages.find(id);
        return at == messages.begin() ? 0 : std::prev(at)->first;
    }
    [[nodiscard]] qint64 parent(qint64 id) const {
        qint64 above = fileParent(id);
        while (above != 0 && !shown(above)) {
            above = fileParent(above);
        }
        return above;
    }
    [[nodiscard]] QList<qint64> children(qint64 of) const {
        QList<qint64> found;
        for (const auto& [id, message] : messages) {
            if (shown(id) && parent(id) == of) {
                found << id;
            }
        }
        return found;
    }
    [[nodiscard]] qint64 newestEnd(qint64 id) const {
        qint64 end = 0;
        const QList<qint64> below = children(id);
        for (const qint64 child : below) {
            end = std::max(end, newestEnd(child));
        }
        return below.isEmpty() ? id : end;
    }
    [[nodiscard]] qint64 end() const {
        if (shown(leaf)) {
            return leaf;
        }
        const qint64 above = messages.count(leaf) != 0 ? parent(leaf) : 0;
        return above != 0 ? above : newestEnd(0);
    }
    [[nodiscard]] QList<qint64> path(qint64 to) const {
        QList<qint64> path;
        for (; to != 0; to = parent(to)) {
            path.prepend(to);
        }
        return path;
    }
    void bin(qint64 root) {
        if (path(end()).contains(root)) {
            const QList<qint64> siblings = children(parent(root));
            const qsizetype at = siblings.indexOf(root);
            leaf = siblings.size() == 1 ? parent(root) : newestEnd(siblings[at > 0 ? at - 1 : 1]);
        }
        for (auto& [id, message] : messages) {
            qint64 above = id;
            while (above != 0 && above != root) {
                above = fileParent(above);
            }
            if (above == root && message.binnedRoot == 0) {
                message.binnedRoot = root;
            }
        }
    }
    void removeEmpty(qint64 id) {
        const qint64 above = messages.at(id).parent;
        messages.erase(id);
        for (auto& [other, message] : messages) {
            message.parent = message.parent == id ? above : message.parent;
        }
        leaf = leaf == id ? above : leaf;
    }
    void store(qint64 id, const QString& text) {
        ModelMessage& message = messages.at(id);
        const bool followed = std::any_of(messages.begin(), messages.end(),
                                          [id](const auto& other) { return other.second.parent == id; });
        if (message.text.trimmed().isEmpty() && !text.trimmed().isEmpty() && message.binnedRoot == 0 && !followed) {
            leaf = id;
        }
        message.text = text;
    }
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
            QList<qint64> empty;
            for (auto& [messageId, message] : conversation.messages) {
                if (message.status == MessageStatus::Writing && message.writer == program) {
                    if (message.text.isEmpty()) {
                        empty << messageId;
                    } else {
                        message.status = MessageStatus::Interrupted;
                    }
                }
            }
            for (const qint64 messageId : std::as_const(empty)) {
                conversation.removeEmpty(messageId);
            }
        }
    }
};

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
        switch (m_random.bounded(17)) {
            case 0: {
                const HistoryStore::Started started = store.startConversation(written);
                const QString problem = begun(started.conversationId, conversationTitle(written));
                find(started.conversationId)->leaf = started.messageId;
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
                const std::optional<qint64> parent = anyParent(of, message);
                qint64 id = 0;
                QString problem;
                return expect(
                           of != nullptr && canBeParent(*of, parent),
                           [&] { id = store.appendMessage(conversation, author, written, parent); },
                           [&] {
                               const qint64 above = parent ? *parent : placeAtEnd(*of);
                               problem = added(*of, id, {.author = author, .text = text, .parent = above});
                               of->leaf = id;
                           }) +
                       problem;
            }
            case 7:
            case 8: {
                const std::optional<qint64> parent = anyParent(of, message);
                qint64 id = 0;
                QString problem;
                return expect(
                           of != nullptr && canBeParent(*of, parent),
                           [&] {
                               id = store.beginReply(conversation, {QStringLiteral("tiny"), {}, {}, {}}, parent);
                           },
                           [&] {
                               const qint64 end = placeAtEnd(*of);
                               problem = added(*of, id,
                                               {.author = Author::Assistant,
                                                .text = {},
                                                .status = MessageStatus::Writing,
                                                .writer = program,
                                                .isReply = true,
                                                .parent = parent ? *parent : end});
                               of->leaf = !parent || *parent == end ? id : of->leaf;
                           }) +
                       problem;
            }
            case 12: {
                const bool possible = ofMessage != nullptr && ofMessage->shown(message);
                return expect(
                    possible, [&] { store.showMessage(message); },
                    [&] {
                        if (!ofMessage->path(ofMessage->end()).contains(message)) {
                            ofMessage->leaf = ofMessage->newestEnd(message);
                        }
                    });
            }
            case 13:
                return expect(
                    ofMessage != nullptr && ofMessage->shown(message), [&] { store.binBranch(message); },
                    [&] { ofMessage->bin(message); });
            case 14: {
                const bool possible =
                    ofMessage != nullptr &&
                    std::any_of(ofMessage->messages.begin(), ofMessage->messages.end(),
                                [&](const auto& entry) { return entry.second.binnedRoot == message; });
                return expect(
                    possible, [&] { store.restoreBranch(message); },
                    [&] {
                        for (auto& [id, one] : ofMessage->messages) {
                            one.binnedRoot = one.binnedRoot == message ? 0 : one.binnedRoot;
                        }
                        ofMessage->leaf = ofMessage->shown(message) ? ofMessage->newestEnd(message) : ofMessage->leaf;
                    });
            }
            case 15: {
                if (ofMessage == nullptr || m_random.bounded(3) != 0) {
                    return {};
                }
                if (m_random.bounded(4) == 0) {
                    store.eraseBinned(QDateTime::currentDateTimeUtc().addSecs(1));
                    for (auto& [id, one] : m_model.conversations) {
                        for (auto it = one.messages.begin(); it != one.messages.end();) {
                            it = it->second.binnedRoot != 0 ? one.messages.erase(it) : std::next(it);
                        }
                    }
                    return {};
                }
                const QString title = ofMessage->title + QStringLiteral(" (branch)");
                qint64 fork = 0;
                QString problem;
                return expect(
                           ofMessage->shown(message), [&] { fork = store.fork(message); },
                           [&] {
                               const QList<qint64> path = ofMessage->path(message);
                               const ModelConversation from = *ofMessage;
                               problem = begun(fork, title);
                               ModelConversation& copy = *find(fork);
                               for (const qint64 id : path) {
                                   ModelMessage value = from.messages.at(id);
                                   value.status =
                                       value.status == MessageStatus::Writing ? MessageStatus::Stopped : value.status;
                                   value.writer = kNobody;
                                   value.parent = copy.leaf;
                                   copy.leaf = ++m_model.newestMessage;
                                   copy.messages.emplace(copy.leaf, value);
                               }
                           }) +
                       problem;
            }
            case 9: {
                const bool assistant = isAssistant(ofMessage, message);
                return expect(
                    assistant, [&] { store.updateReply(message, written); }, [&] { ofMessage->store(message, text); });
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
                        ofMessage->store(message, text);
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
                        isAssistant(ofMessage, message) && ofMessage->messages[message].text.trimmed().isEmpty(),
                        [&] { store.removeReply(message); }, [&] { ofMessage->removeEmpty(message); });
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

    std::optional<qint64> anyParent(const ModelConversation* of, qint64 message) {
        const int which = m_random.bounded(4);
        if (which == 0) {
            return 0;
        }
        return which == 1 || of == nullptr ? std::nullopt : std::optional<qint64>(message);
    }
    static bool canBeParent(const ModelConversation& of, std::optional<qint64> parent) {
        const auto found = parent ? of.messages.find(*parent) : of.messages.end();
        return !parent || *parent == 0 || (found != of.messages.end() && found->second.binnedRoot == 0);
    }
    // A hidden reply at the end is still what comes before.
    static qint64 placeAtEnd(const ModelConversation& of) {
        return of.messages.count(of.leaf) != 0 && of.messages.at(of.leaf).binnedRoot == 0 ? of.leaf : of.end();
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
                if (!message.text.isEmpty() && message.binnedRoot == 0) {
                    preview = message.text;
                }
            }
            if (const auto leaf = model.messages.find(model.leaf);
                leaf != model.messages.end() && leaf->second.binnedRoot == 0 && !leaf->second.text.isEmpty()) {
                preview = leaf->second.text;
            }
            preview = preview.left(300).simplified().left(160);
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
        if (const QString found = difference(store.messages(id), model.path(model.end()), model); !found.isEmpty()) {
            return found;
        }
        QList<qint64> all;
        for (const auto& [messageId, message] : model.messages) {
            if (model.shown(messageId)) {
                all << messageId;
            }
        }
        QList<Message> read;
        store.eachMessage(id, [&read](const Message& message) {
            read << message;
            return true;
        });
        return difference(read, all, model);
    }

    static QString difference(const QList<Message>& messages, const QList<qint64>& ids,
                              const ModelConversation& model) {
        for (qsizetype i = 0; i < ids.size(); ++i) {
            if (i == messages.size() || messages[i].id != ids[i]) {
                return QStringLiteral("message %1 is missing").arg(ids[i]);
            }
            const Message& message = messages[i];
            const ModelMessage& expected = model.messages.at(ids[i]);
            const QList<qint64> siblings = model.children(model.parent(ids[i]));
            if (message.text != expected.text || message.author != expected.author ||
                message.status != expected.status || message.error != expected.error ||
                message.statistics.generatedTokens != expected.generatedTokens ||
                message.settings.checkpointName != (expected.isReply ? QStringLiteral("tiny") : QString()) ||
                message.parentId != model.parent(ids[i]) || message.siblingIndex != siblings.indexOf(ids[i]) ||
                message.siblingCount != siblings.size()) {
                return QStringLiteral("message %1 is another one").arg(ids[i]);
            }
        }
        return messages.size() == ids.size() ? QString() : QStringLiteral("there are more messages");
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
