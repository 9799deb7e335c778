// The open conversation and its exchanges with the model, as QML sees them.
#pragma once

#include <functional>
#include <optional>

#include <QtCore/QDeadlineTimer>
#include <QtCore/QObject>
#include <QtQml/qqmlregistration.h>

#include "app/chat/draft_keeper.h"
#include "app/chat/draft_size.h"
#include "app/chat/open_conversation.h"
#include "app/exchange/exchange_queue.h"

namespace alcove {

class ConversationListModel;
class EngineThread;
class HistoryStore;
class NoticeListModel;
class RunningCheckpoint;
class SettingsController;

// GUI thread. One reply is made at a time; others wait in the order they were asked for. A reply belongs
// to its conversation and goes on when another one is opened. What a person sends is committed before
// anything else happens; a growing reply is saved once in each interval (setSaveIntervals) and at its end.
class ChatController : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("Made by the program")
    Q_PROPERTY(alcove::MessageListModel* messages READ messages CONSTANT)
    Q_PROPERTY(int conversationId READ conversationId NOTIFY conversationChanged)
    Q_PROPERTY(QString title READ title NOTIFY titleChanged)
    Q_PROPERTY(QString draft READ draft WRITE setDraft NOTIFY draftChanged)
    Q_PROPERTY(alcove::DraftSize* draftSize READ draftSize CONSTANT)
    Q_PROPERTY(State state READ state NOTIFY stateChanged)
    Q_PROPERTY(bool busy READ busy NOTIFY stateChanged)
    Q_PROPERTY(bool canSend READ canSend NOTIFY canSendChanged)
    Q_PROPERTY(bool canRegenerate READ canRegenerate NOTIFY canRegenerateChanged)
    Q_PROPERTY(bool canChange READ canChange NOTIFY canChangeChanged)
    Q_PROPERTY(double readingProgress READ readingProgress NOTIFY readingProgressChanged)
    Q_PROPERTY(double tokensPerSecond READ tokensPerSecond NOTIFY figuresChanged)
    Q_PROPERTY(int contextUsed READ contextUsed NOTIFY figuresChanged)
    Q_PROPERTY(int contextSize READ contextSize NOTIFY contextSizeChanged)

public:
    // Of the open conversation: the step of its exchange (see ExchangeStep), and Idle where there is none.
    enum State { Idle, WaitingForCheckpoint, Reading, Writing, Stopping };
    Q_ENUM(State)

    struct Parts {  // all must outlive the controller
        HistoryStore& store;
        EngineThread& engine;
        RunningCheckpoint& checkpoints;
        ConversationListModel& conversations;
        SettingsController& settings;
        NoticeListModel& notices;
    };

    explicit ChatController(const Parts& parts, QObject* parent = nullptr);
    ~ChatController() override;

    [[nodiscard]] MessageListModel* messages() { return &m_open.messages(); }
    [[nodiscard]] int conversationId() const { return static_cast<int>(m_open.id()); }
    [[nodiscard]] QString title() const;  // empty: a conversation that is not begun
    [[nodiscard]] QString draft() const { return m_draft; }
    [[nodiscard]] DraftSize* draftSize() { return &m_draftSize; }
    [[nodiscard]] State state() const { return m_shown.state; }
    [[nodiscard]] bool busy() const { return m_shown.state != Idle; }
    [[nodiscard]] bool canSend() const;
    [[nodiscard]] bool canRegenerate() const;
    // Another path may be shown, and messages be deleted: no reply is being made, and the history can be written.
    [[nodiscard]] bool canChange() const;
    [[nodiscard]] double readingProgress() const;
    [[nodiscard]] double tokensPerSecond() const;
    [[nodiscard]] int contextUsed() const { return m_open.contextUsed(); }
    [[nodiscard]] int contextSize() const;

    void setDraft(const QString& draft);
    // How long a growing reply or draft may stay unsaved.
    void setSaveIntervals(int replyMs, int draftMs);

    // Sends the draft, unless it is too long for the model: then it stays the draft, and draftSize says so.
    Q_INVOKABLE void submit();
    // Saves `text` and asks for a reply. False (and the text is the draft again) if it could not be saved
    // or is blank.
    Q_INVOKABLE bool send(const QString& text);
    Q_INVOKABLE void stop();
    // Makes the last reply anew; answers the last message if it has no reply.
    Q_INVOKABLE void regenerate();
    Q_INVOKABLE void regenerateReply(qint64 messageId);  // the same for any reply that is shown
    // Goes on with the last reply where it was stopped, cut or interrupted.
    Q_INVOKABLE void continueReply();
    // Another wording of a person's message, beside it, is answered. False if it is blank or could not be saved.
    Q_INVOKABLE bool editMessage(qint64 messageId, const QString& text);
    // Shows the sibling that many places after the message.
    Q_INVOKABLE void showSibling(qint64 messageId, int step);
    // Opens a copy of the path to the message as a conversation of its own.
    Q_INVOKABLE void fork(qint64 messageId);
    // The message and what follows it go to the bin; a notice offers to undo that.
    Q_INVOKABLE void removeMessage(qint64 messageId);
    Q_INVOKABLE void newConversation();
    Q_INVOKABLE void openConversation(int conversationId);
    // Opens the conversation on a path with this message; 0: on the one it was left on.
    void showMessage(qint64 conversationId, qint64 messageId);

    // Saves now what would be saved soon: drafts, and the reply that is being made as far as it is.
    void saveNow();
    // At the program's end: saves, stops the engine, waits for its last submission, and saves the end of the reply; or,
    // where that takes longer than `patience`, what there is of it.
    void close(QDeadlineTimer patience = QDeadlineTimer(QDeadlineTimer::Forever));

signals:
    void conversationChanged();
    void titleChanged();
    void draftChanged();
    void stateChanged();
    void canSendChanged();
    void canRegenerateChanged();
    void canChangeChanged();
    void readingProgressChanged();
    void figuresChanged();
    void contextSizeChanged();

private:
    struct Shown {  // as the signals last said
        State state = Idle;
        bool canSend = false;
        bool canRegenerate = false;
        bool canChange = false;
    };

    void followExchanges();
    void followCheckpoints();
    void followConversations();
    [[nodiscard]] bool isOpen(const Exchange& exchange) const { return exchange.conversationId() == m_open.id(); }
    void show(qint64 conversationId);
    void ask(const ReplyWish& wish);
    // Commits and shows a message that follows `parentId`, or what the path ends with, and asks for a reply.
    bool commit(const QString& text, std::optional<qint64> parentId);
    // Does `change` to the history and shows the path that the open conversation then has.
    bool changePath(const std::function<void()>& change);
    void restoreBranch(qint64 rootId, qint64 conversationId, qint64 leaf);
    void takeDraft(const QString& draft);
    void onProgress(const Exchange& exchange, const QString& text);
    void onEnded(const Exchange& exchange, bool reopenNeeded);
    void explainFailure(const Exchange& exchange, bool reopenNeeded);
    void onRemoved(qint64 conversationId);
    void update();
    void report(const QString& sentence);

    Parts m_parts;
    ExchangeQueue m_exchanges;
    DraftKeeper m_drafts;
    OpenConversation m_open;
    QString m_draft;
    DraftSize m_draftSize;
    Shown m_shown;
    qint64 m_lastRemoved = 0;  // was open when it was removed
};

}  // namespace alcove
