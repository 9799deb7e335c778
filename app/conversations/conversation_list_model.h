// The list of conversations at the window's side, as the history holds them.
#pragma once

#include <QtCore/QAbstractListModel>
#include <QtCore/QDate>
#include <QtCore/QSet>
#include <QtQml/qqmlregistration.h>

#include "app/history/records.h"

namespace alcove {

class HistoryStore;
class NoticeListModel;

// GUI thread. Newest first. Rows move; the model is never reset after its first load.
class ConversationListModel : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("Made by the program")
    Q_PROPERTY(int count READ count NOTIFY countChanged)
    Q_PROPERTY(bool readOnly READ readOnly CONSTANT)

public:
    enum Role {
        ConversationIdRole = Qt::UserRole + 1,
        TitleRole,
        SectionRole,
        UpdatedAtRole,
        PreviewRole,
        AnsweringRole
    };

    // Both must outlive the model.
    ConversationListModel(HistoryStore& store, NoticeListModel& notices, QObject* parent = nullptr);

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QHash<int, QByteArray> roleNames() const override;
    [[nodiscard]] int count() const { return static_cast<int>(m_rows.size()); }
    [[nodiscard]] bool readOnly() const;
    [[nodiscard]] QString title(qint64 conversationId) const;

    // Reads the store again and removes, moves, changes and adds the rows that differ.
    void refresh();

    // The conversations in which a reply is being made or waited for.
    void setAnswering(const QSet<qint64>& conversations);

    Q_INVOKABLE void rename(qint64 conversationId, const QString& title);
    // The newest removal can be undone until the next one or the program's end; a notice offers it.
    Q_INVOKABLE void remove(qint64 conversationId);
    Q_INVOKABLE void removeAll();
    Q_INVOKABLE void undoRemove();

    // "Today", "Yesterday", "Previous 7 days", "Previous 30 days", or a month's name and year.
    [[nodiscard]] static QString sectionOf(QDate day, QDate today);

    // The conversation `step` rows below (negative: above), stopping at the ends; from 0 (not begun) the first
    // row, or for a negative step the last one. 0: the list is empty.
    Q_INVOKABLE qint64 neighbour(qint64 conversationId, int step) const;

signals:
    void countChanged();
    void renamed(qint64 conversationId, const QString& title);
    void removed(qint64 conversationId);
    void restored(qint64 conversationId);

private:
    [[nodiscard]] int rowOf(qint64 conversationId) const;
    void report(const QString& sentence);
    void removeThese(const QList<qint64>& ids, const QString& sentence);

    HistoryStore& m_store;
    NoticeListModel& m_notices;
    QList<ConversationSummary> m_rows;
    QSet<qint64> m_answering;
    QList<qint64> m_removed;  // by the newest removal
    int m_removalNotice = 0;
};

}  // namespace alcove
