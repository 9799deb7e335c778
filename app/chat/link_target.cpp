#include "app/chat/link_target.h"

#include <QtCore/QUrl>

#include "app/chat/web_address.h"
#include "app/process/broker.h"

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
    return !m_address.isEmpty() && openAddressOutside(QUrl(m_address).toEncoded().toStdString());
}

}  // namespace alcove

#include "moc_link_target.cpp"
