// Where the window was is kept, and a window is never put where nobody can reach it.
#include <QtCore/QTemporaryDir>
#include <QtGui/QGuiApplication>
#include <QtGui/QScreen>
#include <QtGui/QWindow>
#include <QtTest/QTest>

#include "app/notices/notice_list_model.h"
#include "app/settings/settings_controller.h"
#include "app/window/window_state.h"
#include "tests/rig/test_registry.h"

using namespace alcove;

class TestWindowState : public QObject {
    Q_OBJECT

private slots:
    void placesOnScreens_data() {
        QTest::addColumn<QRect>("wanted");
        QTest::addColumn<QRect>("placed");
        QTest::newRow("as it was") << QRect(100, 50, 800, 600) << QRect(100, 50, 800, 600);
        QTest::newRow("on the second screen") << QRect(2000, 50, 800, 600) << QRect(2000, 50, 800, 600);
        QTest::newRow("partly outside") << QRect(-300, 50, 800, 600) << QRect(-300, 50, 800, 600);
        QTest::newRow("larger than the screen") << QRect(0, 0, 5000, 3000) << QRect(0, 0, 1920, 1080);
        QTest::newRow("never kept") << QRect() << QRect();
        QTest::newRow("on a screen that is gone") << QRect(9000, 50, 800, 600) << QRect();
        QTest::newRow("title bar above the screen") << QRect(100, -100, 800, 600) << QRect();
        QTest::newRow("only a corner") << QRect(1880, 1060, 800, 600).translated(2000, 0) << QRect();
    }

    void placesOnScreens() {
        QFETCH(QRect, wanted);
        QFETCH(QRect, placed);
        QCOMPARE(placeOnScreens(wanted, {QRect(0, 0, 1920, 1080), QRect(1920, 0, 1920, 1080)}), placed);
    }

    void comesBackWhereItWas() {
        const QTemporaryDir folder;
        const QRect there(40, 30, 500, 400);
        {
            Program program(folder.path());
            QWindow window;
            program.state.show(&window);
            QVERIFY(QTest::qWaitForWindowExposed(&window));
            window.setGeometry(there);
            QTRY_COMPARE(window.geometry(), there);
            program.state.setSidebar(false);
            program.state.save(7);
        }
        Program program(folder.path());
        QVERIFY(!program.state.sidebar());
        QCOMPARE(program.settings.windowPlace().conversation, 7);
        QWindow window;
        program.state.show(&window);
        QTRY_COMPARE(window.geometry(), there);
        QVERIFY(window.isVisible());
    }

    void aMaximisedOneKeepsItsSizeForLater() {
        const QTemporaryDir folder;
        const QRect there(40, 30, 500, 400);
        {
            Program program(folder.path());
            QWindow window;
            window.setGeometry(there);
            program.state.show(&window);
            QVERIFY(QTest::qWaitForWindowExposed(&window));
            window.showMaximized();
            QTRY_VERIFY(window.geometry().size() != there.size());
            program.state.save(7);
        }
        Program program(folder.path());
        QVERIFY(program.settings.windowPlace().maximized);
        QCOMPARE(program.settings.windowPlace().geometry, there);
        QWindow window;
        program.state.show(&window);
        QVERIFY(window.windowStates().testFlag(Qt::WindowMaximized));
    }

private:
    struct Program {
        explicit Program(const QString& folder)
            : settings(folder + QStringLiteral("/settings.ini"), folder, notices), state(settings) {}
        NoticeListModel notices;
        SettingsController settings;
        WindowState state;
    };
};

ALCOVE_TEST(TestWindowState)
#include "test_window_state.moc"
