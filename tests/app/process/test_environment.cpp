// What of the environment and of the command line reaches Qt.
#include <array>
#include <sys/stat.h>

#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include "app/process/environment.h"
#include "app/process/privacy.h"
#include "app/process/window_arguments.h"
#include "tests/rig/test_files.h"
#include "tests/rig/test_registry.h"

using namespace alcove;

class TestEnvironment : public QObject {
    Q_OBJECT

private slots:
    void cleanup() { qunsetenv("QT_QPA_PLATFORM"); }

    void platforms_data() {
        QTest::addColumn<QByteArray>("asked");
        QTest::addColumn<QByteArray>("allowed");
        for (const char* same : {"xcb", "wayland", "wayland-egl", "offscreen", "wayland;xcb"}) {
            QTest::newRow(same) << QByteArray(same) << QByteArray(same);
        }
        for (const char* refused : {"vnc", "vnc:port=5900", "linuxfb", "eglfs", "vkkhrdisplay", "minimal", "webgl",
                                    "VNC", "xcbx", "waylandvnc", "", ";", " xcb", ":xcb", "vnc:;minimalegl"}) {
            QTest::newRow(qPrintable(QStringLiteral("no %1").arg(refused))) << QByteArray(refused) << QByteArray();
        }
        QTest::newRow("list") << QByteArray("vnc;xcb;eglfs;offscreen") << QByteArray("xcb;offscreen");
        QTest::newRow("parameters") << QByteArray("xcb:a=vnc;offscreen:configfile=/x") << QByteArray("xcb;offscreen");
    }
    void platforms() {
        QFETCH(QByteArray, asked);
        QFETCH(QByteArray, allowed);
        QCOMPARE(QByteArray::fromStdString(allowedPlatforms(asked.toStdString())), allowed);
    }

    void variables_data() {
        QTest::addColumn<QByteArray>("name");
        QTest::addColumn<QByteArray>("value");
        QTest::addColumn<bool>("kept");
        const auto row = [](const char* name, const char* value, bool kept) {
            QTest::newRow(qPrintable(QStringLiteral("%1=%2").arg(name, value)))
                << QByteArray(name) << QByteArray(value) << kept;
        };
        for (const char* name : {"HOME", "LANG", "DISPLAY", "QT_SCALE_FACTOR", "QT_IM_MODULE", "QT_QUICK_BACKEND",
                                 "QT_XCB_GL_INTEGRATION", "QSG_RENDER_LOOP", "QTDIR", "ALCOVE_DATA_DIR"}) {
            row(name, "x", true);
        }
        for (const char* name :
             {"QT_PLUGIN_PATH", "QT_QPA_GENERIC_PLUGINS", "QT_QPA_PLATFORM_PLUGIN_PATH", "QT_LOAD_TESTABILITY",
              "QT_QPA_SOMETHING_NEW", "QML_IMPORT_PATH", "QML2_IMPORT_PATH", "QML_DISK_CACHE_PATH",
              "QML_XHR_ALLOW_FILE_WRITE", "QSG_RHI_PIPELINE_CACHE_SAVE", "QSG_RHI_PROFILE",
              "QV4_PROFILE_WRITE_PERF_MAP", "QMLSCENE_DEVICE", "QT_VULKAN_LIB", "QT_SCALE_FACTOR_X"}) {
            row(name, "x", false);
        }
        row("QT_QPA_PLATFORM", "xcb", true);
        row("QT_QPA_PLATFORM", "vnc", false);
        row("DBUS_SESSION_BUS_ADDRESS", "unix:path=/run/user/1/bus", true);
        row("DBUS_SESSION_BUS_ADDRESS", "unix:abstract=/a,guid=1;unix:path=/b", true);
        row("DBUS_SESSION_BUS_ADDRESS", "tcp:host=example.org,port=1", false);
        row("DBUS_SESSION_BUS_ADDRESS", "unix:path=/a;tcp:host=example.org,port=1", false);
        row("DBUS_SESSION_BUS_ADDRESS", "autolaunch:", false);
        row("SESSION_MANAGER", "local/host:@/tmp/.ICE-unix/1,unix/host:/tmp/.ICE-unix/1", true);
        row("SESSION_MANAGER", "local/host:@/run/1,tcp/host:1234", false);
        row("IBUS_ADDRESS", "tcp:host=example.org,port=1", false);
    }
    void variables() {
        QFETCH(QByteArray, name);
        QFETCH(QByteArray, value);
        QFETCH(bool, kept);
        QCOMPARE(keepsVariable(name.toStdString(), value.toStdString()), kept);
    }

    void arguments_data() {
        QTest::addColumn<QByteArrayList>("arguments");
        QTest::addColumn<QByteArray>("refused");
        QTest::newRow("none") << QByteArrayList{} << QByteArray();
        QTest::newRow("ours") << QByteArrayList{"--fake", "--data-dir", "/x"} << QByteArray();
        QTest::newRow("xcb") << QByteArrayList{"-platform", "xcb"} << QByteArray();
        QTest::newRow("theme") << QByteArrayList{"-platformtheme", "gtk3"} << QByteArray();
        QTest::newRow("vnc") << QByteArrayList{"-platform", "vnc"} << QByteArray("-platform");
        QTest::newRow("two dashes") << QByteArrayList{"--platform", "vnc:port=1"} << QByteArray("--platform");
        QTest::newRow("the last one counts")
            << QByteArrayList{"-platform", "xcb", "-platform", "vnc"} << QByteArray("-platform");
        for (const char* name : {"-plugin", "-platformpluginpath", "-qmljsdebugger", "-testability"}) {
            QTest::newRow(name) << QByteArrayList{"--fake", name, "x"} << QByteArray(name);
            QTest::newRow(qPrintable(QStringLiteral("-%1=").arg(name)))
                << QByteArrayList{QByteArray("-") + name + "=port:1234"} << QByteArray("-") + name + "=port:1234";
        }
    }
    void arguments() {
        QFETCH(QByteArrayList, arguments);
        QFETCH(QByteArray, refused);
        arguments.prepend("alcove");
        QVector<char*> argv;
        for (QByteArray& argument : arguments) {
            argv << argument.data();
        }
        const std::optional<RefusedArgument> found = refusedArgument(static_cast<int>(argv.size()), argv.data());
        QCOMPARE(QByteArray::fromStdString(found ? found->name : ""), refused);
    }

    void aListIsReduced() {
        QByteArray platform = "vnc;xcb:x";
        QByteArray option = "-platform";
        std::array<char*, 3> argv = {option.data(), option.data(), platform.data()};
        qputenv("QT_QPA_PLATFORM", "vnc;offscreen:configfile=x");
        QVERIFY(!refusedArgument(3, argv.data()));
        QCOMPARE(QByteArray(argv[2]), QByteArray("xcb"));
        QCOMPARE(qgetenv("QT_QPA_PLATFORM"), QByteArray("offscreen"));
        qputenv("QT_QPA_PLATFORM", "vnc");
        const std::optional<RefusedArgument> refused = refusedArgument(1, argv.data());
        QVERIFY(refused);
        QCOMPARE(refused->value, std::string("vnc"));
    }

    // The process itself has what is refused no more; a program that it starts gets everything as it was given.
    void startedProgramsGetWhatWasGiven() {
        const QTemporaryDir folder;
        const QString said = folder.filePath("said");
        qputenv("QT_PLUGIN_PATH", "/given");
        qputenv("MESA_SHADER_CACHE_DIR", "/given/cache");
        qputenv("DBUS_SESSION_BUS_ADDRESS", "tcp:host=example.org,port=1");
        qputenv("XDG_CACHE_HOME", QFile::encodeName(folder.path()));
        qunsetenv("XDG_RUNTIME_DIR");
        qputenv("ADDED", "before");
        ::umask(027);
        beginPrivately();
        qputenv("ADDED", "since");
        QVERIFY(qgetenv("QT_PLUGIN_PATH").isNull());
        QCOMPARE(qgetenv("DBUS_SESSION_BUS_ADDRESS"), QByteArray("disabled:"));
        for (const char* cache : {"MESA_SHADER_CACHE_DIR", "__GL_SHADER_DISK_CACHE_PATH", "XDG_RUNTIME_DIR"}) {
            QCOMPARE(qEnvironmentVariable(cache), folder.filePath("alcove"));
        }
        QCOMPARE(umaskOfPerson(), mode_t{027});

        const QString script =
            "umask; ulimit -Sc; echo \"$QT_PLUGIN_PATH $MESA_SHADER_CACHE_DIR "
            "$DBUS_SESSION_BUS_ADDRESS ${__GL_SHADER_DISK_CACHE_PATH-none} ${XDG_RUNTIME_DIR-none} $ADDED\"";
        QVERIFY(QProcess::startDetached(
            "/bin/sh", {"-c", "{ " + script + "; } >'" + said + "+' && mv '" + said + "+' '" + said + "'"}));
        QTRY_VERIFY(QFile::exists(said));
        const QList<QByteArray> lines = tests::contents(said).split('\n');
        QCOMPARE(lines[0], QByteArray("0027"));
        QVERIFY(lines[1] != "1" && !lines[1].isEmpty());
        QCOMPARE(lines[2], QByteArray("/given /given/cache tcp:host=example.org,port=1 none none since"));
    }
};

ALCOVE_TEST(TestEnvironment)
#include "test_environment.moc"
