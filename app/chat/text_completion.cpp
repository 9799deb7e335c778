#include "app/chat/text_completion.h"

#include "app/history/history_store.h"

namespace alcove {

namespace {

// Keeps a zero width no-break space (a byte order mark) at the place where reading goes on.
QStringDecoder newDecoder() {
    return QStringDecoder(QStringDecoder::Utf8, QStringDecoder::Flag::ConvertInitialBom);
}

}  // namespace

TextCompletion::TextCompletion(const HistoryStore& store, QObject* parent)
    : QObject(parent), m_store(store), m_decoder(newDecoder()) {
    m_timer.setSingleShot(true);
    m_timer.setInterval(kTurnMs);
    connect(&m_timer, &QTimer::timeout, this, &TextCompletion::readOn);
}

void TextCompletion::begin(const QList<Message>& messages) {
    m_texts.clear();
    m_decoder = newDecoder();
    for (const Message& message : messages) {
        if (message.unreadBytes > 0) {
            m_texts.append({message.id, message.text, message.unreadFrom, message.unreadBytes});
        }
    }
    if (!m_texts.isEmpty()) {
        m_timer.start();
    } else {
        m_timer.stop();
    }
}

void TextCompletion::readOn() {
    Unread& next = m_texts.last();
    try {
        const QByteArray piece = m_store.textBytes(next.messageId, next.from, kTurnBytes);
        // Room for all of it, so that growing never copies it; pages that are not written take no memory.
        next.text.reserve(next.text.size() + next.bytes);
        next.text += QString(m_decoder.decode(piece));
        next.from += piece.size();
        next.bytes = piece.isEmpty() ? 0 : next.bytes - piece.size();
    } catch (const HistoryError&) {
        // What needs the text reads it whole and says why it cannot.
        m_texts.removeLast();
        m_decoder = newDecoder();
    }
    if (!m_texts.isEmpty() && m_texts.last().bytes <= 0) {
        const Unread whole = m_texts.takeLast();
        m_decoder = newDecoder();
        emit completed(whole.messageId, whole.text);
    }
    if (!m_texts.isEmpty()) {
        m_timer.start();
    }
}

}  // namespace alcove

#include "moc_text_completion.cpp"
