// The bin at the window's side.
#pragma once

#include <memory>

#include <QtCore/QAbstractListModel>
#include <QtCore/QThread>
#include <QtQml/qqmlregistration.h>

#include "app/history/records.h"

namespace alcove {

class ConversationListModel;
class FolderListModel;
class HistoryStore;
class NoticeListModel;

// GUI thread. Erasing writes the file of the history anew, which takes as long as that is large, so it runs beside.
class BinModel : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("Made by the program")
    Q_PROPERTY(int count READ count NOTIFY countChanged)
    Q_PROPERTY(bool busy READ busy NOTIFY busyChanged)

public:
    enum Role { NameRole = Qt::UserRole + 1, KindRole, DetailRole };

    struct Parts {  // all must outlive the model
        HistoryStore& store;
        ConversationListModel& conversations;
        FolderListModel& folders;
        NoticeListModel& notices;
    };

    // `folder` has the history's file; empty: it is in memory.
    BinModel(const Parts& parts, const QString& folder, QObject* parent = nullptr);
    ~BinModel() override;

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QHash<int, QByteArray> roleNames() const override;
    [[nodiscard]] int count() const { return static_cast<int>(m_items.size()); }
    [[nodiscard]] bool busy() const { return m_eraser != nullptr; }

    // Reads what is in the bin; the view does so when it opens.
    Q_INVOKABLE void refresh();
    Q_INVOKABLE void restore(int row);
    Q_INVOKABLE void empty();

    // What has expired goes to the bin, and what has been there for so many days is erased.
    void tidy(int days);
    // Waits for what is being erased.
    void finish();

signals:
    void countChanged();
    void busyChanged();
    void restored(qint64 conversationId);

private:
    enum class Failure { Told, Quiet };
    void eraseBefore(const QDateTime& time, Failure failure);

    Parts m_parts;
    QString m_folder;
    QList<BinnedItem> m_items;
    std::unique_ptr<QThread> m_eraser;
};

}  // namespace alcove
