// Offers quantised copies of checkpoints, makes them, and has them opened in place of the originals.
#pragma once

#include <atomic>
#include <memory>

#include <QtCore/QObject>
#include <QtCore/QSet>
#include <QtCore/QThreadPool>
#include <QtQml/qqmlregistration.h>

#include "app/checkpoints/copy_store.h"

namespace alcove {

class EngineThread;
class NoticeListModel;
class RunningCheckpoint;
class SettingsController;

// GUI thread; copies are made on a thread of its own, one at a time. The offer and the progress are notices. The
// running checkpoint is switched to its copy, or back, only between replies; the conversation goes on as it is.
class CopyController : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("Made by the program")
    Q_PROPERTY(bool making READ making NOTIFY makingChanged)
    Q_PROPERTY(int count READ count NOTIFY onDiskChanged)
    Q_PROPERTY(QString onDisk READ onDisk NOTIFY onDiskChanged)  // a sentence: how many there are, how large

public:
    struct Parts {  // all must outlive the controller
        EngineThread& engine;
        RunningCheckpoint& running;
        SettingsController& settings;
        NoticeListModel& notices;
    };

    CopyController(const Parts& parts, std::shared_ptr<const CopyStore> copies, QObject* parent = nullptr);
    ~CopyController() override;  // cancels the making of a copy, and waits for it

    void stop();  // cancels it

    [[nodiscard]] bool making() const { return !m_making.isEmpty(); }
    [[nodiscard]] int count() const { return m_onDisk.count; }
    [[nodiscard]] QString onDisk() const;

    // Looks at the disk again; until this is called, what was there at the start or after the last copy counts.
    Q_INVOKABLE void measure();
    // Deletes all copies; a checkpoint that runs from one is opened itself. Not while one is being made.
    Q_INVOKABLE void removeAll();

signals:
    void makingChanged();
    void onDiskChanged();

private:
    // Offers a copy of the open checkpoint, if one is worth making and wanted; withdraws an offer that does not hold.
    void updateOffer();
    void make(const QString& checkpoint, const QString& name);
    void onMade(const CopyResult& result, const QString& name);
    void onCurrent();
    void onUseChanged();
    // Opens the checkpoint once more if it should run from its copy and does not, or the other way about; as soon as
    // the engine has nothing else to do.
    void switchIfDue();

    Parts m_parts;
    std::shared_ptr<const CopyStore> m_copies;
    CopiesOnDisk m_onDisk;

    int m_offerId = 0;                // the notice; 0: nothing is offered
    QString m_offered;                // the checkpoint whose copy is offered
    QSet<QString> m_notOfferedAgain;  // checkpoints, while the program runs

    QString m_making;  // the checkpoint whose copy is made; empty: none is
    int m_progressId = 0;
    std::shared_ptr<std::atomic<bool>> m_cancel = std::make_shared<std::atomic<bool>>(false);

    bool m_switchDue = false;
    QString m_switching;   // the checkpoint that is being opened for that reason; empty: none
    QThreadPool m_thread;  // last: its destructor waits for the copy, which uses the other members
};

}  // namespace alcove
