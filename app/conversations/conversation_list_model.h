// The list of conversations at the window's side, as the history holds them.
#pragma once

#include <functional>

#include <QtCore/QAbstractListModel>
#include <QtCore/QDate>
#include <QtCore/QHash>
#include <QtCore/QSet>
#include <QtQml/qqmlregistration.h>

#include "app/history/records.h"

namespace alcove {

class HistoryStore;
class NoticeListModel;

// GUI thread. Pinned ones first, then by last use, newest first, or by name. Rows move; the model is reset only when
// another place is shown.
//
// Of all conversations it shows those of one place: a folder, those in no folder (with all that are pinned), or the
// archive. What can be done to one can be done to several: actions take the selected ones, if the one that they were
// asked for is among them.
class ConversationListModel : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("Made by the program")
    Q_PROPERTY(int count READ count NOTIFY countChanged)
    Q_PROPERTY(bool readOnly READ readOnly CONSTANT)
    Q_PROPERTY(int place READ place WRITE setPlace NOTIFY placeChanged)
    Q_PROPERTY(bool byName READ byName WRITE setByName NOTIFY orderChanged)
    Q_PROPERTY(int selectedCount READ selectedCount NOTIFY selectionChanged)

public:
    enum Role {
        ConversationIdRole = Qt::UserRole + 1,
        TitleRole,
        SectionRole,
        UpdatedAtRole,
        PinnedRole,
        ArchivedRole,
        FolderIdRole,
        SelectedRole,
        AnsweringRole
    };
    enum Place { InNoFolder = 0, Archive = -1 };  // above 0: the id of a folder
    Q_ENUM(Place)

    // Both must outlive the model.
    ConversationListModel(HistoryStore& store, NoticeListModel& notices, QObject* parent = nullptr);

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QHash<int, QByteArray> roleNames() const override;
    [[nodiscard]] int count() const { return static_cast<int>(m_rows.size()); }
    [[nodiscard]] bool readOnly() const;
    // Of any conversation, shown or not; empty: there is none.
    [[nodiscard]] QString title(qint64 conversationId) const;
    [[nodiscard]] int place() const { return static_cast<int>(m_place); }
    void setPlace(int place);
    [[nodiscard]] bool byName() const { return m_byName; }
    void setByName(bool byName);
    [[nodiscard]] int selectedCount() const { return static_cast<int>(m_selected.size()); }

    // Reads the store again and removes, moves, changes and adds the rows that differ: of one conversation, or all.
    void refresh();
    void refresh(qint64 conversationId);

    // The conversations in which a reply is being made or waited for.
    void setAnswering(const QSet<qint64>& conversations);

    Q_INVOKABLE void rename(qint64 conversationId, const QString& title);
    // Goes to the bin; a notice offers to undo it, until the next one.
    Q_INVOKABLE void remove(qint64 conversationId);
    Q_INVOKABLE void removeAll();
    Q_INVOKABLE void undoRemove();
    Q_INVOKABLE void setPinned(qint64 conversationId, bool pinned);
    Q_INVOKABLE void setArchived(qint64 conversationId, bool archived);
    Q_INVOKABLE void moveToFolder(qint64 conversationId, qint64 folderId);

    // Selects or deselects a row; with `range`, all from the one that was selected last.
    Q_INVOKABLE void select(int row, bool range);
    Q_INVOKABLE void clearSelection();
    // How many an action on this one is for.
    Q_INVOKABLE int actedOn(qint64 conversationId) const { return static_cast<int>(actedOnIds(conversationId).size()); }

    // "Today", "Yesterday", "Previous 7 days", "Previous 30 days", or a month's name and year.
    [[nodiscard]] static QString sectionOf(QDate day, QDate today);

    // The conversation `step` rows below (negative: above), stopping at the ends; from 0 (not begun) the first
    // row, or for a negative step the last one. 0: the list is empty.
    Q_INVOKABLE qint64 neighbour(qint64 conversationId, int step) const;

signals:
    void countChanged();
    void placeChanged();
    void orderChanged();
    void selectionChanged();
    void historyChanged();  // some conversation came, went or changed
    void renamed(qint64 conversationId, const QString& title);
    void removed(qint64 conversationId);
    void restored(qint64 conversationId);

private:
    using Rows = QList<ConversationSummary>;
    [[nodiscard]] int rowOf(qint64 conversationId) const;
    void report(const QString& sentence);
    void removeThese(const QList<qint64>& ids, const QString& sentence);
    [[nodiscard]] QList<qint64> actedOnIds(qint64 conversationId) const;
    [[nodiscard]] bool belongsHere(const ConversationSummary& one) const;
    [[nodiscard]] bool before(const ConversationSummary& a, const ConversationSummary& b) const;
    [[nodiscard]] Rows wantedRows() const;
    template <typename Action>
    bool attempt(const Action& action);
    void change(qint64 conversationId, const std::function<void(HistoryStore&, const QList<qint64>&)>& action);
    void showChanges();
    void reload();

    HistoryStore& m_store;
    NoticeListModel& m_notices;
    QHash<qint64, ConversationSummary> m_all;
    Rows m_rows;
    qint64 m_place = InNoFolder;
    bool m_byName = false;
    QSet<qint64> m_selected;
    qint64 m_anchor = 0;  // selected last
    QSet<qint64> m_answering;
    QList<qint64> m_removed;  // by the newest removal
    int m_removalNotice = 0;
};

}  // namespace alcove
