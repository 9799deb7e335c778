#include "app/fetch/address_rules.h"

#include <QHostAddress>

namespace alcove {
namespace {

const QString kHttps = QStringLiteral("https");
const QString kHttp = QStringLiteral("http");
constexpr int kHttpsPort = 443;
constexpr int kHttpPort = 80;

}  // namespace

bool isLoopback(const QString& host) {
    return host == QLatin1String("localhost") || QHostAddress(host).isLoopback();
}

QString hostText(const QUrl& url) {
    const QString host = url.host(QUrl::EncodeUnicode);
    return url.port() < 0 ? host : host + u':' + QString::number(url.port());
}

quint16 portOf(const QUrl& url) {
    return static_cast<quint16>(url.port(url.scheme() == kHttps ? kHttpsPort : kHttpPort));
}

std::optional<FetchFailure> refusalOf(const QUrl& url) {
    const bool known = url.scheme() == kHttps || (url.scheme() == kHttp && isLoopback(url.host()));
    if (url.isValid() && known && !url.host().isEmpty() && url.userInfo().isEmpty()) {
        return std::nullopt;
    }
    return FetchFailure{.kind = FetchFailureKind::InsecureAddress, .host = hostText(url)};
}

std::optional<FetchFailure> redirectRefusal(const QUrl& from, const QUrl& to, RedirectRule rule) {
    if (std::optional<FetchFailure> refusal = refusalOf(to)) {
        return refusal;
    }
    const bool downgraded = from.scheme() == kHttps && to.scheme() != kHttps;
    if (downgraded || (isLoopback(to.host()) && !isLoopback(from.host()))) {
        return FetchFailure{.kind = FetchFailureKind::InsecureAddress, .host = hostText(to)};
    }
    if (rule == RedirectRule::SameHost && !sameOrigin(from, to)) {
        return FetchFailure{.kind = FetchFailureKind::ForeignHost, .host = hostText(to)};
    }
    return std::nullopt;
}

bool sameOrigin(const QUrl& a, const QUrl& b) {
    return a.scheme() == b.scheme() && a.host().compare(b.host(), Qt::CaseInsensitive) == 0 && portOf(a) == portOf(b);
}

}  // namespace alcove
