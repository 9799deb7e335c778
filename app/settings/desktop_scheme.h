// Whether the desktop wants dark windows (Qt 6.4 does not say).
#pragma once

#include <optional>

#include <QtCore/QObject>
#include <QtDBus/QDBusVariant>

namespace alcove {

// GUI thread. Asks the desktop portal (org.freedesktop.appearance color-scheme) without waiting for it;
// where there is none, or it has no preference, the application's palette decides. Both are followed
// while the program runs.
class DesktopScheme : public QObject {
    Q_OBJECT
public:
    explicit DesktopScheme(QObject* parent = nullptr);

    [[nodiscard]] bool dark() const { return m_dark; }
    [[nodiscard]] bool answered() const { return m_answered; }  // the portal, or there is none to ask

    bool eventFilter(QObject* watched, QEvent* event) override;

signals:
    void darkChanged();
    void answer();  // once

public slots:
    // The portal's signal.
    void onPortalSetting(const QString& group, const QString& key, const QDBusVariant& value);

private:
    void askPortal();
    void setPortalScheme(const QVariant& value);
    void update();

    std::optional<bool> m_portalDark;
    bool m_dark = false;
    bool m_answered = false;
};

}  // namespace alcove
