// The checkpoint that answers, and the one that is being opened in its place.
#pragma once

#include <optional>

#include <QtCore/QObject>
#include <QtQml/qqmlregistration.h>

#include "app/session/backend.h"

namespace alcove {

class DeviceController;
class EngineThread;
class NoticeListModel;
class SettingsController;

// GUI thread. While another one is opened, and if that fails, the one before goes on answering. Opens the checkpoint
// again when a setting that it was opened with changes.
class RunningCheckpoint : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("Made by the program")
    // Of the checkpoint that is open; all are empty while none is.
    Q_PROPERTY(QString name READ name NOTIFY currentChanged)
    Q_PROPERTY(QString path READ path NOTIFY currentChanged)
    Q_PROPERTY(QString detail READ detail NOTIFY currentChanged)
    Q_PROPERTY(bool fromCopy READ fromCopy NOTIFY currentChanged)
    Q_PROPERTY(QString deviceName READ deviceName NOTIFY currentChanged)
    Q_PROPERTY(QString deviceDetail READ deviceDetail NOTIFY currentChanged)
    // What the setting of the context comes to with this model, where that is not what it says; empty otherwise.
    Q_PROPERTY(QString contextNote READ contextNote NOTIFY currentChanged)
    // Of the checkpoint that is being opened.
    Q_PROPERTY(bool loading READ loading NOTIFY loadingChanged)
    Q_PROPERTY(QString loadingName READ loadingName NOTIFY loadingChanged)
    Q_PROPERTY(QString loadingPath READ loadingPath NOTIFY loadingChanged)
    Q_PROPERTY(double loadProgress READ loadProgress NOTIFY loadProgressChanged)

public:
    struct Parts {  // all must outlive the object
        EngineThread& engine;
        DeviceController& devices;
        SettingsController& settings;
        NoticeListModel& notices;
    };

    explicit RunningCheckpoint(const Parts& parts, QObject* parent = nullptr);

    [[nodiscard]] const std::optional<LoadedCheckpoint>& current() const { return m_current; }
    [[nodiscard]] QString name() const { return m_current ? m_current->name : QString(); }
    [[nodiscard]] QString path() const { return m_current ? m_current->path : QString(); }
    [[nodiscard]] QString detail() const { return m_current ? m_current->detail : QString(); }
    [[nodiscard]] bool fromCopy() const { return m_current && m_current->fromCopy; }  // its quantised copy is open
    [[nodiscard]] QString deviceName() const { return m_current ? m_current->deviceName : QString(); }
    [[nodiscard]] QString deviceDetail() const { return m_current ? m_current->deviceDetail : QString(); }

    [[nodiscard]] QString contextNote() const;

    [[nodiscard]] bool loading() const { return m_openId != 0; }
    [[nodiscard]] QString loadingName() const { return m_loadingName; }
    [[nodiscard]] QString loadingPath() const { return m_loadingPath; }
    [[nodiscard]] double loadProgress() const { return m_loadProgress; }

    // A message that is sent now will be answered: a checkpoint is open, is being opened, or is going to be.
    [[nodiscard]] bool canAnswer() const;
    // Whether one is going to be opened although none is loading: true at the start, until it is known which.
    void setExpected(bool expected);

    // Opens the checkpoint, unless it is open or loading already. Choosing the open one ends the loading of another.
    // `name` is shown while it loads.
    void select(const QString& path, const QString& name);
    // Opens the open checkpoint (while one loads, that one) with the settings and files as they are now.
    void reload();
    // What is being opened is given up; loadingEnded() tells when.
    Q_INVOKABLE void cancelLoading();

    // After a failure that left the open checkpoint useless: opens it once more. False if that was done
    // for a failure right before: nothing is open then, until a person selects one.
    bool reopen();
    // A reply was made: the next failure may reopen again.
    void replySucceeded() { m_reopened = false; }

signals:
    void currentChanged();
    void loadingChanged();
    void loadProgressChanged();
    // The newest request to open has ended, well or not; nothing is being opened any more.
    void loadingEnded();
    void canAnswerChanged();

private:
    void open(const QString& path, const QString& name);
    void setLoading(quint64 id, const QString& path, const QString& name);
    void onOpened(quint64 id, const LoadedCheckpoint& checkpoint);
    void onOpenFailed(quint64 id, const QString& sentence, bool cancelled);
    void onDeviceChanged(quint64 checkpoint, const DeviceDescription& device, const QString& sentence);

    Parts m_parts;
    std::optional<LoadedCheckpoint> m_current;
    quint64 m_openId = 0;  // of the newest request to open; 0: none on its way
    QString m_loadingPath;
    QString m_loadingName;
    double m_loadProgress = 0;
    bool m_reopened = false;
    bool m_expected = true;
};

}  // namespace alcove
