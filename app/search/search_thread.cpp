#include "app/search/search_thread.h"

#include <QTimer>

#include "app/search/find_text.h"
#include "app/search/search_worker.h"

namespace alcove {
namespace {

constexpr qsizetype kFewWaiting = 64;  // messages that a search takes in before it answers

}  // namespace

SearchWorker::SearchWorker(SearchThread& owner, const QString& folder)
    : m_owner(owner), m_folder(folder), m_timer(this) {
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &SearchWorker::advance);
}

SearchIndex& SearchWorker::index() {
    if (!m_index) {
        if (m_folder.isEmpty()) {
            throw HistoryError(HistoryError::Kind::Other,
                               tr("This history is kept in memory only and cannot be searched."));
        }
        m_index = std::make_unique<SearchIndex>(m_folder);
    }
    return *m_index;
}

void SearchWorker::search(quint64 request, const QString& text, int count, qint64 from) {
    const auto cancelled = [this, request] { return m_owner.m_search != request; };
    if (cancelled()) {
        return;
    }
    try {
        const SearchQuery query = parseSearch(text, LastWord::BeingTyped);
        if (from == 0 && !query.empty()) {
            index().look();
            if (index().waiting() <= kFewWaiting) {  // what was just written is found
                while (index().step() && !cancelled()) {
                }
            }
        }
        const SearchPage page =
            query.empty() ? SearchPage{{}, 0, true, query.problem} : index().search(query, count, from, cancelled);
        if (!cancelled()) {
            emit found(request, page);
        }
    } catch (const HistoryError& error) {
        emit failed(request, error.sentence());
    }
    m_timer.start(0);
}

void SearchWorker::find(quint64 request, const QList<qint64>& messages, const QString& text) {
    const auto cancelled = [this, request] { return m_owner.m_find != request; };
    if (cancelled()) {
        return;
    }
    try {
        const TextFinder wanted(text);
        const QList<MessageMatch> matches = wanted.empty()
                                                ? QList<MessageMatch>()
                                                : index().find(messages, wanted, SearchThread::kMostMatches, cancelled);
        if (!cancelled()) {
            emit matched(request, matches);
        }
    } catch (const HistoryError& error) {
        emit failed(request, error.sentence());
    }
}

void SearchWorker::follow() {
    if (!m_folder.isEmpty()) {
        m_timer.start(0);
    }
}

// One step each turn, so that requests come between.
void SearchWorker::advance() {
    if (m_owner.m_down) {
        return;
    }
    try {
        index().look();
        const bool more = index().step();
        tellWaiting(index().waiting());
        if (more) {
            m_timer.start(0);
        }
    } catch (const HistoryError&) {
        // A full disk, or a busy history: the next request tells, the next change tries again.
        tellWaiting(0);
    }
}

void SearchWorker::tellWaiting(qint64 messages) {
    const qint64 told = messages > kFewWaiting ? messages : 0;
    if (std::exchange(m_told, told) != told) {
        emit waitingChanged(told);
    }
}

void SearchWorker::close() {
    m_timer.stop();
    m_index.reset();
}

SearchThread::SearchThread(const QString& folder, int startDelayMs, QObject* parent)
    : QObject(parent), m_worker(new SearchWorker(*this, folder)) {
    m_thread.setObjectName("alcove-search");
    m_worker->moveToThread(&m_thread);
    connect(&m_thread, &QThread::finished, m_worker, &QObject::deleteLater);
    connect(m_worker, &SearchWorker::found, this, &SearchThread::onFound);
    connect(m_worker, &SearchWorker::matched, this, &SearchThread::onMatched);
    connect(m_worker, &SearchWorker::failed, this, &SearchThread::onFailed);
    connect(m_worker, &SearchWorker::waitingChanged, this, &SearchThread::waitingChanged);
    m_thread.start();
    QTimer::singleShot(startDelayMs, this, &SearchThread::followHistory);
}

SearchThread::~SearchThread() {
    shutdown();
}

quint64 SearchThread::search(const QString& text, int count, qint64 from) {
    const quint64 request = ++m_lastRequest;
    m_search = request;
    if (!m_down) {
        QMetaObject::invokeMethod(
            m_worker, [worker = m_worker, request, text, count, from] { worker->search(request, text, count, from); });
    }
    return request;
}

quint64 SearchThread::find(const QList<qint64>& messages, const QString& text) {
    const quint64 request = ++m_lastRequest;
    m_find = request;
    if (!m_down) {
        QMetaObject::invokeMethod(
            m_worker, [worker = m_worker, request, messages, text] { worker->find(request, messages, text); });
    }
    return request;
}

void SearchThread::cancelSearch() {
    m_search = 0;
}

void SearchThread::cancelFind() {
    m_find = 0;
}

void SearchThread::followHistory() {
    if (!m_down) {
        QMetaObject::invokeMethod(m_worker, [worker = m_worker] { worker->follow(); });
    }
}

void SearchThread::onFound(quint64 request, const SearchPage& page) {
    if (request == m_search) {
        emit found(request, page);
    }
}

void SearchThread::onMatched(quint64 request, const QList<MessageMatch>& matches) {
    if (request == m_find) {
        emit matched(request, matches);
    }
}

void SearchThread::onFailed(quint64 request, const QString& sentence) {
    if (request == m_search || request == m_find) {
        emit failed(request, sentence);
    }
}

void SearchThread::shutdown() {
    if (m_down.exchange(true)) {
        return;
    }
    m_search = 0;
    m_find = 0;
    QMetaObject::invokeMethod(m_worker, [worker = m_worker] { worker->close(); });
    m_thread.quit();
    m_thread.wait();
}

}  // namespace alcove

#include "moc_search_thread.cpp"
#include "moc_search_worker.cpp"
