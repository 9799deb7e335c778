// Reads on what the history has of long texts, a little in each turn of the event loop.
#pragma once

#include <QtCore/QList>
#include <QtCore/QObject>
#include <QtCore/QString>
#include <QtCore/QStringDecoder>
#include <QtCore/QTimer>

namespace alcove {

class HistoryStore;
struct Message;

// GUI thread, that of the store.
class TextCompletion : public QObject {
    Q_OBJECT

public:
    static constexpr qint64 kTurnBytes = qint64{256} * 1024;
    static constexpr int kTurnMs = 16;

    // `store` must outlive it.
    explicit TextCompletion(const HistoryStore& store, QObject* parent = nullptr);

    // Completes those of `messages` that have unread bytes, the last one first. What was read before is dropped.
    void begin(const QList<Message>& messages);
    [[nodiscard]] bool done() const { return m_texts.isEmpty(); }

signals:
    void completed(qint64 messageId, const QString& text);

private:
    struct Unread {
        qint64 messageId = 0;
        QString text;  // so far
        qint64 from = 0;
        qint64 bytes = 0;
    };
    void readOn();

    const HistoryStore& m_store;
    QList<Unread> m_texts;  // the next one last
    QStringDecoder m_decoder;
    QTimer m_timer;
};

}  // namespace alcove
