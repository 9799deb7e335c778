#include "app/library/device_controller.h"

#include "app/session/engine_thread.h"
#include "app/settings/settings_controller.h"

namespace alcove {

DeviceController::DeviceController(EngineThread& engine, SettingsController& settings, QObject* parent)
    : QObject(parent), m_engine(engine), m_settings(settings) {
    connect(&engine, &EngineThread::devicesListed, this, &DeviceController::onListed);
    connect(&engine, &EngineThread::activityChanged, this, [this](const QString& sentence) {
        m_activity = sentence;
        emit activityChanged();
    });
    connect(&settings, &SettingsController::deviceChanged, this, &DeviceController::list);
}

// The devices are compared only where that decides which of them is used.
void DeviceController::list() {
    m_engine.listDevices(m_settings.device() == QLatin1String("auto"));
}

void DeviceController::onListed(const DeviceList& list, const QString& problem) {
    const auto entry = [](const QString& value, const QString& label, const QString& detail) {
        return QVariantMap{{"value", value}, {"label", label}, {"detail", detail}};
    };
    m_automaticName = list.automaticName;
    m_automaticReason = list.automaticReason;
    m_names.clear();
    m_hasGraphics = false;
    m_entries = {
        entry("auto", tr("Automatic"),
              m_automaticName.isEmpty() ? m_automaticReason : tr("%1 — %2").arg(m_automaticName, m_automaticReason))};
    QStringList problems;
    for (const DeviceDescription& device : list.devices) {
        if (device.usable) {
            m_names << device.name;
            m_hasGraphics = m_hasGraphics || device.graphics;
            m_entries << entry(device.name, device.name, device.detail);
        } else {
            problems << tr("%1 cannot be used: %2.").arg(device.name, device.problem);
        }
    }
    if (!list.problem.isEmpty()) {
        problems << list.problem;
    }
    m_note = problems.join(u' ');
    m_problem = problem;
    if (problem.isEmpty() && m_names.isEmpty()) {
        problems.prepend(tr("This machine has no device that Alcove can use."));
        m_problem = problems.join(u'\n');
    }
    m_listed = true;
    emit changed();
}

}  // namespace alcove

#include "moc_device_controller.cpp"
