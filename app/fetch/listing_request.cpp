#include "app/fetch/listing_request.h"

#include <utility>

#include <QRandomGenerator>

#include "app/fetch/hub.h"
#include "app/fetch/messages/names.h"

namespace alcove {
namespace {

constexpr qsizetype kLargestPage = 4 << 20;
constexpr int kMostPages = 50;

}  // namespace

ListingRequest::ListingRequest(WebContext& context, FetchList wanted, QObject* parent)
    : QObject(parent), m_context(context), m_wanted(std::move(wanted)), m_backoff(context.configuration.limits) {
}

void ListingRequest::start() {
    if (isCommit(m_wanted.revision)) {
        m_listing.commit = m_wanted.revision;
        askForPage(listAddress(m_context.base, m_wanted.repository, m_wanted.revision));
    } else {
        askForCommit();
    }
}

void ListingRequest::ask(WebQuestion question) {
    question.file = m_wanted.repository;
    question.why = QStringLiteral("listing");
    question.rule = RedirectRule::SameHost;
    if (m_request) {
        m_request.release()->deleteLater();
    }
    m_request = std::make_unique<WebRequest>(m_context, std::move(question));
}

void ListingRequest::askForCommit() {
    WebQuestion question;
    question.url = fileAddress(m_context.base, m_wanted.repository, m_wanted.revision, QStringLiteral("config.json"));
    question.head = true;
    ask(std::move(question));
    const auto list = [this](const QByteArray& commit) {
        m_listing.commit = isCommit(QString::fromLatin1(commit)) ? QString::fromLatin1(commit) : QString();
        askForPage(listAddress(m_context.base, m_wanted.repository,
                               m_listing.commit.isEmpty() ? m_wanted.revision : m_listing.commit));
    };
    connect(m_request.get(), &WebRequest::answered, this, [this, list](const WebAnswer& answer) {
        m_request->stop();
        list(answer.commit);
    });
    connect(m_request.get(), &WebRequest::failed, this, [this, list](const FetchFailure& failure) {
        // A repository may have no such file; the list of one that is not there says the same.
        if (failure.kind == FetchFailureKind::NotFound) {
            list({});
        } else {
            onFailure(failure, [this] { askForCommit(); });
        }
    });
    m_request->start();
}

void ListingRequest::askForPage(const QUrl& url) {
    if (++m_pages > kMostPages) {
        emit failed({.kind = FetchFailureKind::ListingTooLarge});
        return;
    }
    m_page.clear();
    WebQuestion question;
    question.url = url;
    ask(std::move(question));
    connect(m_request.get(), &WebRequest::answered, this,
            [this](const WebAnswer& answer) { m_next = nextPage(answer.link); });
    connect(m_request.get(), &WebRequest::received, this, [this](const QByteArray& bytes) {
        m_page += bytes;
        if (m_page.size() > kLargestPage) {
            m_request->stop();
            emit failed({.kind = FetchFailureKind::ListingTooLarge});
        }
    });
    connect(m_request.get(), &WebRequest::ended, this, &ListingRequest::onPage);
    connect(m_request.get(), &WebRequest::failed, this, [this, url](const FetchFailure& failure) {
        onFailure(failure, [this, url] {
            --m_pages;
            askForPage(url);
        });
    });
    m_request->start();
}

void ListingRequest::onPage() {
    m_backoff.reset();
    if (const std::optional<FetchFailure> bad = readListingPage(m_page, m_listing.files)) {
        emit failed(*bad);
        return;
    }
    if (m_next.isEmpty()) {
        emit done(m_listing);
        return;
    }
    const QUrl next = m_context.base.resolved(m_next);
    if (!sameOrigin(next, m_context.base)) {
        emit failed({.kind = FetchFailureKind::ForeignHost, .host = hostText(next)});
        return;
    }
    askForPage(next);
}

void ListingRequest::onFailure(const FetchFailure& failure, const std::function<void()>& again) {
    const std::optional<int> wait = m_backoff.after(failure, QRandomGenerator::global()->generateDouble());
    if (!wait) {
        emit failed(failure);
        return;
    }
    emit waiting(*wait, failure);
    QTimer::singleShot(*wait, this, again);
}

}  // namespace alcove
