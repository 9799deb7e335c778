// What the window has to tell outside of the conversation: banners, some with something to do about it.
#pragma once

#include <functional>

#include <QtCore/QAbstractListModel>
#include <QtQml/qqmlregistration.h>

namespace alcove {

// GUI thread. Oldest first.
class NoticeListModel : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("Made by the program")
    Q_PROPERTY(int count READ count NOTIFY countChanged)

public:
    enum Severity { Info, Warning, Error };
    enum Role { NoticeIdRole = Qt::UserRole + 1, SeverityRole, TextRole, ActionTextRole };

    using QAbstractListModel::QAbstractListModel;

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QHash<int, QByteArray> roleNames() const override;
    [[nodiscard]] int count() const { return static_cast<int>(m_notices.size()); }

    // A notice that is already shown (same severity and text) is not shown twice: its id is returned.
    int add(Severity severity, const QString& text, const QString& actionText = {}, std::function<void()> action = {});

    // Carries the notice's action out, and dismisses it.
    Q_INVOKABLE void act(int noticeId);
    Q_INVOKABLE void dismiss(int noticeId);

signals:
    void countChanged();

private:
    struct Notice {
        int id = 0;
        Severity severity = Info;
        QString text;
        QString actionText;
        std::function<void()> action;
    };
    [[nodiscard]] int rowOf(int noticeId) const;

    QList<Notice> m_notices;
    int m_lastId = 0;
};

}  // namespace alcove
