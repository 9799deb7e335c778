#include "app/chat/link_target.h"

#include <QtCore/QUrl>
#include <QtGui/QDesktopServices>

#include "app/chat/web_address.h"

namespace alcove {

void LinkTarget::setAddress(const QString& address) {
    m_address = webAddress(address);
    emit addressChanged();
}

QString LinkTarget::place() const {
    return placeOf(m_address);
}

bool LinkTarget::mail() const {
    return m_address.startsWith(QLatin1String("mailto:"));
}

bool LinkTarget::open() const {
    return !m_address.isEmpty() && QDesktopServices::openUrl(QUrl(m_address));
}

}  // namespace alcove

#include "moc_link_target.cpp"
