// What the kernel refuses this program, tried for real, as the privacy page shows it.
#pragma once

#include <QtCore/QObject>
#include <QtCore/QVariantList>
#include <QtQml/qqmlregistration.h>

namespace alcove {

// GUI thread.
class PrivacyReport : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("Made by the program")
    // Of each protection: "name", "explanation", "enforced", and "answers", a list of what was tried and what the
    // kernel said.
    Q_PROPERTY(QVariantList protections READ protections NOTIFY tried)
    Q_PROPERTY(bool allEnforced READ allEnforced NOTIFY tried)

public:
    using QObject::QObject;

    // Tries everything again; takes far less than a millisecond.
    Q_INVOKABLE void tryNow();

    [[nodiscard]] QVariantList protections() const { return m_protections; }
    [[nodiscard]] bool allEnforced() const { return m_allEnforced; }

signals:
    void tried();

private:
    QVariantList m_protections;
    bool m_allEnforced = false;
};

}  // namespace alcove
