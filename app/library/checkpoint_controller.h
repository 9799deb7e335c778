// Which checkpoint runs on which device, and how to change it.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>

#include <QtCore/QObject>
#include <QtCore/QStringList>
#include <QtCore/QThreadPool>
#include <QtCore/QUrl>
#include <QtCore/QVariantList>
#include <QtQml/qqmlregistration.h>

#include "app/checkpoints/library_scan.h"
#include "app/library/checkpoint_list_model.h"
#include "app/session/backend.h"

namespace alcove {

class EngineThread;
class NoticeListModel;
class SettingsController;

// GUI thread. A checkpoint that fails to open leaves the one before running.
class CheckpointController : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("Made by the program")
    Q_PROPERTY(alcove::CheckpointListModel* model READ model CONSTANT)
    Q_PROPERTY(int count READ count NOTIFY countChanged)
    Q_PROPERTY(QString currentName READ currentName NOTIFY currentChanged)
    Q_PROPERTY(QString currentPath READ currentPath NOTIFY currentChanged)
    Q_PROPERTY(QString currentDetail READ currentDetail NOTIFY currentChanged)
    Q_PROPERTY(bool currentIsCopy READ currentIsCopy NOTIFY currentChanged)  // its smaller copy is what runs
    // First messages that the checkpoint in use offers to answer (while one loads, that one); empty: it names none.
    Q_PROPERTY(QStringList currentSuggestions READ currentSuggestions NOTIFY currentSuggestionsChanged)
    Q_PROPERTY(bool loading READ loading NOTIFY loadingChanged)
    Q_PROPERTY(QString loadingName READ loadingName NOTIFY loadingChanged)
    Q_PROPERTY(QString loadingPath READ loadingPath NOTIFY loadingChanged)
    Q_PROPERTY(double loadProgress READ loadProgress NOTIFY loadProgressChanged)
    Q_PROPERTY(QString deviceName READ deviceName NOTIFY currentChanged)
    Q_PROPERTY(QString deviceDetail READ deviceDetail NOTIFY currentChanged)
    Q_PROPERTY(bool deviceAvailable READ deviceAvailable NOTIFY devicesChanged)
    Q_PROPERTY(QString deviceProblem READ deviceProblem NOTIFY devicesChanged)
    Q_PROPERTY(QStringList devices READ devices NOTIFY devicesChanged)
    // For the menu of devices: {value, label, detail}, the first being "auto".
    Q_PROPERTY(QVariantList deviceChoices READ deviceChoices NOTIFY devicesChanged)
    // What "auto" stands for, and why: a sentence's end that follows on the name and a dash.
    Q_PROPERTY(QString automaticDevice READ automaticDevice NOTIFY devicesChanged)
    Q_PROPERTY(QString automaticReason READ automaticReason NOTIFY devicesChanged)
    // Why graphics devices may be missing from the menu; empty: nothing known.
    Q_PROPERTY(QString deviceNote READ deviceNote NOTIFY devicesChanged)
    // What the engine does beside loading and writing, for the status; empty: nothing.
    Q_PROPERTY(QString activity READ activity NOTIFY activityChanged)
    Q_PROPERTY(QString libraryFolder READ libraryFolder CONSTANT)

public:
    // All must outlive the controller.
    CheckpointController(EngineThread& engine, SettingsController& settings, NoticeListModel& notices,
                         CheckpointScan scan, QString libraryFolder, QObject* parent = nullptr);
    ~CheckpointController() override;

    [[nodiscard]] CheckpointListModel* model() { return &m_model; }
    [[nodiscard]] int count() const { return m_model.count(); }
    [[nodiscard]] QString currentName() const { return m_current ? m_current->name : QString(); }
    [[nodiscard]] QString currentPath() const { return m_current ? m_current->path : QString(); }
    [[nodiscard]] QString currentDetail() const { return m_current ? m_current->detail : QString(); }
    [[nodiscard]] bool currentIsCopy() const { return m_current && m_current->fromCopy; }
    [[nodiscard]] QStringList currentSuggestions() const { return m_suggestions; }
    [[nodiscard]] bool loading() const { return m_openId != 0; }
    [[nodiscard]] QString loadingName() const { return m_loadingName; }
    [[nodiscard]] QString loadingPath() const { return m_loadingPath; }
    [[nodiscard]] double loadProgress() const { return m_loadProgress; }
    [[nodiscard]] QString deviceName() const { return m_current ? m_current->deviceName : QString(); }
    [[nodiscard]] QString deviceDetail() const { return m_current ? m_current->deviceDetail : QString(); }
    [[nodiscard]] bool deviceAvailable() const { return m_deviceProblem.isEmpty(); }
    [[nodiscard]] QString deviceProblem() const { return m_deviceProblem; }
    [[nodiscard]] QStringList devices() const { return m_devices; }
    [[nodiscard]] QVariantList deviceChoices() const { return m_deviceChoices; }
    [[nodiscard]] QString automaticDevice() const { return m_automaticDevice; }
    [[nodiscard]] QString automaticReason() const { return m_automaticReason; }
    [[nodiscard]] QString deviceNote() const { return m_deviceNote; }
    [[nodiscard]] QString activity() const { return m_activity; }
    [[nodiscard]] QString libraryFolder() const { return m_libraryFolder; }
    [[nodiscard]] const std::optional<LoadedCheckpoint>& current() const { return m_current; }

    // Until it is known whether there is a checkpoint to open.
    [[nodiscard]] bool starting() const { return !m_firstOpened && !(m_scanned && m_devicesKnown); }

    // Finds devices and checkpoints, and opens one: `path` if it is not empty, else the one used last, else
    // the first that can be used.
    void start(const QString& path);

    Q_INVOKABLE void select(const QString& path);
    Q_INVOKABLE void add(const QUrl& url);
    Q_INVOKABLE void forget(const QString& path);
    Q_INVOKABLE void rescan();
    Q_INVOKABLE void openLibraryFolder();
    Q_INVOKABLE void cancelLoading();

    // Opens the checkpoint in use (while one loads, that one) once more, because how it is to be opened has changed.
    void reload();

    // After a failure that left the open checkpoint useless: opens it once more. False if that was done
    // for a failure right before: nothing is open then, until a person selects one.
    bool reopen();
    // A reply was made: the next failure may reopen again.
    void replySucceeded() { m_reopened = false; }

signals:
    void countChanged();
    void currentChanged();
    void currentSuggestionsChanged();
    void loadingChanged();
    void loadProgressChanged();
    void devicesChanged();
    void activityChanged();
    // Nothing is loading any more: what is open now stays.
    void settled();

private:
    void open(const QString& path);
    void onDevices(const DeviceList& list, const QString& problem);
    void onDeviceChanged(const DeviceDescription& device, const QString& sentence);
    void listDevices();
    void onOpened(quint64 id, const LoadedCheckpoint& checkpoint);
    void onOpenFailed(quint64 id, const QString& sentence, bool cancelled);
    void onScanned(const QList<CheckpointEntry>& rows);
    void openFirst();
    void listCurrent();
    void setLoading(quint64 id, const QString& path);
    void updateSuggestions();

    EngineThread& m_engine;
    SettingsController& m_settings;
    NoticeListModel& m_notices;
    CheckpointScan m_scan;
    QString m_libraryFolder;
    CheckpointListModel m_model;

    std::optional<LoadedCheckpoint> m_current;
    quint64 m_openId = 0;  // of the newest request to open; 0: none on its way
    QString m_loadingPath;
    QString m_loadingName;
    double m_loadProgress = 0;
    QStringList m_suggestions;
    bool m_reopened = false;

    QStringList m_devices;
    QVariantList m_deviceChoices;
    QString m_automaticDevice;
    QString m_automaticReason;
    QString m_deviceNote;
    QString m_activity;
    QString m_deviceProblem;
    bool m_devicesKnown = false;
    bool m_firstOpened = false;  // the choice at the start has been made

    std::shared_ptr<std::atomic<bool>> m_scanCancel = std::make_shared<std::atomic<bool>>(false);
    quint64 m_scanNumber = 0;
    bool m_scanned = false;
    QThreadPool m_scanThread;  // last: waits for the scan before anything else goes
};

}  // namespace alcove
