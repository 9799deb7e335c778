#include "app/window/window_state.h"

#include <algorithm>

#include <QtGui/QGuiApplication>
#include <QtGui/QScreen>
#include <QtGui/QWindow>

#include "app/settings/settings_controller.h"

namespace alcove {
namespace {

// So much of a window is on a screen that a person can take hold of it.
constexpr int kReachableWidth = 120;
constexpr int kReachableHeight = 40;
constexpr int kSettledMs = 300;

}  // namespace

QRect placeOnScreens(const QRect& wanted, const QList<QRect>& screens) {
    const auto reachable = [&wanted](const QRect& screen) {
        const QRect common = screen & wanted;
        return common.width() >= kReachableWidth && common.height() >= kReachableHeight && wanted.top() >= screen.top();
    };
    const auto area = [&wanted](const QRect& screen) {
        const QRect common = screen & wanted;
        return qint64{common.width()} * common.height();
    };
    QRect best;
    for (const QRect& screen : screens) {
        if (reachable(screen) && (best.isEmpty() || area(screen) > area(best))) {
            best = screen;
        }
    }
    if (best.isEmpty()) {
        return {};
    }
    return {wanted.topLeft(), wanted.size().boundedTo(best.size())};
}

WindowState::WindowState(SettingsController& settings, QObject* parent) : QObject(parent), m_settings(settings) {
    // A window that is being maximised has its new size before it is called maximised.
    m_settled.setSingleShot(true);
    m_settled.setInterval(kSettledMs);
    connect(&m_settled, &QTimer::timeout, this, &WindowState::take);
}

bool WindowState::sidebar() const {
    return m_settings.windowPlace().sidebar;
}

void WindowState::setSidebar(bool shown) {
    if (shown != sidebar()) {
        WindowPlace place = m_settings.windowPlace();
        place.sidebar = shown;
        m_settings.setWindowPlace(place);
        emit sidebarChanged();
    }
}

void WindowState::show(QWindow* window) {
    m_window = window;
    const WindowPlace& place = m_settings.windowPlace();
    QList<QRect> screens;
    for (const QScreen* screen : QGuiApplication::screens()) {
        screens << screen->availableGeometry();
    }
    if (const QRect there = placeOnScreens(place.geometry, screens); !there.isEmpty()) {
        window->setGeometry(there);
    }
    m_geometry = window->geometry();
    connect(window, &QWindow::xChanged, &m_settled, qOverload<>(&QTimer::start));
    connect(window, &QWindow::yChanged, &m_settled, qOverload<>(&QTimer::start));
    connect(window, &QWindow::widthChanged, &m_settled, qOverload<>(&QTimer::start));
    connect(window, &QWindow::heightChanged, &m_settled, qOverload<>(&QTimer::start));
    connect(window, &QWindow::windowStateChanged, &m_settled, qOverload<>(&QTimer::start));
    connect(window, &QObject::destroyed, this, [this] { m_window = nullptr; });
    if (place.maximized) {
        window->showMaximized();
    } else {
        window->show();
    }
}

void WindowState::take() {
    const Qt::WindowStates states = m_window ? m_window->windowStates() : Qt::WindowMinimized;
    if (!m_window || !m_window->isVisible() || states.testFlag(Qt::WindowMinimized)) {
        return;
    }
    m_maximized = states.testFlag(Qt::WindowMaximized);
    if (!m_maximized && !states.testFlag(Qt::WindowFullScreen)) {
        m_geometry = m_window->geometry();
    }
}

void WindowState::raise(const QByteArray& activationToken) {
    if (!m_window) {
        return;
    }
    if (m_window->windowStates().testFlag(Qt::WindowMinimized)) {
        m_window->showNormal();
    }
    // Wayland gives the focus to a program that shows this token; elsewhere nothing reads it.
    if (!activationToken.isEmpty()) {
        qputenv("XDG_ACTIVATION_TOKEN", activationToken);
    }
    m_window->raise();
    m_window->requestActivate();
}

void WindowState::save(qint64 conversation) {
    if (m_settled.isActive()) {
        m_settled.stop();
        take();
    }
    WindowPlace place = m_settings.windowPlace();
    place.conversation = conversation;
    if (!m_geometry.isEmpty()) {
        place.geometry = m_geometry;
        place.maximized = m_maximized;
    }
    m_settings.setWindowPlace(place);
}

}  // namespace alcove

#include "moc_window_state.cpp"
