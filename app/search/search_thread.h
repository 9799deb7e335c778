// Search beside the GUI thread: the thread that has the index, brings it into step, and answers.
#pragma once

#include <atomic>
#include <memory>

#include <QObject>
#include <QThread>

#include "app/search/search_index.h"

namespace alcove {

class SearchWorker;

// Lives on the GUI thread; only shutdown() blocks, for about one step of the index. A newer request cancels the one
// before of its kind, and nothing is heard of that any more.
class SearchThread : public QObject {
    Q_OBJECT

public:
    static constexpr qsizetype kMostMatches = 10000;
    static constexpr int kStartDelayMs = 1500;  // until the index is looked after, so that the window comes first

    // `folder` has the history, which is open; empty: there is none in a file, and each request fails.
    explicit SearchThread(const QString& folder, int startDelayMs = kStartDelayMs, QObject* parent = nullptr);
    ~SearchThread() override;

    // Each returns the request's id, > 0. `text` as for parseSearch, with a last word that is being typed.
    quint64 search(const QString& text, int count, qint64 from = 0);
    quint64 find(const QList<qint64>& messages, const QString& text);
    void cancelSearch();
    void cancelFind();
    // The history has changed: the index follows soon.
    void followHistory();

    // Closes the index. Requests made afterwards are ignored.
    void shutdown();

signals:
    void found(quint64 request, const alcove::SearchPage& page);
    void matched(quint64 request, const QList<alcove::MessageMatch>& matches);
    void failed(quint64 request, const QString& sentence);
    void waitingChanged(qint64 messages);  // that are not in the index yet

private:
    friend class SearchWorker;
    void onFound(quint64 request, const SearchPage& page);
    void onMatched(quint64 request, const QList<MessageMatch>& matches);
    void onFailed(quint64 request, const QString& sentence);

    QThread m_thread;
    SearchWorker* m_worker;  // on m_thread, deleted there when it finishes
    quint64 m_lastRequest = 0;
    std::atomic<quint64> m_search = 0;  // the request that is waited for; 0: none
    std::atomic<quint64> m_find = 0;
    std::atomic<bool> m_down = false;
};

}  // namespace alcove
