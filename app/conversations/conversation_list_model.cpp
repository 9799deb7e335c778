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
            return row.pinnedAt.isValid() ? tr("Pinned")
                   : m_byName             ? tr("By name")
                                          : sectionOf(row.updatedAt.toLocalTime().date(), QDate::currentDate());
        case UpdatedAtRole:
            return row.updatedAt.toLocalTime();
        case AnsweringRole:
            return m_answering.contains(row.id);
        case PinnedRole:
            return row.pinnedAt.isValid();
        case ArchivedRole:
            return row.archivedAt.isValid();
        case FolderIdRole:
            return row.folderId;
        case SelectedRole:
            return m_selected.contains(row.id);
        default:
            return {};
    }
}

QHash<int, QByteArray> ConversationListModel::roleNames() const {
    return {{ConversationIdRole, "conversationId"},
            {TitleRole, "title"},
            {SectionRole, "section"},
            {UpdatedAtRole, "updatedAt"},
            {PinnedRole, "pinned"},
            {ArchivedRole, "archived"},
            {FolderIdRole, "folderId"},
            {SelectedRole, "selected"},
            {AnsweringRole, "answering"}};
}

bool ConversationListModel::readOnly() const {
    return m_store.readOnly();
}

QString ConversationListModel::title(qint64 conversationId) const {
    return m_all.value(conversationId).title;
}

int ConversationListModel::rowOf(qint64 conversationId) const {
    const auto found = std::find_if(m_rows.begin(), m_rows.end(),
                                    [&](const ConversationSummary& row) { return row.id == conversationId; });
    return found == m_rows.end() ? -1 : static_cast<int>(found - m_rows.begin());
}

bool ConversationListModel::belongsHere(const ConversationSummary& one) const {
    if (m_place == Archive) {
        return one.archivedAt.isValid();
    }
    return !one.archivedAt.isValid() && (one.folderId == m_place || (m_place == InNoFolder && one.pinnedAt.isValid()));
}

bool ConversationListModel::before(const ConversationSummary& a, const ConversationSummary& b) const {
    if (a.pinnedAt.isValid() != b.pinnedAt.isValid()) {
        return a.pinnedAt.isValid();
    }
    if (m_byName) {
        const int order = QString::localeAwareCompare(a.title, b.title);
        return order != 0 ? order < 0 : a.id < b.id;
    }
    return a.updatedAt != b.updatedAt ? a.updatedAt > b.updatedAt : a.id > b.id;
}

ConversationListModel::Rows ConversationListModel::wantedRows() const {
    Rows wanted;
    for (const ConversationSummary& one : m_all) {
        if (belongsHere(one)) {
            wanted << one;
        }
    }
    std::sort(wanted.begin(), wanted.end(), [this](const auto& a, const auto& b) { return before(a, b); });
    return wanted;
}

template <typename Action>
bool ConversationListModel::attempt(const Action& action) {
    try {
        action();
        return true;
    } catch (const HistoryError& error) {
        report(error.sentence());
        return false;
    }
}

void ConversationListModel::refresh() {
    QHash<qint64, ConversationSummary> all;
    const bool read = attempt([&] {
        const QList<ConversationSummary> conversations = m_store.conversationHeads();
        all.reserve(conversations.size());
        for (const ConversationSummary& one : conversations) {
            all.insert(one.id, one);
        }
    });
    if (!read) {
        return;
    }
    QList<qint64> gone;
    for (const ConversationSummary& one : std::as_const(m_all)) {
        if (!all.contains(one.id)) {
            gone << one.id;
        }
    }
    m_all = all;
    showChanges();
    for (const qint64 id : std::as_const(gone)) {
        emit removed(id);
    }
}

void ConversationListModel::refresh(qint64 conversationId) {
    attempt([&] {
        if (const auto one = m_store.conversationHead(conversationId)) {
            m_all.insert(conversationId, *one);
        } else {
            m_all.remove(conversationId);
        }
    });
    showChanges();
}

// Makes the rows those that are wanted, one change after the other.
void ConversationListModel::showChanges() {
    const Rows wanted = wantedRows();
    const int before = count();
    if (m_rows.isEmpty() && !wanted.isEmpty()) {
        beginInsertRows({}, 0, static_cast<int>(wanted.size()) - 1);
        m_rows = wanted;
        endInsertRows();
    }
    QSet<qint64> ids;
    for (const ConversationSummary& one : wanted) {
        ids.insert(one.id);
    }
    QSet<qint64> shown;
    for (int row = count() - 1; row >= 0; --row) {
        const qint64 id = m_rows[row].id;
        if (ids.contains(id)) {
            shown.insert(id);
            continue;
        }
        beginRemoveRows({}, row, row);
        m_rows.removeAt(row);
        endRemoveRows();
    }
    for (int row = 0; row < wanted.size(); ++row) {
        const ConversationSummary& summary = wanted[row];
        if (!shown.contains(summary.id)) {
            beginInsertRows({}, row, row);
            m_rows.insert(row, summary);
            endInsertRows();
            continue;
        }
        if (m_rows[row].id != summary.id) {  // rows above `row` are in place already, so it can only move up
            const int from = rowOf(summary.id);
            beginMoveRows({}, from, from, {}, row);
            m_rows.move(from, row);
            endMoveRows();
        }
        if (m_rows[row] != summary) {
            m_rows[row] = summary;
            emit dataChanged(index(row), index(row));
        }
    }
    if (count() != before) {
        emit countChanged();
    }
    const qsizetype selected = m_selected.size();
    m_selected.removeIf([this](qint64 id) { return !m_all.contains(id); });
    if (m_selected.size() != selected) {
        emit selectionChanged();
    }
    emit historyChanged();
}

void ConversationListModel::reload() {
    const int before = count();
    beginResetModel();
    m_rows = wantedRows();
    m_selected.clear();
    m_anchor = 0;
    endResetModel();
    if (count() != before) {
        emit countChanged();
    }
    emit selectionChanged();
}

void ConversationListModel::setPlace(int place) {
    if (place != m_place) {
        m_place = place;
        reload();
        emit placeChanged();
    }
}

void ConversationListModel::setByName(bool byName) {
    if (byName != m_byName) {
        m_byName = byName;
        reload();
        emit orderChanged();
    }
}

QList<qint64> ConversationListModel::actedOnIds(qint64 conversationId) const {
    return m_selected.contains(conversationId) ? QList<qint64>(m_selected.begin(), m_selected.end())
                                               : QList<qint64>{conversationId};
}

void ConversationListModel::change(qint64 conversationId,
                                   const std::function<void(HistoryStore&, const QList<qint64>&)>& action) {
    const QList<qint64> ids = actedOnIds(conversationId);
    if (!attempt([&] { action(m_store, ids); })) {
        return;
    }
    attempt([&] {
        for (const qint64 id : ids) {
            if (const auto one = m_store.conversationHead(id)) {
                m_all.insert(id, *one);
            } else {
                m_all.remove(id);
            }
        }
    });
    clearSelection();
    showChanges();
}

void ConversationListModel::setPinned(qint64 conversationId, bool pinned) {
    change(conversationId, [pinned](HistoryStore& store, const auto& ids) { store.setPinned(ids, pinned); });
}

void ConversationListModel::setArchived(qint64 conversationId, bool archived) {
    change(conversationId, [archived](HistoryStore& store, const auto& ids) { store.setArchived(ids, archived); });
}

void ConversationListModel::moveToFolder(qint64 conversationId, qint64 folderId) {
    change(conversationId, [folderId](HistoryStore& store, const auto& ids) { store.moveToFolder(ids, folderId); });
}

void ConversationListModel::rename(qint64 conversationId, const QString& title) {
    const QString wanted = title.simplified();
    if (!m_all.contains(conversationId) || wanted.isEmpty() || wanted == this->title(conversationId)) {
        return;
    }
    if (attempt([&] { m_store.renameConversation(conversationId, wanted); })) {
        refresh(conversationId);
        emit renamed(conversationId, this->title(conversationId));
    }
}

void ConversationListModel::remove(qint64 conversationId) {
    if (!m_all.contains(conversationId)) {
        return;
    }
    const QList<qint64> ids = actedOnIds(conversationId);
    removeThese(ids, ids.size() == 1 ? tr("“%1” is in the bin.").arg(title(conversationId))
                                     : tr("%L1 conversations are in the bin.").arg(ids.size()));
}

void ConversationListModel::removeAll() {
    QList<qint64> ids = m_all.keys();
    if (!ids.isEmpty()) {
        std::sort(ids.begin(), ids.end());
        removeThese(ids, tr("All conversations are in the bin."));
    }
}

void ConversationListModel::removeThese(const QList<qint64>& ids, const QString& sentence) {
    if (!attempt([&] { m_store.binConversations(ids); })) {
        return;
    }
    m_notices.dismiss(m_removalNotice);
    m_removed = ids;
    clearSelection();
    refresh();
    m_removalNotice = m_notices.add(NoticeListModel::Info, sentence, tr("Undo"), [this] { undoRemove(); });
}

void ConversationListModel::undoRemove() {
    if (m_removed.isEmpty()) {
        return;
    }
    const QList<qint64> ids = m_removed;
    if (!attempt([&] { m_store.restoreConversations(ids); })) {
        return;
    }
    m_removed.clear();
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

void ConversationListModel::select(int row, bool range) {
    if (row < 0 || row >= count()) {
        return;
    }
    const qint64 id = m_rows[row].id;
    const int anchor = range ? rowOf(m_anchor) : -1;
    if (anchor >= 0) {
        for (int i = std::min(anchor, row); i <= std::max(anchor, row); ++i) {
            m_selected.insert(m_rows[i].id);
        }
    } else if (!m_selected.remove(id)) {
        m_selected.insert(id);
        m_anchor = id;
    }
    emit dataChanged(index(0), index(count() - 1), {SelectedRole});
    emit selectionChanged();
}

void ConversationListModel::clearSelection() {
    if (m_selected.isEmpty()) {
        return;
    }
    m_selected.clear();
    m_anchor = 0;
    if (count() > 0) {
        emit dataChanged(index(0), index(count() - 1), {SelectedRole});
    }
    emit selectionChanged();
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
