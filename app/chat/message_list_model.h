// The messages of the open conversation.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include <QtCore/QAbstractListModel>
#include <QtCore/QDateTime>
#include <QtQml/qqmlregistration.h>

#include "app/chat/message_block_model.h"
#include "app/chat/turn_budget.h"
#include "app/history/records.h"

namespace alcove {

// GUI thread. A change says which row and which roles it touched, and nothing else.
class MessageListModel : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("Made by the program")
    Q_PROPERTY(int count READ count NOTIFY countChanged)

public:
    enum Role {
        MessageIdRole = Qt::UserRole + 1,
        AuthorRole,
        TextRole,
        HasTextRole,
        BeginningRole,  // of the text, on one line: what a screen reader says of the whole message
        BlocksRole,
        StatusRole,
        ErrorTextRole,
        CheckpointNameRole,
        TokensPerSecondRole,
        CreatedAtRole,
        IsLastRole,
        MemoryStartsHereRole,
        SiblingIndexRole,
        SiblingCountRole,
        CanContinueRole,  // the last message, a reply that did not come to its end
        SwitchedToRole,   // the checkpoint's name, of a reply that another one made than the reply before; else empty
        CutOffRole        // why a whole reply ends early: "maxTokens", "contextFull"; else empty
    };

    // What a row can be beyond what the history stores.
    enum class Status { Complete, Waiting, Reading, Writing, Stopped, Failed, Interrupted };

    // A reply that is asked for and not begun: nothing of it is stored, so it has no id of its own.
    static constexpr qint64 kWaitingId = 0;

    explicit MessageListModel(QObject* parent = nullptr);
    ~MessageListModel() override;

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QHash<int, QByteArray> roleNames() const override;
    [[nodiscard]] int count() const { return static_cast<int>(m_rows.size()); }

    // The whole text of a message; empty if there is no such row, or it cannot be read.
    Q_INVOKABLE QString text(int row) const;
    // The text of the newest reply that has any; empty if there is none, or it cannot be read.
    Q_INVOKABLE QString lastReply() const;

    // Returns the whole text of a message of which only the beginning was read; empty if that fails.
    using ReadText = std::function<QString(qint64 messageId)>;
    void setReadText(ReadText readText) { m_readText = std::move(readText); }
    // The whole text of a message of which only the beginning was read.
    void complete(qint64 messageId, const QString& text);

    void reset(const QList<Message>& messages);
    // The same for another path through the same conversation: rows that both have stay as they are. How many they are.
    qsizetype change(const QList<Message>& messages);

    // Above a waiting reply, if there is one.
    void add(const Message& message);
    void addWaitingReply();
    // The waiting reply is being made now; it follows on its parent.
    void beginReply(const Message& reply);
    // The reply is gone on with from what it is.
    void resumeReply(const Message& reply);
    // The message and all rows after it.
    void removeFrom(qint64 messageId);

    // Each ignores ids that are not here: the conversation may have been switched.
    void appendText(qint64 messageId, const QString& piece);
    void setStatus(qint64 messageId, Status status);
    void finishReply(qint64 messageId, Status status, const QString& errorText, const ReplyStatistics& statistics);
    void setMemoryStart(qint64 messageId);  // 0: the model remembers everything

    [[nodiscard]] int rowOf(qint64 messageId) const;  // -1: it is not here
    [[nodiscard]] bool has(qint64 messageId) const { return rowOf(messageId) >= 0; }
    [[nodiscard]] bool hasWaitingReply() const;
    // Null if it is not here.
    [[nodiscard]] const Message* message(qint64 messageId) const;
    [[nodiscard]] bool canContinue() const;  // with the last message
    // The newest message; null if there is none.
    [[nodiscard]] const Message* last() const;
    [[nodiscard]] double newestSpeed() const;

signals:
    void countChanged();

private:
    struct Row {
        Message message;
        Status status = Status::Complete;
        mutable std::unique_ptr<MessageBlockModel> blocks;  // made when it is first looked at
    };

    static Row rowFor(const Message& message);
    [[nodiscard]] QString switchedTo(int row) const;
    [[nodiscard]] MessageBlockModel* blocksOf(const Row& row) const;
    [[nodiscard]] QString wholeText(const Message& message) const;
    [[nodiscard]] bool canContinue(int row) const;
    void insert(int row, const Message& message, Status status);
    void removeRows(int first, int end);
    void changed(int row, const QList<int>& roles);
    void lastChanged(int row);

    mutable TurnBudget m_budget;  // for all messages together
    std::vector<Row> m_rows;
    qint64 m_memoryStart = 0;
    ReadText m_readText;
};

}  // namespace alcove
