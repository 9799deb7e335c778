// How smooth the window is while the model answers: the time from one frame to the next, idle and generating. By hand:
//
//     cmake --build build/dev --target frame_times
//     QT_QPA_PLATFORM=offscreen QT_QUICK_BACKEND=software build/dev/tests/bench/frame_times CHECKPOINT [DEVICE]
//
// The window draws frame after frame, as in an animation, 60 a second. Figures are milliseconds.
#include <algorithm>
#include <cstdio>
#include <vector>

#include <QtCore/QElapsedTimer>
#include <QtCore/QTemporaryDir>
#include <QtCore/QTimer>
#include <QtGui/QGuiApplication>
#include <QtQml/QQmlComponent>
#include <QtQml/QQmlEngine>
#include <QtQuick/QQuickWindow>
#include <QtQuickControls2/QQuickStyle>
#include <QtTest/QTest>

#include "app/checkpoints/library_scan.h"
#include "app/session/engine_backend.h"
#include "app/window/application.h"

using namespace alcove;

namespace {

constexpr int kFrameMs = 16;

// Intervals between frames over `milliseconds`.
std::vector<double> framesFor(QQuickWindow& window, int milliseconds) {
    std::vector<double> intervals;
    QElapsedTimer sinceFrame;
    const auto connection = QObject::connect(&window, &QQuickWindow::frameSwapped, &window, [&] {
        if (sinceFrame.isValid()) {
            constexpr double kNanoPerMs = 1e6;
            intervals.push_back(static_cast<double>(sinceFrame.nsecsElapsed()) / kNanoPerMs);
        }
        sinceFrame.start();
    });
    QTimer redraw;
    redraw.setTimerType(Qt::PreciseTimer);
    QObject::connect(&redraw, &QTimer::timeout, &window, [&window] { window.update(); });
    redraw.start(kFrameMs);
    QTest::qWait(milliseconds);
    QObject::disconnect(connection);
    std::sort(intervals.begin(), intervals.end());
    return intervals;
}

void report(const char* name, const std::vector<double>& intervals) {
    if (intervals.empty()) {
        std::printf("%-11s no frames\n", name);
        return;
    }
    const auto at = [&](double share) {
        return intervals[static_cast<std::size_t>(share * static_cast<double>(intervals.size() - 1))];
    };
    std::printf("%-11s %5zu frames, median %.1f, 99 %% %.1f, longest %.1f\n", name, intervals.size(), at(0.5), at(0.99),
                intervals.back());
}

}  // namespace

int main(int argc, char* argv[]) {
    const QGuiApplication gui(argc, argv);
    QQuickStyle::setStyle("Basic");
    const QStringList arguments = QGuiApplication::arguments();
    if (arguments.size() < 2) {
        std::fputs("usage: frame_times CHECKPOINT [DEVICE]\n", stderr);
        return 2;
    }
    qputenv("ALCOVE_DEVICE", arguments.value(2, "auto").toUtf8());
    const QTemporaryDir folder;
    ApplicationOptions options;
    options.dataFolder = folder.path();
    options.settingsFile = folder.filePath("settings.ini");
    options.libraryFolder = folder.filePath("checkpoints");
    options.scan = libraryScan({options.libraryFolder}, folder.filePath("facts.json"));
    options.backend = [] { return std::make_unique<EngineBackend>(); };
    Application application(options);
    QQmlEngine engine;
    engine.addImportPath("qrc:/qt/qml");
    QQmlComponent component(&engine, QUrl("qrc:/qt/qml/Alcove/Ui/Window/Main.qml"));
    const std::unique_ptr<QObject> made(
        component.createWithInitialProperties({{"application", QVariant::fromValue(&application)}}));
    auto* window = qobject_cast<QQuickWindow*>(made.get());
    if (window == nullptr) {
        qWarning() << component.errors();
        return 1;
    }
    application.start(arguments[1]);
    if (!QTest::qWaitFor([&] { return application.running()->property("name").toString() != QString(); }, 120000)) {
        std::fputs("frame_times: the checkpoint did not open\n", stderr);
        return 1;
    }
    report("idle", framesFor(*window, 4000));
    if (!application.chat()->send("Tell me a long story about a boat, a lighthouse and the sea.")) {
        std::fputs("frame_times: nothing was sent\n", stderr);
        return 1;
    }
    report("generating", framesFor(*window, 10000));
    application.chat()->stop();
    return 0;
}
