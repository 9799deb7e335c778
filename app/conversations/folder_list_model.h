// The folders of the history at the window's side.
#pragma once

#include <QtCore/QAbstractListModel>
#include <QtQml/qqmlregistration.h>

#include "app/history/records.h"

namespace alcove {

class ConversationListModel;
class HistoryStore;
class NoticeListModel;

// GUI thread. All folders, each followed by those in it. The place that the list of conversations shows is one of them,
// or none.
class FolderListModel : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("Made by the program")
    Q_PROPERTY(int count READ count NOTIFY changed)
    Q_PROPERTY(QString placeName READ placeName NOTIFY changed)
    Q_PROPERTY(int placeAbove READ placeAbove NOTIFY changed)  // the folder that the shown one is in; 0: in none

public:
    enum Role {
        FolderIdRole = Qt::UserRole + 1,
        NameRole,
        ColourRole,
        DepthRole,
        HereRole  // right in the place that is shown
    };

    // All must outlive the model.
    FolderListModel(HistoryStore& store, ConversationListModel& conversations, NoticeListModel& notices,
                    QObject* parent = nullptr);

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QHash<int, QByteArray> roleNames() const override;
    [[nodiscard]] int count() const { return static_cast<int>(m_rows.size()); }
    [[nodiscard]] QString placeName() const;
    [[nodiscard]] int placeAbove() const;

    void refresh();

    // Its id; 0: it was not made.
    Q_INVOKABLE int create(const QString& name, int parentId);
    Q_INVOKABLE void rename(int folderId, const QString& name);
    Q_INVOKABLE void setColour(int folderId, const QString& colour);
    Q_INVOKABLE void move(int folderId, int parentId);
    // To the bin, with all in it; a notice offers to undo it.
    Q_INVOKABLE void remove(int folderId);

signals:
    void changed();

private:
    struct Row {
        Folder folder;
        int depth = 0;
    };
    void add(const QList<Folder>& folders, qint64 parent, int depth);
    [[nodiscard]] const Folder* find(qint64 id) const;
    template <typename Action>
    void change(const Action& action);

    HistoryStore& m_store;
    ConversationListModel& m_conversations;
    NoticeListModel& m_notices;
    QList<Row> m_rows;
    int m_removalNotice = 0;
};

}  // namespace alcove
