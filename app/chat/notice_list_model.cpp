#include "app/chat/notice_list_model.h"

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
    const Notice& notice = m_notices[index.row()];
    switch (role) {
        case NoticeIdRole:
            return notice.id;
        case SeverityRole:
            return severityName(notice.severity);
        case Qt::DisplayRole:
        case TextRole:
            return notice.text;
        case ActionTextRole:
            return notice.actionText;
        default:
            return {};
    }
}

QHash<int, QByteArray> NoticeListModel::roleNames() const {
    return {{NoticeIdRole, "noticeId"}, {SeverityRole, "severity"}, {TextRole, "text"}, {ActionTextRole, "actionText"}};
}

int NoticeListModel::add(Severity severity, const QString& text, const QString& actionText,
                         std::function<void()> action) {
    for (Notice& notice : m_notices) {
        if (notice.severity == severity && notice.text == text && notice.actionText == actionText) {
            notice.action = std::move(action);
            return notice.id;
        }
    }
    beginInsertRows({}, count(), count());
    m_notices.append({++m_lastId, severity, text, actionText, std::move(action)});
    endInsertRows();
    emit countChanged();
    return m_lastId;
}

int NoticeListModel::rowOf(int noticeId) const {
    for (int row = 0; row < count(); ++row) {
        if (m_notices[row].id == noticeId) {
            return row;
        }
    }
    return -1;
}

void NoticeListModel::act(int noticeId) {
    const int row = rowOf(noticeId);
    if (row < 0) {
        return;
    }
    const std::function<void()> action = m_notices[row].action;
    dismiss(noticeId);
    if (action) {
        action();
    }
}

void NoticeListModel::dismiss(int noticeId) {
    const int row = rowOf(noticeId);
    if (row < 0) {
        return;
    }
    beginRemoveRows({}, row, row);
    m_notices.removeAt(row);
    endRemoveRows();
    emit countChanged();
}

}  // namespace alcove
