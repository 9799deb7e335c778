// Which proxy is between alcove-fetch and a hub.
#pragma once

#include <QNetworkProxy>
#include <QString>
#include <QUrl>

namespace alcove {

// "system": what the desktop or the environment says; "none"; or the address of one: http://host:port or
// socks5://host:port. This machine is asked without one. False if it is anything else.
[[nodiscard]] bool useProxy(const QString& choice);

// The one between this machine and the address.
[[nodiscard]] QNetworkProxy proxyFor(const QUrl& url);

}  // namespace alcove
