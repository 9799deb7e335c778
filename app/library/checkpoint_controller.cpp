#include "app/library/checkpoint_controller.h"

#include <utility>

#include <QtCore/QDir>
#include <QtCore/QFileInfo>
#include <QtGui/QDesktopServices>

#include "app/notices/notice_list_model.h"
#include "app/session/engine_thread.h"
#include "app/settings/settings_controller.h"

namespace alcove {

CheckpointController::CheckpointController(EngineThread& engine, SettingsController& settings, NoticeListModel& notices,
                                           CheckpointScan scan, QString libraryFolder, QObject* parent)
    : QObject(parent),
      m_engine(engine),
      m_settings(settings),
      m_notices(notices),
      m_scan(std::move(scan)),
      m_libraryFolder(std::move(libraryFolder)) {
    m_scanThread.setMaxThreadCount(1);
    connect(&m_model, &CheckpointListModel::countChanged, this, &CheckpointController::countChanged);
    connect(&m_engine, &EngineThread::devicesListed, this, &CheckpointController::onDevices);
    connect(&m_engine, &EngineThread::opened, this, &CheckpointController::onOpened);
    connect(&m_engine, &EngineThread::openFailed, this, &CheckpointController::onOpenFailed);
    connect(&m_engine, &EngineThread::openProgressed, this, [this](quint64 id, double fraction) {
        if (id == m_openId) {
            m_loadProgress = fraction;
            emit loadProgressChanged();
        }
    });
    connect(&m_engine, &EngineThread::deviceChanged, this, &CheckpointController::onDeviceChanged);
    connect(&m_engine, &EngineThread::activityChanged, this, [this](const QString& sentence) {
        m_activity = sentence;
        emit activityChanged();
    });
    connect(&m_settings, &SettingsController::deviceChanged, this, [this] {
        listDevices();
        reload();
    });
    connect(&m_settings, &SettingsController::contextSizeChanged, this, &CheckpointController::reload);
    connect(&m_settings, &SettingsController::submissionMsChanged, this, &CheckpointController::reload);
    connect(this, &CheckpointController::currentChanged, this, &CheckpointController::updateSuggestions);
    connect(this, &CheckpointController::loadingChanged, this, &CheckpointController::updateSuggestions);
}

CheckpointController::~CheckpointController() {
    *m_scanCancel = true;
}

void CheckpointController::start(const QString& path) {
    listDevices();
    if (!path.isEmpty()) {
        m_firstOpened = true;
        select(CheckpointLibrary::locationOf(path));
    }
    rescan();
}

// Whoever has chosen a device is spared the measurement of the others.
void CheckpointController::listDevices() {
    m_engine.listDevices(m_settings.device() == QLatin1String("auto"));
}

void CheckpointController::onDevices(const DeviceList& list, const QString& problem) {
    const auto choice = [](const QString& value, const QString& label, const QString& detail) {
        return QVariantMap{{"value", value}, {"label", label}, {"detail", detail}};
    };
    m_automaticDevice = list.automaticName;
    m_automaticReason = list.automaticReason;
    m_devices.clear();
    m_deviceChoices = {choice(
        "auto", tr("Automatic"),
        m_automaticDevice.isEmpty() ? m_automaticReason : tr("%1 — %2").arg(m_automaticDevice, m_automaticReason))};
    QStringList problems;
    for (const DeviceDescription& device : list.devices) {
        if (device.usable) {
            m_devices << device.name;
            m_deviceChoices << choice(device.name, device.name, device.detail);
        } else {
            problems << tr("%1 cannot be used: %2.").arg(device.name, device.problem);
        }
    }
    if (!list.problem.isEmpty()) {
        problems << list.problem;
    }
    m_deviceNote = problems.join(u' ');
    m_deviceProblem = problem;
    if (problem.isEmpty() && m_devices.isEmpty()) {
        problems.prepend(tr("This machine has no device that Alcove can use."));
        m_deviceProblem = problems.join(u'\n');
    }
    m_devicesKnown = true;
    emit devicesChanged();
    openFirst();
}

void CheckpointController::onDeviceChanged(const DeviceDescription& device, const QString& sentence) {
    if (!m_current) {
        return;
    }
    m_current->deviceName = device.name;
    m_current->deviceDetail = device.detail;
    m_notices.add(NoticeListModel::Warning, sentence, tr("Try it again"), [this] {
        if (m_current && !loading()) {
            open(currentPath());
        }
    });
    emit currentChanged();
}

void CheckpointController::rescan() {
    *m_scanCancel = true;
    m_scanCancel = std::make_shared<std::atomic<bool>>(false);
    const quint64 number = ++m_scanNumber;
    m_scanThread.start([this, number, scan = m_scan, added = m_settings.addedCheckpoints(), cancel = m_scanCancel] {
        const auto publish = [this, number](const QList<CheckpointEntry>& rows) {
            QMetaObject::invokeMethod(
                this,
                [this, number, rows] {
                    if (number == m_scanNumber) {
                        onScanned(rows);
                    }
                },
                Qt::QueuedConnection);
        };
        if (!*cancel) {
            scan(added, publish, *cancel);
        }
    });
}

void CheckpointController::onScanned(const QList<CheckpointEntry>& rows) {
    m_model.setRows(rows);
    updateSuggestions();
    if (!std::exchange(m_scanned, true)) {
        listCurrent();
    }
    openFirst();
}

// What is used without anybody having chosen: once, when both the devices and the checkpoints are known.
void CheckpointController::openFirst() {
    if (m_firstOpened || !m_scanned || !m_devicesKnown || !deviceAvailable()) {
        return;
    }
    if (const auto choice = defaultCheckpoint(m_model.rows(), m_settings.lastCheckpoint())) {
        m_firstOpened = true;
        open(choice->path);
    }
}

void CheckpointController::select(const QString& path) {
    m_firstOpened = true;
    if (path == (loading() ? m_loadingPath : currentPath())) {
        return;
    }
    m_reopened = false;
    if (path == currentPath()) {  // back to what is still open
        cancelLoading();
        return;
    }
    open(path);
}

void CheckpointController::reload() {
    const QString path = loading() ? m_loadingPath : currentPath();
    if (!path.isEmpty()) {
        open(path);
    }
}

void CheckpointController::open(const QString& path) {
    if (!deviceAvailable()) {
        m_notices.add(NoticeListModel::Error, m_deviceProblem);
        return;
    }
    m_engine.stop(m_openId);
    setLoading(m_engine.open({.path = path,
                              .device = m_settings.device(),
                              .contextSize = m_settings.contextSize(),
                              .useCopy = m_settings.smallerCopies(),
                              .submissionMs = static_cast<double>(m_settings.submissionMs())}),
               path);
}

void CheckpointController::setLoading(quint64 id, const QString& path) {
    m_openId = id;
    m_loadingPath = path;
    const CheckpointEntry* row = m_model.find(path);
    m_loadingName = row ? row->name : QFileInfo(path).fileName();
    m_loadProgress = 0;
    emit loadingChanged();
    emit loadProgressChanged();
}

void CheckpointController::updateSuggestions() {
    const CheckpointEntry* row = m_model.find(loading() ? m_loadingPath : currentPath());
    QStringList suggestions;
    if (row) {
        suggestions = row->card.suggestions;
    } else if (!m_firstOpened) {  // the one that opens as soon as the devices are known
        if (const auto choice = defaultCheckpoint(m_model.rows(), m_settings.lastCheckpoint())) {
            suggestions = choice->card.suggestions;
        }
    }
    if (suggestions != m_suggestions) {
        m_suggestions = suggestions;
        emit currentSuggestionsChanged();
    }
}

void CheckpointController::cancelLoading() {
    m_engine.stop(m_openId);
}

// Whichever checkpoint the engine opened is the one it runs now, even if another was asked for since.
void CheckpointController::onOpened(quint64 id, const LoadedCheckpoint& checkpoint) {
    m_current = checkpoint;
    m_model.setCurrent(checkpoint.path);
    m_settings.setLastCheckpoint(checkpoint.path);
    emit currentChanged();
    if (m_scanned) {
        listCurrent();
    }
    if (id == m_openId) {
        setLoading(0, {});
        emit settled();
    }
}

// A checkpoint from anywhere that could be opened is in the menu from then on, as if it had been added.
void CheckpointController::listCurrent() {
    QStringList added = m_settings.addedCheckpoints();
    if (m_current && !m_model.find(m_current->path) && !added.contains(m_current->path)) {
        added << m_current->path;
        m_settings.setAddedCheckpoints(added);
        rescan();
    }
}

void CheckpointController::onOpenFailed(quint64 id, const QString& sentence, bool cancelled) {
    if (!cancelled) {
        m_notices.add(NoticeListModel::Error,
                      m_current ? tr("%1 %2 is still in use.").arg(sentence, m_current->name) : sentence);
    }
    if (id == m_openId) {
        setLoading(0, {});
        emit settled();
    }
}

bool CheckpointController::reopen() {
    if (!m_current) {
        return false;
    }
    const QString path = currentPath();
    m_current.reset();
    m_model.setCurrent({});
    const bool again = !std::exchange(m_reopened, true);
    if (!loading() && again) {
        open(path);
    }
    emit currentChanged();
    return again;
}

void CheckpointController::add(const QUrl& url) {
    if (!url.isLocalFile() && !url.scheme().isEmpty()) {
        m_notices.add(NoticeListModel::Error, tr("A checkpoint must be a folder on this machine."));
        return;
    }
    const QString path = CheckpointLibrary::locationOf(url.isLocalFile() ? url.toLocalFile() : url.path());
    QStringList added = m_settings.addedCheckpoints();
    if (!added.contains(path) && !m_model.find(path)) {
        added << path;
        m_settings.setAddedCheckpoints(added);
        rescan();
    }
    select(path);
}

void CheckpointController::forget(const QString& path) {
    QStringList added = m_settings.addedCheckpoints();
    if (added.removeAll(path) > 0) {
        m_settings.setAddedCheckpoints(added);
        rescan();
    }
}

void CheckpointController::openLibraryFolder() {
    if (!QDir().mkpath(m_libraryFolder) || !QDesktopServices::openUrl(QUrl::fromLocalFile(m_libraryFolder))) {
        m_notices.add(NoticeListModel::Info, tr("Put checkpoints into this folder: %1").arg(m_libraryFolder));
    }
}

}  // namespace alcove

#include "moc_checkpoint_controller.cpp"
