// What alcove-fetch does with the commands it gets.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include <QObject>

#include "app/fetch/file_download.h"
#include "app/fetch/listing_request.h"
#include "app/fetch/messages/messages.h"
#include "app/fetch/request_log.h"

namespace alcove {

// One listing, and at most three files, at a time.
class FetchService : public QObject {
    Q_OBJECT

public:
    using Tell = std::function<void(const FetchEvent&)>;

    explicit FetchService(Tell tell, QObject* parent = nullptr);
    ~FetchService() override;

    void handle(const FetchCommand& command);
    // Of a line that is no command, too.
    void refuse(qint64 id);

private:
    void configure(const FetchConfiguration& configuration);
    void list(const FetchList& wanted);
    void get(const FetchFile& wanted);
    void startNext();
    void remove(const FileDownload* download);

    Tell m_tell;
    RequestLog m_log;
    std::unique_ptr<WebContext> m_context;  // none before it is configured
    std::unique_ptr<ListingRequest> m_listing;
    std::deque<FetchFile> m_queue;
    std::vector<std::unique_ptr<FileDownload>> m_downloads;
};

}  // namespace alcove
