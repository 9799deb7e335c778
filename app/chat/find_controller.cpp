#include "app/chat/find_controller.h"

#include <algorithm>

#include "app/chat/chat_controller.h"
#include "app/chat/message_list_model.h"
#include "app/search/find_text.h"

namespace alcove {
namespace {

constexpr int kFindAgainMs = 500;  // after a message has come or changed
constexpr int kMostInMessage = 100000;

}  // namespace

FindController::FindController(SearchThread& search, ChatController& chat, QObject* parent)
    : QObject(parent), m_search(search), m_chat(chat), m_messages(*chat.messages()) {
    m_again.setSingleShot(true);
    m_again.setInterval(kFindAgainMs);
    connect(&m_again, &QTimer::timeout, this, &FindController::ask);
    connect(&search, &SearchThread::matched, this, &FindController::onMatched);
    connect(&search, &SearchThread::failed, this, [this](quint64 request, const QString& sentence) {
        if (request == m_request) {
            m_request = 0;
            m_problem = sentence;
            emit matchesChanged();
        }
    });
    connect(&chat, &ChatController::conversationChanged, this, [this] { setOpen(false); });
    connect(&m_messages, &MessageListModel::countChanged, this, [this] {
        if (m_open) {
            m_again.start();
        }
    });
}

void FindController::setOpen(bool open) {
    if (open == m_open) {
        return;
    }
    m_open = open;
    if (open) {
        ask();
    } else {
        m_again.stop();
        m_search.cancelFind();
        m_request = 0;
        m_matches.clear();
        m_current = -1;
        m_problem.clear();
        emit matchesChanged();
    }
    emit openChanged();
}

void FindController::setText(const QString& text) {
    if (text == m_text) {
        return;
    }
    m_text = text;
    emit textChanged();
    if (m_open) {
        ask();
    }
}

void FindController::ask() {
    QList<qint64> messages;
    for (int row = 0; row < m_messages.count(); ++row) {
        messages << m_messages.data(m_messages.index(row), MessageListModel::MessageIdRole).toLongLong();
    }
    m_request = m_search.find(messages, m_text);
    emit matchesChanged();
}

void FindController::onMatched(quint64 request, const QList<MessageMatch>& matches) {
    if (request != m_request) {
        return;
    }
    m_request = 0;
    m_problem.clear();
    const bool had = m_current >= 0;
    const MessageMatch before = had ? m_matches[m_current] : MessageMatch{};
    m_matches = matches;
    const auto same = std::find_if(matches.begin(), matches.end(), [&](const MessageMatch& match) {
        return had && match.messageId == before.messageId && match.at == before.at;
    });
    if (same != matches.end() && same->length == before.length) {
        m_current = static_cast<int>(same - matches.begin());  // the view stays
        emit matchesChanged();
    } else if (same != matches.end()) {
        go(static_cast<int>(same - matches.begin()));
    } else {
        go(count() - 1);  // the newest one: a conversation is read from its end
    }
}

void FindController::next() {
    if (count() > 0) {
        go((m_current + 1) % count());
    }
}

void FindController::previous() {
    if (count() > 0) {
        go((m_current + count() - 1) % count());
    }
}

void FindController::go(int current) {
    m_current = current;
    emit matchesChanged();
    if (current < 0) {
        return;
    }
    const MessageMatch& match = m_matches[current];
    const auto first = std::find_if(m_matches.begin(), m_matches.end(),
                                    [&match](const MessageMatch& other) { return other.messageId == match.messageId; });
    if (const int row = m_messages.rowOf(match.messageId); row >= 0) {
        emit shown(row, m_text, current - static_cast<int>(first - m_matches.begin()));
    }
}

void FindController::showFound(int conversationId, int messageId, int foundAt, const QString& foundText) {
    m_chat.showMessage(conversationId, messageId);
    const int row = m_messages.rowOf(messageId);
    if (row < 0) {
        return;
    }
    int ordinal = 0;
    if (!foundText.isEmpty()) {
        const QList<TextRange> ranges =
            TextFinder(foundText).ranges(QStringView(m_messages.text(row)).left(foundAt + 1), kMostInMessage);
        ordinal = static_cast<int>(ranges.size());
    }
    emit shown(row, foundText, ordinal);
}

}  // namespace alcove

#include "moc_find_controller.cpp"
