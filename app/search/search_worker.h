// What runs on the search thread.
#pragma once

#include <memory>

#include <QObject>
#include <QTimer>

#include "app/search/search_index.h"

namespace alcove {

class SearchThread;

class SearchWorker : public QObject {
    Q_OBJECT

public:
    // `owner` outlives it. `folder` as for SearchThread.
    SearchWorker(SearchThread& owner, const QString& folder);

    void search(quint64 request, const QString& text, int count, qint64 from);
    void find(quint64 request, const QList<qint64>& messages, const QString& text);
    void follow();
    void close();

signals:
    void found(quint64 request, const alcove::SearchPage& page);
    void matched(quint64 request, const QList<alcove::MessageMatch>& matches);
    void failed(quint64 request, const QString& sentence);
    void waitingChanged(qint64 messages);

private:
    SearchIndex& index();
    void advance();
    void tellWaiting(qint64 messages);

    SearchThread& m_owner;
    QString m_folder;
    std::unique_ptr<SearchIndex> m_index;
    QTimer m_timer;
    qint64 m_told = 0;
};

}  // namespace alcove
