#include "app/transfer/transfer_controller.h"

#include <algorithm>
#include <filesystem>
#include <span>
#include <utility>

#include <QtCore/QDir>
#include <QtCore/QElapsedTimer>
#include <QtCore/QFile>
#include <QtCore/QFileInfo>
#include <QtCore/QUrl>

#include "app/notices/notice_list_model.h"
#include "app/transfer/exporting.h"
#include "app/transfer/input_file.h"
#include "app/transfer/restoring.h"
#include "app/translation/engine_sentences.h"
#include "engine/base/error.h"
#include "engine/files/new_file.h"

namespace alcove {
namespace {

constexpr qint64 kBetweenReportsMs = 50;

QString localPath(const QString& file) {
    const QUrl url(file);
    return url.isLocalFile() ? url.toLocalFile() : file;
}

bool isDatabase(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) && file.peek(15) == QByteArrayLiteral("SQLite format 3");
}

const char* endingOf(TransferController::Format format) {
    switch (format) {
        case TransferController::Markdown:
            return "md";
        case TransferController::Json:
            return "json";
        case TransferController::Html:
            return "html";
        case TransferController::Backup:
            break;
    }
    return "alcove-backup";
}

ExportFormat exportFormatOf(TransferController::Format format) {
    return format == TransferController::Json   ? ExportFormat::Json
           : format == TransferController::Html ? ExportFormat::Html
                                                : ExportFormat::Markdown;
}

void writeConversations(const HistoryStore& store, QList<qint64> ids, TransferController::Format format,
                        const QString& path, const engine::Cancellation& cancel) {
    if (format == TransferController::Backup) {
        store.backUpTo(path);
        return;
    }
    const QList<ConversationSummary> known = store.conversations();
    const bool all = ids.isEmpty();
    QString title = TransferController::tr("Conversations");
    std::for_each(known.crbegin(), known.crend(), [&](const ConversationSummary& one) {
        if (all) {
            ids << one.id;
        } else if (ids.size() == 1 && ids.first() == one.id) {
            title = one.title;
        }
    });
    engine::NewFile file(std::filesystem::path(QFile::encodeName(path).toStdString()), 0, false);
    const auto write = [&file](const QByteArray& text) {
        file.append(std::as_bytes(std::span(text.constData(), static_cast<std::size_t>(text.size()))));
    };
    exportConversations(store, ids, exportFormatOf(format), title, all, write, cancel);
    file.commit();
}

}  // namespace

TransferController::TransferController(const HistoryStore& store, const QString& folder, NoticeListModel& notices,
                                       QObject* parent)
    : QObject(parent), m_notices(notices), m_folder(folder), m_available(!folder.isEmpty() && store.persists()) {
    m_thread.setMaxThreadCount(1);
}

TransferController::~TransferController() {
    stop();
}

QString TransferController::files() const {
    const QString first = m_paths.isEmpty() ? QString() : QFileInfo(m_paths.first()).fileName();
    return m_paths.size() > 1 ? tr("%1 and others").arg(first) : first;
}

QStringList TransferController::leftOut() const {
    QStringList sentences;
    for (const PassedOver& one : m_result.passedOver) {
        sentences << (one.where.isEmpty() ? one.why : tr("%1: %2").arg(one.where, one.why));
    }
    return sentences;
}

void TransferController::look(const QStringList& files) {
    if (files.isEmpty() || (m_state != Idle && m_state != Added && m_state != Failed)) {
        return;
    }
    m_paths.clear();
    std::transform(files.begin(), files.end(), std::back_inserter(m_paths), localPath);
    if (m_paths.size() == 1 && isDatabase(m_paths.first())) {
        begin(
            Restoring,
            [path = m_paths.first(), folder = m_folder](HistoryStore& store, const engine::Cancellation& cancel) {
                ImportResult result;
                restoreBackup(store, path, folder, result, cancel);
                return result;
            },
            [this](const Outcome& outcome) {
                enter(outcome.problem.isEmpty() ? Added : Failed);
                emit imported();
            });
        return;
    }
    const auto work = [paths = m_paths, progress = progressSink()](HistoryStore& store,
                                                                   const engine::Cancellation& cancel) {
        Importing counting(store, ImportMode::Count, progress);
        counting.run(paths, cancel);
        return counting.result();
    };
    begin(Looking, work, [this](const Outcome& outcome) {
        enter(outcome.result.cancelled ? Idle : outcome.problem.isEmpty() ? Ready : Failed);
    });
}

void TransferController::importNow() {
    if (m_state != Ready) {
        return;
    }
    const auto work = [paths = m_paths, progress = progressSink()](HistoryStore& store,
                                                                   const engine::Cancellation& cancel) {
        Importing importing(store, ImportMode::Add, progress);
        importing.run(paths, cancel);
        return importing.result();
    };
    begin(Adding, work, [this](const Outcome& outcome) {
        enter(outcome.problem.isEmpty() ? Added : Failed);
        emit imported();
    });
}

void TransferController::cancel() {
    switch (m_state) {
        case Looking:
        case Adding:
        case Writing:
        case Restoring:
            *m_cancel = true;
            break;
        case Idle:
        case Ready:
        case Added:
        case Failed:
            enter(Idle);
            break;
    }
}

void TransferController::write(const QVariantList& ids, Format format, const QString& path) {
    if (m_state != Idle) {
        return;
    }
    QList<qint64> numbers;
    for (const QVariant& id : ids) {
        numbers << id.toLongLong();
    }
    const QString file = localPath(path);
    m_paths = QStringList{file};
    const auto work = [numbers, format, file](HistoryStore& store, const engine::Cancellation& cancel) {
        writeConversations(store, numbers, format, file, cancel);
        return ImportResult();
    };
    begin(Writing, work, [this, file, format](const Outcome& outcome) {
        enter(Idle);
        if (outcome.result.cancelled) {
            return;
        }
        if (!outcome.problem.isEmpty()) {
            m_notices.add(NoticeListModel::Error, outcome.problem);
        } else {
            m_notices.add(NoticeListModel::Info,
                          format == Backup ? tr("The backup is %1.").arg(file) : tr("Exported to %1.").arg(file));
        }
    });
}

QString TransferController::freePath(const QString& folder, const QString& title, Format format) const {
    constexpr qsizetype kLongestName = 80;
    QString name;
    for (const QChar c : title.simplified()) {
        name += c.isLetterOrNumber() || QStringLiteral(" -_.,()").contains(c) || c.isSurrogate() ? c : QChar(u'-');
    }
    name = name.left(kLongestName).trimmed();
    while (name.startsWith(u'.')) {
        name.remove(0, 1);
    }
    name = name.isEmpty() ? tr("Conversations") : name;
    const QString ending = QLatin1String(endingOf(format));
    QString path = QDir(folder).filePath(name + u'.' + ending);
    for (int number = 2; QFileInfo::exists(path); ++number) {
        path = QDir(folder).filePath(QStringLiteral("%1 (%2).%3").arg(name).arg(number).arg(ending));
    }
    return path;
}

bool TransferController::areChats(const QStringList& files) const {
    return m_available && !files.isEmpty() && std::all_of(files.begin(), files.end(), [](const QString& file) {
               const QString name = localPath(file).toLower();
               static const QStringList kEndings{QStringLiteral(".json"), QStringLiteral(".jsonl"),
                                                 QStringLiteral(".zip"), QStringLiteral(".chat"),
                                                 QStringLiteral(".alcove-backup")};
               return std::any_of(kEndings.begin(), kEndings.end(),
                                  [&](const QString& one) { return name.endsWith(one); });
           });
}

void TransferController::stop() {
    m_stopped = true;
    *m_cancel = true;
}

void TransferController::begin(State state, const Work& work, const std::function<void(const Outcome&)>& done) {
    if (m_stopped || !m_available) {
        return;
    }
    *m_cancel = false;
    m_result = {};
    m_problem.clear();
    m_progress = 0;
    enter(state);
    emit progressChanged();
    m_thread.start([this, work, done, folder = m_folder, cancel = m_cancel] {
        Outcome outcome;
        try {
            HistoryStore store = HistoryStore::open(folder);
            if (store.persists()) {
                outcome.result = work(store, engine::Cancellation(*cancel));
            } else {
                outcome.problem = store.report().sentence;
            }
        } catch (const engine::Error& error) {
            outcome.result.cancelled = error.code() == engine::ErrorCode::Cancelled;
            outcome.problem = outcome.result.cancelled ? QString() : inWords(error.sentence());
        } catch (const std::bad_alloc&) {
            outcome.problem = tr("There is not enough memory for this.");
        } catch (const std::exception& error) {
            outcome.problem = QString::fromUtf8(error.what());
        }
        // The destructor waits for this thread, so that `this` is there to be called; it may be gone by the call.
        QMetaObject::invokeMethod(
            this,
            [this, outcome, done] {
                m_result = outcome.result;
                m_problem = outcome.problem;
                done(outcome);
            },
            Qt::QueuedConnection);
    });
}

void TransferController::enter(State state) {
    m_state = state;
    emit changed();
}

// On the thread of the work.
std::function<void(qint64, qint64)> TransferController::progressSink() {
    auto timer = std::make_shared<QElapsedTimer>();
    return [this, timer](qint64 done, qint64 total) {
        if (!timer->isValid() || timer->hasExpired(kBetweenReportsMs)) {
            timer->start();
            QMetaObject::invokeMethod(
                this, [this, done, total] { report(done, total); }, Qt::QueuedConnection);
        }
    };
}

void TransferController::report(qint64 done, qint64 total) {
    m_progress = total > 0 ? static_cast<double>(done) / static_cast<double>(total) : 0;
    emit progressChanged();
}

}  // namespace alcove

#include "moc_transfer_controller.cpp"
