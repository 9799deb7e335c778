// The devices that can compute, for the settings, and why one of them may be missing.
#pragma once

#include <QtCore/QObject>
#include <QtCore/QStringList>
#include <QtCore/QVariantList>
#include <QtQml/qqmlregistration.h>

#include "app/session/backend.h"

namespace alcove {

class EngineThread;
class SettingsController;

// GUI thread. Lists the devices again whenever another one is chosen in the settings.
class DeviceController : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("Made by the program")
    Q_PROPERTY(bool available READ available NOTIFY changed)
    Q_PROPERTY(QString problem READ problem NOTIFY changed)
    Q_PROPERTY(QStringList names READ names NOTIFY changed)
    Q_PROPERTY(QVariantList entries READ entries NOTIFY changed)
    Q_PROPERTY(bool hasGraphics READ hasGraphics NOTIFY changed)
    Q_PROPERTY(QString automaticName READ automaticName NOTIFY changed)
    Q_PROPERTY(QString automaticReason READ automaticReason NOTIFY changed)
    Q_PROPERTY(QString note READ note NOTIFY changed)
    Q_PROPERTY(QString activity READ activity NOTIFY activityChanged)

public:
    // Both must outlive the controller.
    DeviceController(EngineThread& engine, SettingsController& settings, QObject* parent = nullptr);

    // Until the devices have been listed for the first time nothing speaks against there being one.
    [[nodiscard]] bool available() const { return m_problem.isEmpty(); }
    [[nodiscard]] QString problem() const { return m_problem; }  // why no device can be used; empty: one can
    [[nodiscard]] bool listed() const { return m_listed; }       // at least once
    [[nodiscard]] QStringList names() const { return m_names; }  // of the usable ones
    // For the menu of devices: {value, label, detail}; `value` is what the setting holds, the first is "auto".
    [[nodiscard]] QVariantList entries() const { return m_entries; }
    // A usable one is a graphics processor.
    [[nodiscard]] bool hasGraphics() const { return m_hasGraphics; }
    // What "auto" stands for, and why; the reason follows on the name and a dash.
    [[nodiscard]] QString automaticName() const { return m_automaticName; }
    [[nodiscard]] QString automaticReason() const { return m_automaticReason; }
    // Why graphics devices may be missing from the menu; empty: nothing known.
    [[nodiscard]] QString note() const { return m_note; }
    // What is being measured, a sentence for the status line; empty: nothing.
    [[nodiscard]] QString activity() const { return m_activity; }

    // Asks the engine thread for the devices; changed() tells that they are known.
    void list();

signals:
    void changed();
    void activityChanged();

private:
    void onListed(const DeviceList& list, const QString& problem);

    EngineThread& m_engine;
    SettingsController& m_settings;
    QString m_problem;
    bool m_listed = false;
    QStringList m_names;
    QVariantList m_entries;
    bool m_hasGraphics = false;
    QString m_automaticName;
    QString m_automaticReason;
    QString m_note;
    QString m_activity;
};

}  // namespace alcove
