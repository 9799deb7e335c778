// A link that a person has chosen, to be shown before it is opened.
#pragma once

#include <QtCore/QObject>
#include <QtQml/qqmlregistration.h>

namespace alcove {

// GUI thread.
class LinkTarget : public QObject {
    Q_OBJECT
    QML_ELEMENT
    Q_PROPERTY(QString address READ address WRITE setAddress NOTIFY addressChanged)
    Q_PROPERTY(QString place READ place NOTIFY addressChanged)
    Q_PROPERTY(bool mail READ mail NOTIFY addressChanged)

public:
    using QObject::QObject;

    [[nodiscard]] QString address() const { return m_address; }
    // Kept as webAddress() gives it; empty: it leads nowhere that is opened.
    void setAddress(const QString& address);
    [[nodiscard]] QString place() const;  // the host, or the address of a mail
    [[nodiscard]] bool mail() const;

    // In the browser or the mail program. False: the system has none.
    Q_INVOKABLE bool open() const;

signals:
    void addressChanged();

private:
    QString m_address;
};

}  // namespace alcove
