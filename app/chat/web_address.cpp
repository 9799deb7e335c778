#include "app/chat/web_address.h"

#include <QtCore/QUrl>

namespace alcove {

QString webAddress(const QString& target) {
    if (target.size() > kAddressCharacters) {
        return {};
    }
    const QUrl url(target.trimmed(), QUrl::TolerantMode);
    const QString scheme = url.scheme();
    const bool web = (scheme == QLatin1String("http") || scheme == QLatin1String("https")) && !url.host().isEmpty();
    const bool mail = scheme == QLatin1String("mailto") && !url.path().isEmpty();
    if (!url.isValid() || !(web || mail)) {
        return {};
    }
    const QString address = QString::fromLatin1(url.toEncoded());
    return address.size() <= kAddressCharacters ? address : QString();
}

QString placeOf(const QString& address) {
    const QUrl url(address);
    return url.scheme() == QLatin1String("mailto") ? url.path(QUrl::FullyEncoded) : url.host(QUrl::FullyEncoded);
}

}  // namespace alcove
