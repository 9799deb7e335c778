#include "app/fetch/proxy_choice.h"

#include <optional>
#include <utility>

#include "app/fetch/address_rules.h"

namespace alcove {
namespace {

class ProxyChoice : public QNetworkProxyFactory {
public:
    // None: the system's.
    explicit ProxyChoice(std::optional<QNetworkProxy> proxy) : m_proxy(std::move(proxy)) {}

    [[nodiscard]] QList<QNetworkProxy> queryProxy(const QNetworkProxyQuery& query) override {
        if (isLoopback(query.peerHostName())) {
            return {QNetworkProxy(QNetworkProxy::NoProxy)};
        }
        return m_proxy ? QList<QNetworkProxy>{*m_proxy} : systemProxyForQuery(query);
    }

private:
    std::optional<QNetworkProxy> m_proxy;
};

}  // namespace

bool useProxy(const QString& choice) {
    std::optional<QNetworkProxy> proxy;
    if (choice == QLatin1String("none")) {
        proxy = QNetworkProxy(QNetworkProxy::NoProxy);
    } else if (choice != QLatin1String("system")) {
        const QUrl url(choice, QUrl::StrictMode);
        const bool socks = url.scheme() == QLatin1String("socks5");
        if (!url.isValid() || url.host().isEmpty() || url.port() <= 0 ||
            (!socks && url.scheme() != QLatin1String("http"))) {
            return false;
        }
        proxy = QNetworkProxy(socks ? QNetworkProxy::Socks5Proxy : QNetworkProxy::HttpProxy, url.host(),
                              static_cast<quint16>(url.port()), url.userName(), url.password());
    }
    QNetworkProxyFactory::setApplicationProxyFactory(new ProxyChoice(std::move(proxy)));  // Qt deletes it
    return true;
}

QNetworkProxy proxyFor(const QUrl& url) {
    const QList<QNetworkProxy> proxies = QNetworkProxyFactory::proxyForQuery(QNetworkProxyQuery(url));
    QNetworkProxy proxy = proxies.isEmpty() ? QNetworkProxy(QNetworkProxy::NoProxy) : proxies.first();
    if (proxy.type() == QNetworkProxy::HttpCachingProxy) {  // it passes connections on as well
        proxy.setType(QNetworkProxy::HttpProxy);
    }
    return proxy;
}

}  // namespace alcove
