// Where the window is, how large, and whether the sidebar is shown: kept for the next start.
#pragma once

#include <QtCore/QObject>
#include <QtCore/QRect>
#include <QtCore/QTimer>
#include <QtQml/qqmlregistration.h>

class QWindow;

namespace alcove {

class SettingsController;

// Where to put a window that was at `wanted`, on the screens there are now: at least its title bar can be reached, and
// it is no larger than the screen it is on. An empty rectangle where nothing is wanted or no screen is left of it.
[[nodiscard]] QRect placeOnScreens(const QRect& wanted, const QList<QRect>& screens);

// GUI thread.
class WindowState : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("Made by the program")
    Q_PROPERTY(bool sidebar READ sidebar WRITE setSidebar NOTIFY sidebarChanged)

public:
    // `settings` must outlive it.
    explicit WindowState(SettingsController& settings, QObject* parent = nullptr);

    [[nodiscard]] bool sidebar() const;
    void setSidebar(bool shown);

    // Shows a window that has not been shown yet where it was last, and follows it until it is destroyed.
    void show(QWindow* window);
    // Brings it to the front. `activationToken`: as in StartRequest.
    void raise(const QByteArray& activationToken);
    // Keeps what was followed, and which conversation was open.
    void save(qint64 conversation);

signals:
    void sidebarChanged();

private:
    void take();

    SettingsController& m_settings;
    QWindow* m_window = nullptr;
    QRect m_geometry;  // as it is when not maximised
    bool m_maximized = false;
    QTimer m_settled;
};

}  // namespace alcove
