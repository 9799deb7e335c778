// One download, from the list of files to a checkpoint in the library.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <set>

#include <QElapsedTimer>
#include <QObject>
#include <QStringList>
#include <QThreadPool>

#include "app/checkpoints/copy_store.h"
#include "app/downloads/download_job.h"
#include "app/downloads/fetch_process.h"
#include "app/downloads/transfer_rate.h"

namespace alcove {

struct DownloadPlaces {
    QString checkpointFolder;
    QString copiesFolder;  // of quantised copies
    QString logFile;       // of all requests
    FetchStarter starter;  // of alcove-fetch
};

// What a person asked for; `job` as it is at its beginning.
struct DownloadWish {
    DownloadJob job;
    QString token = {};
    QString proxy = QStringLiteral("system");
    FetchLimits limits = {};
};

struct DownloadProgress {
    DownloadStep step = DownloadStep::Listing;
    qint64 bytes = 0;  // of `total`: downloaded, or of the weights quantised
    qint64 total = 0;  // 0: not known yet
    qint64 perSecond = 0;
    std::optional<qint64> secondsLeft = {};
    QString waiting = {};    // for what, while nothing comes; a sentence
    QStringList hosts = {};  // beside the hub, those that files came from
};

// Used on one thread, with an event loop. The steps and what is known are kept on the disk (download_job.h), so that
// the same wish carries on where an earlier one ended, however it did. One of `finished` and `failed` is signalled,
// once; after stop() neither is.
class Download : public QObject {
    Q_OBJECT

public:
    Download(DownloadWish wish, DownloadPlaces places, QObject* parent = nullptr);
    ~Download() override;  // stops it

    void start();
    void stop();

    [[nodiscard]] const DownloadProgress& progress() const { return m_progress; }

signals:
    void progressed();
    void finished(const QString& path);                         // of the checkpoint
    void failed(const QString& sentence, const QString& kind);  // kind: as failureName() has it, or "failed"

private:
    void begin();
    void proceed();
    void list();
    void fetch();
    void publish();
    void quantize();
    void onEvent(const FetchEvent& event);
    void onListing(const FetchListing& listing);
    void onProgress(const FetchProgress& event);
    void onDone(qint64 id);
    void onQuantized(const CopyResult& result);
    void startProcess();
    void advance();
    void advanceTo(DownloadStep step);
    // Whether what is wanted beside the checkpoint at `place` is there.
    [[nodiscard]] bool hasItsCopy(const QString& place) const;
    void end(const QString& sentence, const QString& kind);
    void end(const FetchFailure& failure, const QString& what);
    void show();
    // What throws is the end.
    template <typename Work>
    void guarded(const Work& work);
    [[nodiscard]] QString staging() const;      // the folder that the files come into
    [[nodiscard]] QString stagedCopy() const;   // the smaller copy, where it is a file of its own
    [[nodiscard]] QString destination() const;  // of the checkpoint
    [[nodiscard]] QString quantizedDestination() const;

    DownloadWish m_wish;
    DownloadPlaces m_places;
    DownloadJob m_job;
    std::unique_ptr<JobFolder> m_folder;
    std::unique_ptr<FetchProcess> m_process;
    DownloadProgress m_progress;
    QList<qint64> m_have;        // of each file
    std::set<qint64> m_missing;  // ids of files that are not in their place
    TransferRate m_rate;
    QElapsedTimer m_clock;
    qint64 m_fetched = 0;
    QList<qint64> m_fetchedOf;
    bool m_over = false;
    std::shared_ptr<std::atomic<bool>> m_cancel = std::make_shared<std::atomic<bool>>(false);
    QThreadPool m_pool;
};

}  // namespace alcove
