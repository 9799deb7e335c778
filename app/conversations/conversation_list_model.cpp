#include "app/conversations/conversation_list_model.h"

#include <algorithm>
#include <utility>

#include <QtCore/QLocale>

#include "app/history/history_store.h"
#include "app/notices/notice_list_model.h"

namespace alcove {

ConversationListModel::ConversationListModel(HistoryStore& store, NoticeListModel& notices, QObject* parent)
    : QAbstractListModel(parent), m_store(store), m_notices(notices) {
    refresh();
}

int ConversationListModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : count();
}

QVariant ConversationListModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid)) {
        return {};
    }
    const ConversationSummary& row = m_rows[index.row()];
    switch (role) {
        case ConversationIdRole:
            return row.id;
        case Qt::DisplayRole:
        case TitleRole:
            return row.title;
        case SectionRole:
            return sectionOf(row.updatedAt.toLocalTime().date(), QDate::currentDate());
        case UpdatedAtRole:
            return row.updatedAt.toLocalTime();
        case PreviewRole:
            return row.preview;
        case AnsweringRole:
            return m_answering.contains(row.id);
        default:
            return {};
    }
}

QHash<int, QByteArray> ConversationListModel::roleNames() const {
    return {{ConversationIdRole, "conversationId"}, {TitleRole, "title"},     {SectionRole, "section"},
            {UpdatedAtRole, "updatedAt"},           {PreviewRole, "preview"}, {AnsweringRole, "answering"}};
}

bool ConversationListModel::readOnly() const {
    return m_store.readOnly();
}

QString ConversationListModel::title(qint64 conversationId) const {
    const int row = rowOf(conversationId);
    return row < 0 ? QString() : m_rows[row].title;
}

int ConversationListModel::rowOf(qint64 conversationId) const {
    const auto found = std::find_if(m_rows.begin(), m_rows.end(),
                                    [&](const ConversationSummary& row) { return row.id == conversationId; });
    return found == m_rows.end() ? -1 : static_cast<int>(found - m_rows.begin());
}

void ConversationListModel::refresh() {
    QList<ConversationSummary> wanted;
    try {
        wanted = m_store.conversations();
    } catch (const HistoryError& error) {
        report(error.sentence());
        return;
    }
    const int before = count();
    for (int row = count() - 1; row >= 0; --row) {
        const qint64 id = m_rows[row].id;
        if (std::none_of(wanted.begin(), wanted.end(), [&](const auto& summary) { return summary.id == id; })) {
            beginRemoveRows({}, row, row);
            m_rows.removeAt(row);
            endRemoveRows();
        }
    }
    for (int row = 0; row < wanted.size(); ++row) {
        const ConversationSummary& summary = wanted[row];
        const int from = row < count() && m_rows[row].id == summary.id ? row : rowOf(summary.id);
        if (from < 0) {
            beginInsertRows({}, row, row);
            m_rows.insert(row, summary);
            endInsertRows();
            continue;
        }
        if (from != row) {  // rows above `row` are in place already, so it can only move up
            beginMoveRows({}, from, from, {}, row);
            m_rows.move(from, row);
            endMoveRows();
        }
        ConversationSummary& shown = m_rows[row];
        if (shown.title != summary.title || shown.preview != summary.preview || shown.updatedAt != summary.updatedAt) {
            shown = summary;
            emit dataChanged(index(row), index(row));
        }
    }
    if (count() != before) {
        emit countChanged();
    }
}

void ConversationListModel::rename(qint64 conversationId, const QString& title) {
    const int row = rowOf(conversationId);
    const QString wanted = title.simplified();
    if (row < 0 || wanted.isEmpty() || wanted == m_rows[row].title) {
        return;
    }
    try {
        m_store.renameConversation(conversationId, wanted);
    } catch (const HistoryError& error) {
        report(error.sentence());
        return;
    }
    refresh();
    emit renamed(conversationId, this->title(conversationId));
}

void ConversationListModel::remove(qint64 conversationId) {
    const int row = rowOf(conversationId);
    if (row >= 0) {
        removeThese({conversationId}, tr("“%1” was deleted.").arg(m_rows[row].title));
    }
}

void ConversationListModel::removeAll() {
    QList<qint64> ids;
    for (const ConversationSummary& row : m_rows) {
        ids.append(row.id);
    }
    if (!ids.isEmpty()) {
        removeThese(ids, tr("All conversations were deleted."));
    }
}

void ConversationListModel::removeThese(const QList<qint64>& ids, const QString& sentence) {
    try {
        m_store.deleteConversations(ids);
    } catch (const HistoryError& error) {
        report(error.sentence());
        return;
    }
    m_removed = ids;
    refresh();
    for (const qint64 id : ids) {
        emit removed(id);
    }
    m_notices.dismiss(m_removalNotice);
    m_removalNotice = m_notices.add(NoticeListModel::Info, sentence, tr("Undo"), [this] { undoRemove(); });
}

void ConversationListModel::undoRemove() {
    if (m_removed.isEmpty()) {
        return;
    }
    try {
        m_store.restoreConversations(m_removed);
    } catch (const HistoryError& error) {
        report(error.sentence());
        return;
    }
    const QList<qint64> ids = std::exchange(m_removed, {});
    m_notices.dismiss(m_removalNotice);
    refresh();
    for (const qint64 id : ids) {
        emit restored(id);
    }
}

void ConversationListModel::report(const QString& sentence) {
    m_notices.add({.severity = NoticeListModel::Error, .text = sentence, .kind = QStringLiteral("conversations")});
}

void ConversationListModel::setAnswering(const QSet<qint64>& conversations) {
    const QSet<qint64> before = std::exchange(m_answering, conversations);
    for (int row = 0; row < count(); ++row) {
        if (before.contains(m_rows[row].id) != m_answering.contains(m_rows[row].id)) {
            emit dataChanged(index(row), index(row), {AnsweringRole});
        }
    }
}

qint64 ConversationListModel::neighbour(qint64 conversationId, int step) const {
    if (m_rows.isEmpty()) {
        return 0;
    }
    const int row = rowOf(conversationId);
    const int wanted = row >= 0 ? row + step : step > 0 ? 0 : count() - 1;
    return m_rows[std::clamp(wanted, 0, count() - 1)].id;
}

QString ConversationListModel::sectionOf(QDate day, QDate today) {
    const qint64 days = day.daysTo(today);
    if (days <= 0) {
        return tr("Today");
    }
    if (days == 1) {
        return tr("Yesterday");
    }
    if (days <= 7) {
        return tr("Previous 7 days");
    }
    if (days <= 30) {
        return tr("Previous 30 days");
    }
    return QLocale().toString(day, "MMMM yyyy");
}

}  // namespace alcove

#include "moc_conversation_list_model.cpp"
