// The menu of checkpoints: what there is on disk, and which of it is opened.
#pragma once

#include <atomic>
#include <memory>

#include <QtCore/QObject>
#include <QtCore/QStringList>
#include <QtCore/QThreadPool>
#include <QtCore/QUrl>
#include <QtQml/qqmlregistration.h>

#include "app/checkpoints/library_scan.h"
#include "app/library/checkpoint_list_model.h"

namespace alcove {

class DeviceController;
class NoticeListModel;
class RunningCheckpoint;
class SettingsController;

// GUI thread; looks through the folders on a thread of its own.
class LibraryController : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("Made by the program")
    Q_PROPERTY(alcove::CheckpointListModel* model READ model CONSTANT)
    Q_PROPERTY(int count READ count NOTIFY countChanged)
    Q_PROPERTY(QStringList suggestions READ suggestions NOTIFY suggestionsChanged)
    // The checkpoint in use, while one loads that one, goes on with a text and does not answer.
    Q_PROPERTY(bool continuesText READ continuesText NOTIFY suggestionsChanged)
    // No checkpoint of the menu is one that was made to be of use: a guide to a larger one is worth a line.
    Q_PROPERTY(bool onlySmall READ onlySmall NOTIFY suggestionsChanged)
    Q_PROPERTY(QString folder READ folder CONSTANT)
    Q_PROPERTY(QString hub READ hub CONSTANT)

public:
    struct Parts {  // all must outlive the controller
        RunningCheckpoint& running;
        DeviceController& devices;
        SettingsController& settings;
        NoticeListModel& notices;
    };

    // `folder`: where a person puts checkpoints.
    LibraryController(const Parts& parts, CheckpointScan scan, QString folder, QObject* parent = nullptr);
    ~LibraryController() override;

    [[nodiscard]] CheckpointListModel* model() { return &m_model; }
    [[nodiscard]] int count() const { return m_model.count(); }
    // First messages that the checkpoint in use offers to answer (while one loads, that one); empty: it names none.
    [[nodiscard]] QStringList suggestions() const { return m_suggestions; }
    [[nodiscard]] bool onlySmall() const { return m_onlySmall; }
    [[nodiscard]] bool continuesText() const { return m_continuesText; }
    [[nodiscard]] QString folder() const { return m_folder; }
    // The address of the hub's pages of MobiLlama, up to the name of a model; shown and copied, never opened.
    [[nodiscard]] QString hub() const;

    // Looks for checkpoints and opens one: `path` if it is not empty, else the one used last, else the first that can
    // be used.
    void start(const QString& path);

    // Asks the scan to end; nothing more of it is shown.
    void stop();

    Q_INVOKABLE void select(const QString& path);
    // Lists a model that lies elsewhere, and selects it; what is none is refused with a notice.
    Q_INVOKABLE void add(const QUrl& url);
    Q_INVOKABLE void addPath(const QString& path);  // absolute
    Q_INVOKABLE void forget(const QString& path);   // if it was added; its files stay
    Q_INVOKABLE void rescan();
    Q_INVOKABLE void openFolder();

signals:
    void countChanged();
    void suggestionsChanged();

private:
    void onScanned(const QList<CheckpointEntry>& rows, bool complete);
    void onCurrentChanged();
    void openFirst();
    void listCurrent();
    void updateSuggestions();

    Parts m_parts;
    CheckpointScan m_scan;
    QString m_folder;
    CheckpointListModel m_model;
    QStringList m_suggestions;
    bool m_continuesText = false;
    bool m_onlySmall = true;
    bool m_chosen = false;  // a checkpoint to open, by a person or at the start

    std::shared_ptr<std::atomic<bool>> m_scanCancel = std::make_shared<std::atomic<bool>>(false);
    quint64 m_scanNumber = 0;
    bool m_scanned = false;    // completely, once
    QThreadPool m_scanThread;  // last: its destructor waits for the scan, which uses the other members
};

}  // namespace alcove
