// The conversation that is open, and the replies that are being made: the window's state machine.
#pragma once

#include <optional>

#include <QtCore/QHash>
#include <QtCore/QObject>
#include <QtCore/QTimer>
#include <QtQml/qqmlregistration.h>

#include "app/chat/message_list_model.h"
#include "app/exchange/reply_in_progress.h"
#include "app/exchange/reply_keeper.h"
#include "app/exchange/waiting_replies.h"

namespace alcove {

class ConversationListModel;
class EngineThread;
class HistoryStore;
class NoticeListModel;
class RunningCheckpoint;
class SettingsController;

// GUI thread. One reply is made at a time; others wait in the order they were asked for. A reply belongs
// to its conversation and goes on when another one is opened. What a person sends is committed before
// anything else happens; a reply is saved every saveInterval and at its end.
class ChatController : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("Made by the program")
    Q_PROPERTY(alcove::MessageListModel* messages READ messages CONSTANT)
    Q_PROPERTY(int conversationId READ conversationId NOTIFY conversationChanged)
    Q_PROPERTY(QString title READ title NOTIFY titleChanged)
    Q_PROPERTY(QString draft READ draft WRITE setDraft NOTIFY draftChanged)
    Q_PROPERTY(State state READ state NOTIFY stateChanged)
    Q_PROPERTY(bool busy READ busy NOTIFY stateChanged)
    Q_PROPERTY(bool canSend READ canSend NOTIFY canSendChanged)
    Q_PROPERTY(bool canRegenerate READ canRegenerate NOTIFY canRegenerateChanged)
    Q_PROPERTY(double readingProgress READ readingProgress NOTIFY readingProgressChanged)
    Q_PROPERTY(double tokensPerSecond READ tokensPerSecond NOTIFY figuresChanged)
    Q_PROPERTY(int contextUsed READ contextUsed NOTIFY figuresChanged)
    Q_PROPERTY(int contextSize READ contextSize NOTIFY contextSizeChanged)

public:
    // Of the open conversation. WaitingForCheckpoint: a reply is asked for and cannot begin yet, because
    // no checkpoint is ready or another conversation's reply is being made.
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

    [[nodiscard]] MessageListModel* messages() { return &m_messages; }
    [[nodiscard]] int conversationId() const { return static_cast<int>(m_conversationId); }
    [[nodiscard]] QString title() const;  // empty: a conversation that is not begun
    [[nodiscard]] QString draft() const { return m_draft; }
    [[nodiscard]] State state() const { return m_state; }
    [[nodiscard]] bool busy() const { return m_state != Idle; }
    [[nodiscard]] bool canSend() const;
    [[nodiscard]] bool canRegenerate() const;
    [[nodiscard]] double readingProgress() const;
    [[nodiscard]] double tokensPerSecond() const;
    [[nodiscard]] int contextUsed() const;
    [[nodiscard]] int contextSize() const;

    void setDraft(const QString& draft);
    // How long a growing reply or draft may stay unsaved.
    void setSaveIntervals(int replyMs, int draftMs);

    // Saves `text` and asks for a reply. False (and the text is the draft again) if it could not be saved
    // or is blank.
    Q_INVOKABLE bool send(const QString& text);
    Q_INVOKABLE void stop();
    // Makes the last reply anew; answers the last message if it has no reply.
    Q_INVOKABLE void regenerate();
    Q_INVOKABLE void newConversation();
    Q_INVOKABLE void openConversation(int conversationId);

    // At the program's end: stops the engine, waits for its last submission, and saves what there is.
    void close();

signals:
    void conversationChanged();
    void titleChanged();
    void draftChanged();
    void stateChanged();
    void canSendChanged();
    void canRegenerateChanged();
    void readingProgressChanged();
    void figuresChanged();
    void contextSizeChanged();

private:
    void show(qint64 conversationId);
    void ask(qint64 conversationId, qint64 replacedId);
    void beginNext();
    bool begin(const WaitingReply& waiting);
    void cancelWaiting(qint64 conversationId);

    void onProgress(quint64 id, const GenerationProgress& progress);
    void onFinished(quint64 id, const GenerationOutcome& outcome);
    void onFailed(quint64 id, const QString& sentence, bool reopenNeeded);
    void end(MessageStatus status, const QString& error);
    void saveDraft();
    void onRemoved(qint64 conversationId);
    void update();
    void report(const QString& sentence);

    Parts m_parts;
    MessageListModel m_messages;
    qint64 m_conversationId = 0;
    QString m_draft;
    bool m_draftUnsaved = false;
    State m_state = Idle;
    bool m_canSend = false;
    bool m_canRegenerate = false;
    bool m_closed = false;

    WaitingReplies m_waiting;
    std::optional<ReplyInProgress> m_active;
    ReplyKeeper m_replies;
    QHash<qint64, int> m_contextUsed;  // by conversation
    qint64 m_lastRemoved = 0;          // was open when it was removed

    QTimer m_draftTimer;
};

}  // namespace alcove
