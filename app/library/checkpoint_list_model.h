// The checkpoints that can be chosen.
#pragma once

#include <QtCore/QAbstractListModel>
#include <QtQml/qqmlregistration.h>

#include "app/checkpoints/checkpoint_library.h"

namespace alcove {

// GUI thread.
class CheckpointListModel : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("Made by the program")
    Q_PROPERTY(int count READ count NOTIFY countChanged)

public:
    enum Role {
        NameRole = Qt::UserRole + 1,
        DescriptionRole,
        PathRole,
        DetailRole,
        IsCurrentRole,
        UsableRole,
        ProblemRole,
        KindRole,
        AddedByPathRole
    };

    using QAbstractListModel::QAbstractListModel;

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QHash<int, QByteArray> roleNames() const override;
    [[nodiscard]] int count() const { return static_cast<int>(m_rows.size()); }

    void setRows(const QList<CheckpointEntry>& rows);
    // Rows of a scan that goes on: those that are not among them stay, where there are such, in front of new ones.
    void mergeRows(const QList<CheckpointEntry>& rows);
    void setCurrent(const QString& path);
    [[nodiscard]] const QList<CheckpointEntry>& rows() const { return m_rows; }
    [[nodiscard]] const CheckpointEntry* find(const QString& path) const;

signals:
    void countChanged();

private:
    QList<CheckpointEntry> m_rows;
    QString m_current;
};

}  // namespace alcove
