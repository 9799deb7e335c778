// What is typed and not sent yet, kept in the history for each conversation.
#pragma once

#include <QtCore/QHash>
#include <QtCore/QObject>
#include <QtCore/QTimer>

namespace alcove {

class HistoryStore;

// GUI thread. A draft that could not be saved is tried again after each interval until it is; a history that cannot be
// written keeps drafts in memory alone.
class DraftKeeper : public QObject {
    Q_OBJECT

public:
    explicit DraftKeeper(HistoryStore& store, QObject* parent = nullptr);  // `store` must outlive it

    // How long a draft may stay unsaved.
    void setInterval(int ms) { m_timer.setInterval(ms); }

    // The newest one, saved or not. Id 0: of the conversation that is not begun. Throws HistoryError.
    [[nodiscard]] QString draft(qint64 conversationId) const;
    void set(qint64 conversationId, const QString& text);
    void saveNow();

signals:
    void failed(const QString& sentence);  // at the first of several attempts that fail

private:
    bool save(qint64 conversationId, const QString& text, QString& problem);

    HistoryStore& m_store;
    QHash<qint64, QString> m_unsaved;  // by conversation
    bool m_failing = false;
    QTimer m_timer;
};

}  // namespace alcove
