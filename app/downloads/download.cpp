#include "app/downloads/download.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <fcntl.h>
#include <numeric>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QStorageInfo>

#include "app/checkpoints/checkpoint_copies.h"
#include "app/checkpoints/file_path.h"
#include "app/downloads/failure_text.h"
#include "app/downloads/file_selection.h"
#include "app/downloads/quantizing.h"
#include "app/downloads/source_record.h"
#include "app/translation/engine_sentences.h"
#include "engine/base/error.h"

namespace alcove {
namespace {

constexpr const char* kOtherFailure = "failed";
constexpr qint64 kQuantizeParts = 1000;  // of the progress of quantising

void syncFolder(const QString& folder) {
    const int descriptor = ::open(QFile::encodeName(folder).constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor >= 0) {
        static_cast<void>(::fsync(descriptor));
        ::close(descriptor);
    }
}

// What has come of a file so far, and what the disk has set aside for it.
struct Share {
    qint64 bytes = 0;
    qint64 onDisk = 0;
};
Share shareOf(const QString& target) {
    constexpr qint64 kBlock = 512;
    struct stat status {};
    if (::stat(QFile::encodeName(target).constData(), &status) != 0 &&
        ::stat(QFile::encodeName(target + QStringLiteral(".part")).constData(), &status) != 0) {
        return {};
    }
    return {status.st_size, std::max<qint64>(status.st_size, static_cast<qint64>(status.st_blocks) * kBlock)};
}

// Nothing that is there is replaced.
void moveTo(const QString& from, const QString& to) {
    if (!QDir().mkpath(QFileInfo(to).absolutePath()) ||
        ::renameat2(AT_FDCWD, QFile::encodeName(from).constData(), AT_FDCWD, QFile::encodeName(to).constData(),
                    RENAME_NOREPLACE) != 0) {
        const int error = errno;
        if (error == EEXIST || error == ENOTEMPTY) {
            throw engine::Error(engine::ErrorCode::InvalidRequest,
                                ALCOVE_TEXT("engine", "%1 is there already, and is not replaced unasked."), toPath(to));
        }
        throw engine::Error(engine::ErrorCode::FileUnwritable,
                            ALCOVE_TEXT("engine", "%1 could not be written: %2. Choose a place where you may write."),
                            toPath(to), std::strerror(error));
    }
    syncFolder(QFileInfo(to).absolutePath());
}

}  // namespace

Download::Download(DownloadWish wish, DownloadPlaces places, QObject* parent)
    : QObject(parent), m_wish(std::move(wish)), m_places(std::move(places)), m_job(m_wish.job) {
    m_pool.setMaxThreadCount(1);
}

Download::~Download() {
    stop();
    m_pool.waitForDone();
}

template <typename Work>
void Download::guarded(const Work& work) {
    try {
        work();
    } catch (const engine::Error& error) {
        end(inWords(error.sentence()), QLatin1String(kOtherFailure));
    } catch (const std::exception& error) {
        end(QString::fromUtf8(error.what()), QLatin1String(kOtherFailure));
    }
}

void Download::start() {
    m_clock.start();
    // Later, so that whoever starts it hears of everything.
    QMetaObject::invokeMethod(
        this, [this] { guarded([this] { begin(); }); }, Qt::QueuedConnection);
}

void Download::stop() {
    m_over = true;
    *m_cancel = true;
    if (m_process) {
        m_process->stop();
    }
}

QString Download::staging() const {
    return m_folder->path() + u'/' + m_job.folderName();
}

QString Download::stagedCopy() const {
    return m_folder->path() + u'/' + QFileInfo(m_job.quantizedPlace()).fileName();
}

QString Download::destination() const {
    return m_places.checkpointFolder + u'/' + m_job.place();
}

QString Download::quantizedDestination() const {
    return m_places.checkpointFolder + u'/' + m_job.quantizedPlace();
}

void Download::begin() {
    if (m_over) {
        return;
    }
    const bool onlyCopy = !m_job.keepOriginals && m_job.quantize != QuantizedForm::None;
    const QString place = onlyCopy ? quantizedDestination() : destination();
    m_folder = std::make_unique<JobFolder>(m_places.checkpointFolder, m_job);
    const bool carriesOn = QFileInfo::exists(m_folder->path());
    if (const std::optional<SourceRecord> there = readSource(place); there && !carriesOn && QFileInfo::exists(place)) {
        if (there->repository == m_job.repository && there->revision == m_job.revision) {
            // All of it was here before: nothing is asked.
            if (hasItsCopy(place)) {
                m_over = true;
                emit finished(place);
                return;
            }
            m_job.files = there->files;
            m_job.commit = there->commit;
            m_folder->take();
            advanceTo(DownloadStep::Quantizing);
            return;
        }
    }
    m_folder->take();
    if (const std::optional<DownloadJob> kept = m_folder->load();
        kept && kept->repository == m_job.repository && kept->revision == m_job.revision &&
        kept->ggufFile == m_job.ggufFile && kept->step != DownloadStep::Listing) {
        const bool sameEnd = kept->quantize == m_job.quantize && kept->keepOriginals == m_job.keepOriginals;
        m_job.commit = kept->commit;
        m_job.files = kept->files;
        // With another wish for what is made of them, the files are looked at again, which is cheap.
        m_job.step = sameEnd || kept->step == DownloadStep::Fetching ? kept->step : DownloadStep::Fetching;
    } else if (!m_job.files.isEmpty()) {
        m_job.step = DownloadStep::Fetching;  // the catalogue knows them
    }
    m_folder->save(m_job);
    proceed();
}

void Download::proceed() {
    m_progress.step = m_job.step;
    m_progress.waiting.clear();
    show();
    if (m_over) {  // whoever was shown that has stopped it
        return;
    }
    switch (m_job.step) {
        case DownloadStep::Listing:
            list();
            break;
        case DownloadStep::Fetching:
            fetch();
            break;
        case DownloadStep::Publishing:
            publish();
            break;
        case DownloadStep::Quantizing:
            quantize();
            break;
        case DownloadStep::Done: {
            const bool onlyCopy = !m_job.keepOriginals && m_job.quantize != QuantizedForm::None;
            const QString path = onlyCopy ? quantizedDestination() : destination();
            m_folder->remove();
            m_over = true;
            emit finished(path);
            break;
        }
    }
}

bool Download::hasItsCopy(const QString& place) const {
    if (m_job.quantize == QuantizedForm::None || !m_job.keepOriginals) {
        return true;
    }
    return m_job.quantize == QuantizedForm::Q4_0 ? !CheckpointCopies(m_places.copiesFolder).find(place).isEmpty()
                                                 : QFileInfo::exists(quantizedDestination());
}

void Download::advanceTo(DownloadStep step) {
    m_job.step = step;
    m_folder->save(m_job);
    proceed();
}

void Download::advance() {
    advanceTo(m_job.following());
}

void Download::startProcess() {
    if (m_process) {
        return;
    }
    m_process = std::make_unique<FetchProcess>(m_places.starter);
    connect(m_process.get(), &FetchProcess::told, this,
            [this](const FetchEvent& event) { guarded([&] { onEvent(event); }); });
    m_process->start({.base = m_job.base,
                      .token = m_wish.token,
                      .proxy = m_wish.proxy,
                      .log = m_places.logFile,
                      .limits = m_wish.limits});
}

void Download::list() {
    startProcess();
    m_process->send(FetchList{m_job.repository, m_job.revision});
}

void Download::onListing(const FetchListing& listing) {
    if (m_job.step != DownloadStep::Listing) {
        return;
    }
    const FileSelection selection = chooseFiles(listing.files, m_job.ggufFile);
    if (!selection.problem.isEmpty()) {
        end(selection.problem, QStringLiteral("no_model"));
        m_folder->remove();
        return;
    }
    m_job.commit = listing.commit;
    m_job.files = selection.files;
    advance();
}

void Download::fetch() {
    // What was published already comes back to be looked at, not to be fetched again.
    if (!QFileInfo::exists(staging()) && readSource(destination()) && m_job.keepOriginals) {
        advance();
        return;
    }
    if (!QDir().mkpath(staging())) {
        end({.kind = FetchFailureKind::NotWritable, .detail = staging()}, m_job.repository);
        return;
    }
    m_have.clear();
    m_missing.clear();
    m_fetched = 0;
    m_fetchedOf = QList<qint64>(m_job.files.size(), 0);
    m_progress.total = bytesOf(m_job.files);
    qint64 missing = 0;
    for (qsizetype i = 0; i < m_job.files.size(); ++i) {
        const qint64 size = m_job.files[i].content.size;
        const Share there = shareOf(staging() + u'/' + m_job.files[i].name);
        m_have << std::min(there.bytes, size);
        missing += size - std::min(there.onDisk, size);
        m_missing.insert(i + 1);
    }
    const qint64 available = QStorageInfo(staging()).bytesAvailable();
    if (missing > available) {
        end({.kind = FetchFailureKind::DiskFull, .expected = missing, .found = available}, m_job.repository);
        return;
    }
    m_rate.forget();
    show();
    startProcess();
    for (qsizetype i = 0; i < m_job.files.size(); ++i) {
        const ListedFile& file = m_job.files[i];
        m_process->send(FetchFile{.id = i + 1,
                                  .repository = m_job.repository,
                                  .revision = m_job.commit.isEmpty() ? m_job.revision : m_job.commit,
                                  .name = file.name,
                                  .target = staging() + u'/' + file.name,
                                  .content = file.content});
    }
}

void Download::onEvent(const FetchEvent& event) {
    if (m_over) {
        return;
    }
    if (const auto* listing = std::get_if<FetchListing>(&event)) {
        onListing(*listing);
    } else if (const auto* redirected = std::get_if<FetchRedirected>(&event)) {
        if (!m_progress.hosts.contains(redirected->host)) {
            constexpr qsizetype kMostHosts = 20;
            m_progress.hosts = (m_progress.hosts << redirected->host).mid(0, kMostHosts);
            show();
        }
    } else if (const auto* progress = std::get_if<FetchProgress>(&event)) {
        onProgress(*progress);
    } else if (const auto* waiting = std::get_if<FetchWaiting>(&event)) {
        m_progress.waiting = failureText(waiting->failure, m_job.repository);
        show();
    } else if (const auto* done = std::get_if<FetchDone>(&event)) {
        onDone(done->id);
    } else if (const auto* failed = std::get_if<FetchFailed>(&event)) {
        const bool known = failed->id > 0 && failed->id <= m_job.files.size();
        end(failed->failure, known ? m_job.files[failed->id - 1].name : m_job.repository);
    }
}

void Download::onProgress(const FetchProgress& event) {
    if (event.id < 1 || event.id > m_have.size()) {
        return;
    }
    const qsizetype at = event.id - 1;
    m_have[at] = std::min(event.bytes, m_job.files[at].content.size);
    m_fetched += event.fetched - std::exchange(m_fetchedOf[at], event.fetched);
    m_rate.add(m_clock.elapsed(), m_fetched);
    m_progress.waiting.clear();
    show();
}

void Download::onDone(qint64 id) {
    if (m_job.step != DownloadStep::Fetching || m_missing.erase(id) == 0) {
        return;
    }
    m_have[id - 1] = m_job.files[id - 1].content.size;
    show();
    if (m_missing.empty()) {
        m_process->stop();
        m_process.release()->deleteLater();
        advance();
    }
}

void Download::show() {
    if (m_job.step == DownloadStep::Fetching) {
        m_progress.bytes = std::accumulate(m_have.begin(), m_have.end(), qint64{0});
        m_progress.perSecond = m_rate.perSecond();
        m_progress.secondsLeft = m_rate.secondsFor(m_progress.total - m_progress.bytes);
    }
    emit progressed();
}

void Download::publish() {
    const SourceRecord record{.repository = m_job.repository,
                              .revision = m_job.revision,
                              .commit = m_job.commit,
                              .base = m_job.base,
                              .files = m_job.files};
    const bool onlyCopy = !m_job.keepOriginals && m_job.quantize != QuantizedForm::None;
    if (onlyCopy) {
        if (QFileInfo::exists(stagedCopy())) {  // else it has its place already: the program ended right after that
            moveTo(stagedCopy(), quantizedDestination());
        }
        SourceRecord ofCopy = record;
        ofCopy.files.clear();
        writeSource(quantizedDestination(), ofCopy);
    } else if (QFileInfo::exists(staging())) {
        // What is left of failed tries is not part of it.
        for (const QString& name : QDir(staging()).entryList(
                 {QStringLiteral("*.part"), QStringLiteral("*.part.json"), QStringLiteral("*.wrong")}, QDir::Files)) {
            QFile::remove(staging() + u'/' + name);
        }
        writeSource(staging(), record);
        syncFolder(staging());
        moveTo(staging(), destination());
    }
    advance();
}

void Download::quantize() {
    const QString checkpoint = m_job.keepOriginals ? destination() : staging();
    m_progress.total = kQuantizeParts;
    m_progress.bytes = 0;
    m_progress.perSecond = 0;
    m_progress.secondsLeft.reset();
    show();
    const auto progress = [this](double share) {
        QMetaObject::invokeMethod(
            this,
            [this, share] {
                m_progress.bytes = static_cast<qint64>(share * kQuantizeParts);
                show();
            },
            Qt::QueuedConnection);
    };
    // As the window makes it, where both are kept; otherwise it is a checkpoint of its own.
    const bool asCopy = m_job.keepOriginals && m_job.quantize == QuantizedForm::Q4_0;
    m_pool.start([this, asCopy, checkpoint, progress, file = stagedCopy(), form = m_job.quantize,
                  copies = m_places.copiesFolder, cancel = m_cancel] {
        const CopyResult result = asCopy ? CheckpointCopies(copies).make(checkpoint, progress, *cancel)
                                         : writeQuantizedFile(checkpoint, file, form, progress, *cancel);
        QMetaObject::invokeMethod(
            this, [this, result] { guarded([&] { onQuantized(result); }); }, Qt::QueuedConnection);
    });
}

void Download::onQuantized(const CopyResult& result) {
    if (m_over) {
        return;
    }
    if (!result.made) {
        end(result.problem, QStringLiteral("not_quantized"));
        return;
    }
    if (m_job.keepOriginals && m_job.quantize != QuantizedForm::Q4_0) {
        QFile::remove(quantizedDestination());  // of an earlier download of the same
        moveTo(stagedCopy(), quantizedDestination());
    }
    advance();
}

void Download::end(const QString& sentence, const QString& kind) {
    if (m_over) {
        return;
    }
    stop();
    emit failed(sentence, kind);
}

void Download::end(const FetchFailure& failure, const QString& what) {
    end(failureText(failure, what), QString::fromLatin1(failureName(failure.kind)));
}

}  // namespace alcove
