// The files of a repository at a revision, as its hub lists them.
#pragma once

#include <functional>
#include <memory>

#include <QObject>

#include "app/fetch/backoff.h"
#include "app/fetch/web_request.h"

namespace alcove {

// Asks first which commit the revision stands for, then for the list of that commit, page by page, so that the files
// belong together. What passes is tried again.
class ListingRequest : public QObject {
    Q_OBJECT

public:
    ListingRequest(WebContext& context, FetchList wanted, QObject* parent = nullptr);

    void start();

signals:
    void waiting(int milliseconds, const FetchFailure& failure);
    void done(const FetchListing& listing);
    void failed(const FetchFailure& failure);

private:
    void askForCommit();
    void askForPage(const QUrl& url);
    void onPage();
    // Tries `again` after a while, or gives up.
    void onFailure(const FetchFailure& failure, const std::function<void()>& again);
    void ask(WebQuestion question);

    WebContext& m_context;
    FetchList m_wanted;
    Backoff m_backoff;
    FetchListing m_listing;
    std::unique_ptr<WebRequest> m_request;
    QByteArray m_page;
    QUrl m_next;
    int m_pages = 0;
};

}  // namespace alcove
