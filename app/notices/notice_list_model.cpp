#include "app/notices/notice_list_model.h"

#include <utility>

namespace alcove {

namespace {

QString severityName(NoticeListModel::Severity severity) {
    switch (severity) {
        case NoticeListModel::Info:
            return "info";
        case NoticeListModel::Warning:
            return "warning";
        case NoticeListModel::Error:
            return "error";
    }
    Q_UNREACHABLE();
}

}  // namespace

int NoticeListModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : count();
}

QVariant NoticeListModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid)) {
        return {};
    }
    const auto& [id, notice] = m_rows[index.row()];
    switch (role) {
        case NoticeIdRole:
            return id;
        case SeverityRole:
            return severityName(notice.severity);
        case Qt::DisplayRole:
        case TextRole:
            return notice.text;
        case ActionTextRole:
            return notice.actionText;
        case OtherTextRole:
            return notice.otherText;
        case StaysRole:
            return notice.stays;
        case ProgressRole:
            return notice.progress;
        default:
            return {};
    }
}

QHash<int, QByteArray> NoticeListModel::roleNames() const {
    return {{NoticeIdRole, "noticeId"},     {SeverityRole, "severity"},   {TextRole, "text"},
            {ActionTextRole, "actionText"}, {OtherTextRole, "otherText"}, {StaysRole, "stays"},
            {ProgressRole, "progress"}};
}

int NoticeListModel::add(const Notice& notice) {
    for (auto& [id, shown] : m_rows) {
        if (shown.severity == notice.severity && shown.text == notice.text && shown.actionText == notice.actionText &&
            shown.otherText == notice.otherText) {
            shown.action = notice.action;
            shown.otherAction = notice.otherAction;
            return id;
        }
    }
    if (!notice.kind.isEmpty()) {
        withdraw(notice.kind);
    }
    makeRoom();
    beginInsertRows({}, count(), count());
    m_rows.append({++m_lastId, notice});
    endInsertRows();
    emit countChanged();
    return m_lastId;
}

void NoticeListModel::withdraw(const QString& kind) {
    for (int row = count() - 1; row >= 0; --row) {
        if (m_rows[row].notice.kind == kind) {
            dismiss(m_rows[row].id);
        }
    }
}

void NoticeListModel::makeRoom() {
    for (int row = 0; row < count() && count() >= kMostShown;) {
        if (m_rows[row].notice.stays) {
            ++row;
        } else {
            dismiss(m_rows[row].id);
        }
    }
}

int NoticeListModel::add(Severity severity, const QString& text, const QString& actionText,
                         std::function<void()> action) {
    return add({.severity = severity, .text = text, .actionText = actionText, .action = std::move(action)});
}

void NoticeListModel::setProgress(int noticeId, double progress) {
    const int row = rowOf(noticeId);
    if (row >= 0) {
        m_rows[row].notice.progress = progress;
        emit dataChanged(index(row), index(row), {ProgressRole});
    }
}

int NoticeListModel::rowOf(int noticeId) const {
    for (int row = 0; row < count(); ++row) {
        if (m_rows[row].id == noticeId) {
            return row;
        }
    }
    return -1;
}

void NoticeListModel::act(int noticeId) {
    carryOut(noticeId, &Notice::action);
}

void NoticeListModel::actOtherwise(int noticeId) {
    carryOut(noticeId, &Notice::otherAction);
}

void NoticeListModel::carryOut(int noticeId, std::function<void()> Notice::*action) {
    const int row = rowOf(noticeId);
    if (row < 0) {
        return;
    }
    const std::function<void()> work = m_rows[row].notice.*action;
    dismiss(noticeId);
    if (work) {
        work();
    }
}

void NoticeListModel::dismiss(int noticeId) {
    const int row = rowOf(noticeId);
    if (row < 0) {
        return;
    }
    beginRemoveRows({}, row, row);
    m_rows.removeAt(row);
    endRemoveRows();
    emit countChanged();
}

}  // namespace alcove

#include "moc_notice_list_model.cpp"
