#include "app/settings/desktop_scheme.h"

#include <QtCore/QEvent>
#include <QtDBus/QDBusConnection>
#include <QtDBus/QDBusMessage>
#include <QtDBus/QDBusPendingCallWatcher>
#include <QtDBus/QDBusPendingReply>
#include <QtGui/QGuiApplication>
#include <QtGui/QPalette>

namespace alcove {

namespace {

const QString kService = QStringLiteral("org.freedesktop.portal.Desktop");
const QString kPath = QStringLiteral("/org/freedesktop/portal/desktop");
const QString kInterface = QStringLiteral("org.freedesktop.portal.Settings");
const QString kGroup = QStringLiteral("org.freedesktop.appearance");
const QString kKey = QStringLiteral("color-scheme");

// Values of color-scheme; 0 is no preference.
constexpr uint kPreferDark = 1;
constexpr uint kPreferLight = 2;

}  // namespace

DesktopScheme::DesktopScheme(QObject* parent) : QObject(parent) {
    qGuiApp->installEventFilter(this);
    askPortal();
    update();
}

void DesktopScheme::askPortal() {
    QDBusConnection bus = QDBusConnection::sessionBus();
    if (!bus.isConnected()) {
        m_answered = true;
        return;
    }
    bus.connect(kService, kPath, kInterface, "SettingChanged", this,
                SLOT(onPortalSetting(QString, QString, QDBusVariant)));
    QDBusMessage question = QDBusMessage::createMethodCall(kService, kPath, kInterface, "Read");
    question << kGroup << kKey;
    auto* watcher = new QDBusPendingCallWatcher(bus.asyncCall(question), this);
    connect(watcher, &QDBusPendingCallWatcher::finished, this, [this, watcher] {
        const QDBusPendingReply<QDBusVariant> reply = *watcher;
        if (reply.isValid()) {
            setPortalScheme(reply.value().variant());
        }
        watcher->deleteLater();
        m_answered = true;
        emit answer();
    });
}

void DesktopScheme::onPortalSetting(const QString& group, const QString& key, const QDBusVariant& value) {
    if (group == kGroup && key == kKey) {
        setPortalScheme(value.variant());
    }
}

void DesktopScheme::setPortalScheme(const QVariant& value) {
    // Read() wraps the value in one variant more than SettingChanged does.
    const QVariant inner = value.canConvert<QDBusVariant>() ? value.value<QDBusVariant>().variant() : value;
    const uint scheme = inner.toUInt();
    m_portalDark.reset();
    if (scheme == kPreferDark || scheme == kPreferLight) {
        m_portalDark = scheme == kPreferDark;
    }
    update();
}

bool DesktopScheme::eventFilter(QObject* watched, QEvent* event) {
    if (watched == qGuiApp && event->type() == QEvent::ApplicationPaletteChange) {
        update();
    }
    return QObject::eventFilter(watched, event);
}

void DesktopScheme::update() {
    const QPalette palette = QGuiApplication::palette();
    const bool paletteDark =
        palette.color(QPalette::Window).lightness() < palette.color(QPalette::WindowText).lightness();
    const bool dark = m_portalDark.value_or(paletteDark);
    if (dark != m_dark) {
        m_dark = dark;
        emit darkChanged();
    }
}

}  // namespace alcove

#include "moc_desktop_scheme.cpp"
