// ChatController's side of the tree: other wordings, walking between versions, branches, the bin.
#include "app/chat/chat_controller.h"
#include "app/chat/trimmed_message.h"
#include "app/conversations/conversation_list_model.h"
#include "app/history/history_store.h"
#include "app/notices/notice_list_model.h"

namespace alcove {

bool ChatController::editMessage(qint64 messageId, const QString& text) {
    const QString trimmed = trimmedMessage(text);
    const Message* const edited = m_open.messages().message(messageId);
    if (trimmed.isEmpty() || edited == nullptr || edited->author != Author::User || !canSend() || !canChange()) {
        return false;
    }
    const qint64 parent = edited->parentId;
    if (!commit(trimmed, parent)) {
        return false;
    }
    changePath([] {});  // without what followed the message before
    ask({.conversationId = m_open.id()});
    return true;
}

bool ChatController::changePath(const std::function<void()>& change) {
    try {
        change();
        m_open.showPath();
    } catch (const HistoryError& error) {
        report(error.sentence());
        return false;
    }
    emit figuresChanged();
    update();
    return true;
}

void ChatController::showSibling(qint64 messageId, int step) {
    if (!canChange()) {
        return;
    }
    changePath([&] {
        const QList<qint64> siblings = m_parts.store.siblings(messageId);
        const qsizetype wanted = siblings.indexOf(messageId) + step;
        if (wanted >= 0 && wanted < siblings.size()) {
            m_parts.store.showMessage(siblings[wanted]);
        }
    });
}

void ChatController::fork(qint64 messageId) {
    qint64 forked = 0;
    try {
        forked = m_parts.store.fork(messageId);
    } catch (const HistoryError& error) {
        report(error.sentence());
        return;
    }
    m_parts.conversations.refresh();
    openConversation(static_cast<int>(forked));
}

void ChatController::removeMessage(qint64 messageId) {
    if (!canChange() || m_open.messages().message(messageId) == nullptr) {
        return;
    }
    const qint64 conversation = m_open.id();
    qint64 leaf = 0;
    if (!changePath([&] {
            leaf = m_parts.store.leaf(conversation);
            m_parts.store.binBranch(messageId);
        })) {
        return;
    }
    m_parts.conversations.refresh();
    m_parts.notices.add(NoticeListModel::Info, tr("The message was deleted."), tr("Undo"),
                        [this, messageId, conversation, leaf] { restoreBranch(messageId, conversation, leaf); });
}

void ChatController::restoreBranch(qint64 rootId, qint64 conversationId, qint64 leaf) {
    const auto restore = [&] {
        m_parts.store.restoreBranch(rootId);
        m_parts.store.setLeaf(leaf);
    };
    if (conversationId == m_open.id() && canChange()) {
        changePath(restore);
    } else {
        try {
            restore();
        } catch (const HistoryError& error) {
            report(error.sentence());
        }
    }
    m_parts.conversations.refresh();
}

}  // namespace alcove
