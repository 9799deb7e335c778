// Finding in the open conversation.
#pragma once

#include <QtCore/QObject>
#include <QtCore/QTimer>
#include <QtQml/qqmlregistration.h>

#include "app/search/search_thread.h"

namespace alcove {

class ChatController;
class MessageListModel;

// GUI thread. All texts of the messages shown are looked through beside it; a match is the message, and which one of it
// it is.
class FindController : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("Made by the program")
    Q_PROPERTY(bool open READ open WRITE setOpen NOTIFY openChanged)
    Q_PROPERTY(QString text READ text WRITE setText NOTIFY textChanged)
    Q_PROPERTY(int count READ count NOTIFY matchesChanged)
    Q_PROPERTY(int current READ current NOTIFY matchesChanged)  // from 1 on; 0: there is none
    Q_PROPERTY(bool busy READ busy NOTIFY matchesChanged)
    Q_PROPERTY(QString problem READ problem NOTIFY matchesChanged)

public:
    // Both must outlive it.
    FindController(SearchThread& search, ChatController& chat, QObject* parent = nullptr);

    [[nodiscard]] bool open() const { return m_open; }
    void setOpen(bool open);
    [[nodiscard]] QString text() const { return m_text; }
    void setText(const QString& text);
    [[nodiscard]] int count() const { return static_cast<int>(m_matches.size()); }
    [[nodiscard]] int current() const { return m_current + 1; }
    [[nodiscard]] bool busy() const { return m_request != 0; }
    [[nodiscard]] QString problem() const { return m_problem; }

    // Around the ends.
    Q_INVOKABLE void next();
    Q_INVOKABLE void previous();

    // Shows a message that search has found, on its branch, and there what it has found at this place in its text (see
    // SearchModel).
    Q_INVOKABLE void showFound(int conversationId, int messageId, int foundAt, const QString& foundText);

signals:
    void openChanged();
    void textChanged();
    void matchesChanged();
    // The view goes to a row; `text`, if not empty, is marked where it stands in its message for the `ordinal`-th time,
    // from 0 on.
    void shown(int row, const QString& text, int ordinal);

private:
    void ask();
    void onMatched(quint64 request, const QList<MessageMatch>& matches);
    void go(int current);

    SearchThread& m_search;
    ChatController& m_chat;
    MessageListModel& m_messages;
    bool m_open = false;
    QString m_text;
    QList<MessageMatch> m_matches;
    int m_current = -1;
    quint64 m_request = 0;
    QString m_problem;
    QTimer m_again;
};

}  // namespace alcove
