#include "app/library/checkpoint_list_model.h"

#include <algorithm>
#include <utility>

namespace alcove {

namespace {

bool looksTheSame(const CheckpointEntry& left, const CheckpointEntry& right) {
    return left.name == right.name && left.card == right.card && left.detail == right.detail &&
           left.usable == right.usable && left.problem == right.problem && left.kind == right.kind &&
           left.addedByPath == right.addedByPath;
}

}  // namespace

int CheckpointListModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : count();
}

QVariant CheckpointListModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid)) {
        return {};
    }
    const CheckpointEntry& row = m_rows[index.row()];
    switch (role) {
        case Qt::DisplayRole:
        case NameRole:
            return row.name;
        case DescriptionRole:
            return row.card.description;
        case PathRole:
            return row.path;
        case DetailRole:
            return row.detail;
        case IsCurrentRole:
            return row.path == m_current;
        case UsableRole:
            return row.usable;
        case ProblemRole:
            return row.problem;
        case KindRole:
            return row.kind == CheckpointKind::Chat ? QStringLiteral("chat") : QStringLiteral("base");
        case AddedByPathRole:
            return row.addedByPath;
        default:
            return {};
    }
}

QHash<int, QByteArray> CheckpointListModel::roleNames() const {
    return {{NameRole, "name"},
            {DescriptionRole, "description"},
            {PathRole, "path"},
            {DetailRole, "detail"},
            {IsCurrentRole, "isCurrent"},
            {UsableRole, "usable"},
            {ProblemRole, "problem"},
            {KindRole, "kind"},
            {AddedByPathRole, "addedByPath"}};
}

void CheckpointListModel::setRows(const QList<CheckpointEntry>& rows) {
    const bool samePaths =
        std::equal(rows.begin(), rows.end(), m_rows.begin(), m_rows.end(),
                   [](const CheckpointEntry& left, const CheckpointEntry& right) { return left.path == right.path; });
    if (samePaths) {
        for (int row = 0; row < count(); ++row) {
            const bool same = looksTheSame(m_rows[row], rows[row]);
            m_rows[row] = rows[row];
            if (!same) {
                emit dataChanged(index(row), index(row));
            }
        }
        return;
    }
    const int before = count();
    beginResetModel();
    m_rows = rows;
    endResetModel();
    if (count() != before) {
        emit countChanged();
    }
}

void CheckpointListModel::mergeRows(const QList<CheckpointEntry>& rows) {
    QHash<QString, qsizetype> fresh;
    for (qsizetype i = 0; i < rows.size(); ++i) {
        fresh.insert(rows[i].path, i);
    }
    QList<CheckpointEntry> merged = m_rows;
    bool all = true;
    for (CheckpointEntry& row : merged) {
        const auto found = fresh.constFind(row.path);
        all = all && found != fresh.constEnd();
        if (found != fresh.constEnd()) {
            row = rows[*found];
            fresh.erase(found);
        }
    }
    if (all) {
        setRows(rows);
        return;
    }
    for (const CheckpointEntry& row : rows) {
        if (fresh.contains(row.path)) {
            merged << row;
        }
    }
    setRows(merged);
}

void CheckpointListModel::setCurrent(const QString& path) {
    if (path == m_current) {
        return;
    }
    const QString before = std::exchange(m_current, path);
    for (int row = 0; row < count(); ++row) {
        if (m_rows[row].path == before || m_rows[row].path == path) {
            emit dataChanged(index(row), index(row), {IsCurrentRole});
        }
    }
}

const CheckpointEntry* CheckpointListModel::find(const QString& path) const {
    const auto found =
        std::find_if(m_rows.begin(), m_rows.end(), [&](const CheckpointEntry& row) { return row.path == path; });
    return found == m_rows.end() ? nullptr : &*found;
}

}  // namespace alcove

#include "moc_checkpoint_list_model.cpp"
