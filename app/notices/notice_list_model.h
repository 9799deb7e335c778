// The notices above the conversation: sentences, some with one or two actions.
#pragma once

#include <functional>

#include <QtCore/QAbstractListModel>
#include <QtQml/qqmlregistration.h>

namespace alcove {

// GUI thread. Oldest first. At most kMostShown at a time: of more, the oldest that can be dismissed is.
class NoticeListModel : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("Made by the program")
    Q_PROPERTY(int count READ count NOTIFY countChanged)

public:
    enum Severity { Info, Warning, Error };
    enum Role {
        NoticeIdRole = Qt::UserRole + 1,
        SeverityRole,
        TextRole,
        ActionTextRole,
        OtherTextRole,
        StaysRole,
        ProgressRole
    };

    struct Notice {
        Severity severity = Info;
        QString text;
        // What it is about: it takes the place of one of the same kind. Empty: of none.
        QString kind = {};
        QString actionText = {};  // the button that calls `action`; empty: none
        std::function<void()> action = {};
        QString otherText = {};  // of a second button
        std::function<void()> otherAction = {};
        // Until one of the actions is chosen; otherwise it can be dismissed, and an Info is dismissed after a while.
        bool stays = false;
        double progress = -1;  // 0 to 1, of the work that it is about; negative: none
    };

    static constexpr int kMostShown = 3;

    using QAbstractListModel::QAbstractListModel;

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QHash<int, QByteArray> roleNames() const override;
    [[nodiscard]] int count() const { return static_cast<int>(m_rows.size()); }

    // A notice that is already shown (same severity and texts) is not shown twice: its id is returned.
    int add(const Notice& notice);
    int add(Severity severity, const QString& text, const QString& actionText = {}, std::function<void()> action = {});
    // Dismisses the notice of that kind, if there is one: what it said is no longer so.
    void withdraw(const QString& kind);
    void setProgress(int noticeId, double progress);

    // Carries the notice's action out, or the other one, and dismisses it.
    Q_INVOKABLE void act(int noticeId);
    Q_INVOKABLE void actOtherwise(int noticeId);
    Q_INVOKABLE void dismiss(int noticeId);

signals:
    void countChanged();

private:
    struct Row {
        int id = 0;
        Notice notice;
    };
    void makeRoom();
    void carryOut(int noticeId, std::function<void()> Notice::*action);
    [[nodiscard]] int rowOf(int noticeId) const;

    QList<Row> m_rows;
    int m_lastId = 0;
};

}  // namespace alcove
