// Importing and exporting as the window shows them: a preview first, progress, and Cancel.
#pragma once

#include <atomic>
#include <functional>
#include <memory>

#include <QtCore/QObject>
#include <QtCore/QStringList>
#include <QtCore/QThreadPool>
#include <QtCore/QVariantList>
#include <QtQml/qqmlregistration.h>

#include "app/transfer/importing.h"

namespace alcove {

class NoticeListModel;

// GUI thread; one thing at a time, on a thread of its own with a connection of its own to the history. What was taken
// in before Cancel, or before the program ends, stays.
class TransferController : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("Made by the program")
    Q_PROPERTY(State state READ state NOTIFY changed)
    Q_PROPERTY(bool available READ available CONSTANT)
    Q_PROPERTY(double progress READ progress NOTIFY progressChanged)
    Q_PROPERTY(QString files READ files NOTIFY changed)
    Q_PROPERTY(int conversations READ conversations NOTIFY changed)
    Q_PROPERTY(int messages READ messages NOTIFY changed)
    Q_PROPERTY(int branches READ branches NOTIFY changed)
    Q_PROPERTY(int grown READ grown NOTIFY changed)
    Q_PROPERTY(int unchanged READ unchanged NOTIFY changed)
    Q_PROPERTY(QStringList leftOut READ leftOut NOTIFY changed)
    Q_PROPERTY(QString problem READ problem NOTIFY changed)

public:
    enum State {
        Idle,
        Looking,  // counts what the files hold
        Ready,    // … which is shown, and asked about
        Adding,   // takes it in
        Added,    // … which is done, or was cancelled
        Writing,  // an export or a backup
        Restoring,
        Failed,  // `problem` says why; the counts are of what was done before
    };
    Q_ENUM(State)
    enum Format { Markdown, Json, Html, Backup };
    Q_ENUM(Format)

    // The history in `folder`; an empty one, or a store that keeps nothing, has nothing to import into.
    TransferController(const HistoryStore& store, const QString& folder, NoticeListModel& notices,
                       QObject* parent = nullptr);
    ~TransferController() override;

    [[nodiscard]] State state() const { return m_state; }
    [[nodiscard]] bool available() const { return m_available; }
    [[nodiscard]] double progress() const { return m_progress; }  // 0 to 1
    [[nodiscard]] QString files() const;                          // their names, in words
    [[nodiscard]] int conversations() const { return m_result.conversations; }
    [[nodiscard]] int messages() const { return m_result.messages; }
    [[nodiscard]] int branches() const { return m_result.branches; }
    [[nodiscard]] int grown() const { return m_result.grown; }
    [[nodiscard]] int unchanged() const { return m_result.unchanged; }
    [[nodiscard]] QStringList leftOut() const;
    [[nodiscard]] QString problem() const { return m_problem; }

    // Counts what these paths or file URLs hold; Ready follows. A backup is restored at once.
    Q_INVOKABLE void look(const QStringList& files);
    Q_INVOKABLE void importNow();  // from Ready
    Q_INVOKABLE void cancel();     // ends what goes on, or leaves what is shown
    // All conversations where there are no `ids`. Nothing is written over: see freePath(). A notice tells the end.
    Q_INVOKABLE void write(const QVariantList& ids, alcove::TransferController::Format format, const QString& path);
    // A name for a file in `folder` that is not taken: "Title.md", "Title (2).md".
    Q_INVOKABLE QString freePath(const QString& folder, const QString& title,
                                 alcove::TransferController::Format format) const;
    // Whether these files look like something to import rather than like models.
    Q_INVOKABLE bool areChats(const QStringList& files) const;

    // Ends what goes on as soon as it can; nothing is begun any more.
    void stop();

signals:
    void changed();
    void progressChanged();
    void imported();  // the history holds more than before

private:
    struct Outcome {
        ImportResult result;
        QString problem;
    };
    using Work = std::function<ImportResult(HistoryStore& store, const engine::Cancellation& cancel)>;
    void begin(State state, const Work& work, const std::function<void(const Outcome&)>& done);
    void enter(State state);
    void report(qint64 done, qint64 total);
    [[nodiscard]] std::function<void(qint64, qint64)> progressSink();

    NoticeListModel& m_notices;
    QString m_folder;
    bool m_available = false;
    bool m_stopped = false;
    State m_state = Idle;
    double m_progress = 0;
    QStringList m_paths;
    ImportResult m_result;
    QString m_problem;
    std::shared_ptr<std::atomic<bool>> m_cancel = std::make_shared<std::atomic<bool>>(false);
    QThreadPool m_thread;  // last: its destructor waits for the work
};

}  // namespace alcove
