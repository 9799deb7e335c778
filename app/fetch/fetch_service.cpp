#include "app/fetch/fetch_service.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include <QDir>

#include "app/fetch/messages/names.h"
#include "app/fetch/proxy_choice.h"

namespace alcove {
namespace {

constexpr std::size_t kAtOnce = 3;
constexpr std::size_t kMostQueued = 10'000;

bool isSensible(const FetchLimits& limits) {
    return limits.attempts > 0 && limits.backoffMs >= 0 && limits.longestWaitMs >= 0 && limits.stallMs > 0 &&
           limits.trickleMs > 0 && limits.trickleBytes >= 0;
}

// A token is one word: nothing in it can begin another header.
bool isToken(const QString& token) {
    constexpr qsizetype kLongest = 1000;
    return token.size() <= kLongest &&
           std::all_of(token.begin(), token.end(), [](QChar c) { return c.unicode() > 0x20 && c.unicode() < 0x7F; });
}

}  // namespace

FetchService::FetchService(Tell tell, QObject* parent) : QObject(parent), m_tell(std::move(tell)) {
}

FetchService::~FetchService() = default;

void FetchService::handle(const FetchCommand& command) {
    std::visit(
        [this](const auto& each) {
            using Type = std::decay_t<decltype(each)>;
            if constexpr (std::is_same_v<Type, FetchConfiguration>) {
                configure(each);
            } else if constexpr (std::is_same_v<Type, FetchList>) {
                list(each);
            } else {
                get(each);
            }
        },
        command);
}

void FetchService::refuse(qint64 id) {
    m_tell(FetchFailed{id, {.kind = FetchFailureKind::BadRequest}});
}

void FetchService::configure(const FetchConfiguration& configuration) {
    const QUrl base(configuration.base, QUrl::StrictMode);
    const std::optional<FetchFailure> refusal = refusalOf(base);
    if (refusal || base.hasQuery() || base.hasFragment()) {
        m_tell(FetchFailed{0, refusal.value_or(FetchFailure{.kind = FetchFailureKind::BadRequest})});
        return;
    }
    if (m_context || !isSensible(configuration.limits) || !isToken(configuration.token) ||
        !QDir::isAbsolutePath(configuration.log) || !useProxy(configuration.proxy)) {
        refuse(0);
        return;
    }
    if (const std::optional<FetchFailure> failure = m_log.open(configuration.log)) {
        m_tell(FetchFailed{0, *failure});
        return;
    }
    m_context = std::make_unique<WebContext>(m_log, configuration, base);
}

void FetchService::list(const FetchList& wanted) {
    if (!m_context || m_listing || !isRepository(wanted.repository) || !isRevision(wanted.revision)) {
        refuse(0);
        return;
    }
    m_listing = std::make_unique<ListingRequest>(*m_context, wanted);
    const auto over = [this] { m_listing.release()->deleteLater(); };
    connect(m_listing.get(), &ListingRequest::waiting, this, [this](int milliseconds, const FetchFailure& failure) {
        m_tell(FetchWaiting{0, milliseconds, failure});
    });
    connect(m_listing.get(), &ListingRequest::done, this, [this, over](const FetchListing& listing) {
        m_tell(listing);
        over();
    });
    connect(m_listing.get(), &ListingRequest::failed, this, [this, over](const FetchFailure& failure) {
        m_tell(FetchFailed{0, failure});
        over();
    });
    m_listing->start();
}

void FetchService::get(const FetchFile& wanted) {
    const bool known = std::any_of(m_downloads.begin(), m_downloads.end(),
                                   [&](const auto& download) { return download->id() == wanted.id; });
    if (!m_context || known || wanted.id <= 0 || m_queue.size() >= kMostQueued || !isRepository(wanted.repository) ||
        !isRevision(wanted.revision) || !isSafeName(wanted.name) || !QDir::isAbsolutePath(wanted.target)) {
        refuse(wanted.id);
        return;
    }
    m_queue.push_back(wanted);
    startNext();
}

void FetchService::startNext() {
    while (m_downloads.size() < kAtOnce && !m_queue.empty()) {
        auto owned = std::make_unique<FileDownload>(*m_context, std::move(m_queue.front()));
        m_queue.pop_front();
        FileDownload* download = owned.get();
        m_downloads.push_back(std::move(owned));
        const qint64 id = download->id();
        connect(download, &FileDownload::redirected, this, [this, id](const QString& host) {
            m_tell(FetchRedirected{id, host});
        });
        connect(download, &FileDownload::progressed, this, [this, id](qint64 bytes, qint64 fetched) {
            m_tell(FetchProgress{id, bytes, fetched});
        });
        connect(download, &FileDownload::waiting, this, [this, id](int milliseconds, const FetchFailure& failure) {
            m_tell(FetchWaiting{id, milliseconds, failure});
        });
        connect(download, &FileDownload::done, this, [this, download, id] {
            m_tell(FetchDone{id});
            remove(download);
        });
        connect(download, &FileDownload::failed, this, [this, download, id](const FetchFailure& failure) {
            m_tell(FetchFailed{id, failure});
            remove(download);
        });
        // Later: it may end at once, and change the list that is being worked on.
        QMetaObject::invokeMethod(download, &FileDownload::start, Qt::QueuedConnection);
    }
}

void FetchService::remove(const FileDownload* download) {
    const auto found = std::find_if(m_downloads.begin(), m_downloads.end(),
                                    [download](const auto& each) { return each.get() == download; });
    if (found != m_downloads.end()) {
        found->release()->deleteLater();
        m_downloads.erase(found);
    }
    startNext();
}

}  // namespace alcove
