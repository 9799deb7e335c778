// The window's composition root: reads the command line, puts the parts together, shows the window.
#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

#include <QtCore/QCommandLineParser>
#include <QtCore/QFileInfo>
#include <QtCore/QLibraryInfo>
#include <QtCore/QLocale>
#include <QtCore/QTemporaryDir>
#include <QtCore/QTranslator>
#include <QtCore/QUrl>
#include <QtGui/QGuiApplication>
#include <QtGui/QIcon>
#include <QtGui/QWindow>
#include <QtNetwork/QNetworkProxyFactory>
#include <QtQml/QQmlApplicationEngine>
#include <QtQuickControls2/QQuickStyle>

#include "app/checkpoints/library_scan.h"
#include "app/fake/fake_backend.h"
#include "app/fake/fake_scan.h"
#include "app/process/broker.h"
#include "app/process/privacy.h"
#include "app/process/sandbox.h"
#include "app/process/terminal_text.h"
#include "app/process/window_arguments.h"
#include "app/session/engine_backend.h"
#include "app/settings/data_paths.h"
#include "app/version/version.h"
#include "app/window/application.h"
#include "app/window/offline_network.h"
#include "app/window/qml_modules.h"
#include "app/window/quit.h"
#include "app/window/single_instance.h"

namespace {

constexpr std::string_view kNoSandbox = "--no-sandbox";  // read before there is a parser
constexpr unsigned kQuitSeconds = 1;                     // for threads and the window, after everything is saved

struct CommandLine {
    CommandLine() {
        fake.setFlags(QCommandLineOption::HiddenFromHelp);
        parser.setApplicationDescription(
            QCoreApplication::translate("main", "Private chat with MobiLlama on your own machine."));
        // Qt's own options have one dash; as single letters -platformtheme would ask for help.
        parser.setSingleDashWordOptionMode(QCommandLineParser::ParseAsLongOptions);
        parser.addOptions({dataDir, checkpoint, fake, noSandbox});
        parser.addPositionalArgument("PATH", QCoreApplication::translate("main", "The same as --checkpoint PATH."),
                                     "[PATH]");
    }

    QCommandLineParser parser;
    const QCommandLineOption help = parser.addHelpOption();
    const QCommandLineOption version = parser.addVersionOption();
    const QCommandLineOption dataDir = {
        "data-dir", QCoreApplication::translate("main", "Keep conversations and settings in FOLDER."), "FOLDER"};
    const QCommandLineOption checkpoint = {
        "checkpoint", QCoreApplication::translate("main", "Open this checkpoint, a folder or a file in it."), "PATH"};
    // For developers.
    QCommandLineOption fake = {
        "fake", QCoreApplication::translate("main", "Run without a model: replies are made up, and nothing is kept.")};
    const QCommandLineOption noSandbox = {
        "no-sandbox", QCoreApplication::translate("main", "Do not let the kernel lock Alcove in, to look for faults.")};
};

// Prints why the window is not shown where it would be visible to the network. Returns false if it may be shown.
bool refused(int argc, char* argv[]) {
    const std::optional<alcove::RefusedArgument> argument = alcove::refusedArgument(argc, argv);
    if (!argument) {
        return false;
    }
    const QString name = QString::fromLocal8Bit(argument->name.c_str());
    const QString sentence =
        argument->value.empty()
            ? QCoreApplication::translate("main", "%1 is refused: it loads other code or opens a port.").arg(name)
            : QCoreApplication::translate(
                  "main",
                  "%1 asks for %2, but Alcove shows its window on this desktop alone: xcb (X11), "
                  "wayland or offscreen.")
                  .arg(name, QString::fromLocal8Bit(argument->value.c_str()));
    qCritical("alcove: %s", qUtf8Printable(sentence));
    return true;
}

// --help and --version need no display. Does not return if one of them was asked for.
void answerWithoutWindow(int argc, char* argv[]) {
    std::vector<char*> copied(argv, argv + argc + 1);  // the application takes out what it knows
    const QCoreApplication core(argc, copied.data());
    CommandLine commandLine;
    commandLine.parser.parse(QCoreApplication::arguments());
    if (commandLine.parser.isSet(commandLine.version)) {
        commandLine.parser.showVersion();
    }
    if (commandLine.parser.isSet(commandLine.help)) {
        commandLine.parser.showHelp();
    }
}

alcove::ApplicationOptions optionsFor(bool fake, const alcove::DataPaths& paths) {
    alcove::ApplicationOptions options;
    options.dataFolder = paths.dataFolder;
    options.settingsFile = paths.settingsFile;
    options.libraryFolder = paths.checkpointFolder;
    options.fake = fake;
    if (fake) {
        options.scan = alcove::fakeScan();
        const std::shared_ptr<alcove::FakeScript> script = alcove::pacedFakeScript();
        options.copies = script->copies;
        options.backend = [script] { return std::make_unique<alcove::FakeBackend>(script); };
    } else {
        options.scan =
            alcove::libraryScan(alcove::libraryFolders(paths.checkpointFolder, QCoreApplication::applicationDirPath()),
                                paths.dataFolder + "/checkpoint-facts.json");
        options.copies = std::make_shared<alcove::CheckpointCopies>(paths.copiesFolder);
        options.backend = [folder = paths.copiesFolder] { return std::make_unique<alcove::EngineBackend>(folder); };
    }
    return options;
}

// What the kernel does not enforce, in a sentence; empty: all that is promised is enforced.
QString sandboxProblem(bool locked) {
    if (!locked) {
        return QCoreApplication::translate(
            "main", "The sandbox is off (--no-sandbox): nothing but Alcove's own care keeps it off the network.");
    }
    for (const alcove::ProtectionState& state : alcove::protections()) {
        if (state.protection == alcove::Protection::NoNetwork && !state.enforced) {
            return QCoreApplication::translate(
                       "main",
                       "This system cannot keep Alcove off the network (%1). Alcove itself opens no connection.")
                .arg(QString::fromStdString(state.problem));
        }
    }
    return {};
}

// The model to open, absolute: --checkpoint PATH, or the one that is given alone, as by a file manager. Ends the
// program where there are several.
QString checkpointOf(CommandLine& commandLine) {
    QStringList given = commandLine.parser.positionalArguments() + commandLine.parser.values(commandLine.checkpoint);
    if (given.size() > 1) {
        commandLine.parser.showHelp(2);
    }
    const QString path = given.value(0);
    const QUrl url(path);
    return path.isEmpty() ? QString() : QFileInfo(url.isLocalFile() ? url.toLocalFile() : path).absoluteFilePath();
}

}  // namespace

int main(int argc, char* argv[]) {
    alcove::beginPrivately();
    alcove::startBroker();
    const bool locked = std::none_of(argv, argv + argc, [](const char* word) { return kNoSandbox == word; });
    if (locked) {
        alcove::lockDown();
    }
    alcove::showMessagesVisibly();
    QGuiApplication::setApplicationName("alcove");
    QGuiApplication::setApplicationVersion(alcove::kVersion);
    QGuiApplication::setApplicationDisplayName("Alcove");
    QGuiApplication::setDesktopFileName("io.github.alcove.Alcove");
    QGuiApplication::setAttribute(Qt::AA_DisableShaderDiskCache);  // it would be outside of Alcove's folders
    QNetworkProxyFactory::setUseSystemConfiguration(false);
    QQuickStyle::setStyle("Basic");
    answerWithoutWindow(argc, argv);
    if (refused(argc, argv)) {
        return 2;
    }

    alcove::prepareCacheFolder();  // drivers and Qt look for it from here on
    const QGuiApplication gui(argc, argv);
    QGuiApplication::setWindowIcon(
        QIcon::fromTheme("io.github.alcove.Alcove", QIcon(":/qt/qml/Alcove/Controls/icons/alcove.svg")));

    QTranslator qtTranslator;
    if (qtTranslator.load(QLocale(), "qtbase", "_", QLibraryInfo::path(QLibraryInfo::TranslationsPath))) {
        QGuiApplication::installTranslator(&qtTranslator);
    }
    QTranslator translator;
    if (translator.load(QLocale(), "alcove", "_", ":/i18n")) {
        QGuiApplication::installTranslator(&translator);
    }

    CommandLine commandLine;
    commandLine.parser.process(gui);
    const QString checkpoint = checkpointOf(commandLine);

    // Conversations with the fake backend are not kept among real ones.
    std::optional<QTemporaryDir> fakeData;
    if (commandLine.parser.isSet(commandLine.dataDir)) {
        qputenv("ALCOVE_DATA_DIR", QFile::encodeName(commandLine.parser.value(commandLine.dataDir)));
    } else if (commandLine.parser.isSet(commandLine.fake)) {
        qputenv("ALCOVE_DATA_DIR", QFile::encodeName(fakeData.emplace().path()));
    }
    const alcove::DataPaths paths = alcove::prepareDataPaths();

    alcove::SingleInstance instance(paths.dataFolder);
    if (instance.begin({checkpoint, qgetenv("XDG_ACTIVATION_TOKEN")}) == alcove::SingleInstance::Role::Later) {
        return 0;  // the window that is open already has come to the front
    }

    alcove::Application application(optionsFor(commandLine.parser.isSet(commandLine.fake), paths));
    application.settings()->whenDesktopAnswered(&alcove::refuseInspection);
    if (const QString problem = sandboxProblem(locked); !problem.isEmpty()) {
        application.notices()->add(alcove::NoticeListModel::Warning, problem);
    }
    if (!paths.problem.isEmpty()) {
        application.notices()->add(alcove::NoticeListModel::Warning, paths.problem);
    }

    int result = 1;
    {
        alcove::registerQmlModules();
        alcove::OfflineNetworkFactory offline;
        QQmlApplicationEngine engine;
        engine.setNetworkAccessManagerFactory(&offline);
        engine.addImportPath("qrc:/qt/qml");
        engine.setInitialProperties({{"application", QVariant::fromValue(&application)}, {"visible", false}});
        engine.load(QUrl("qrc:/qt/qml/Alcove/Ui/Window/Main.qml"));
        if (engine.rootObjects().isEmpty()) {
            return 1;
        }
        application.windowState()->show(qobject_cast<QWindow*>(engine.rootObjects().constFirst()));
        QObject::connect(&instance, &alcove::SingleInstance::requested, &application,
                         [&application](const alcove::StartRequest& request) {
                             application.windowState()->raise(request.activationToken);
                             if (!request.checkpoint.isEmpty()) {
                                 application.library()->addPath(request.checkpoint);
                             }
                         });
        const alcove::QuitSignals quitSignals;
        QObject::connect(&quitSignals, &alcove::QuitSignals::quitRequested, &gui, [] { QCoreApplication::exit(); });
        // A log-out may yet be called off: what there is is saved, and nothing ended.
        QObject::connect(&gui, &QGuiApplication::commitDataRequest, &application, &alcove::Application::saveNow,
                         Qt::DirectConnection);
        QObject::connect(&gui, &QGuiApplication::saveStateRequest, &application, &alcove::Application::saveNow,
                         Qt::DirectConnection);
        const alcove::SaveAtExit saveAtExit([&application] { application.close(); });
        application.start(checkpoint);
        result = QGuiApplication::exec();
        application.close();
        alcove::endWithin(kQuitSeconds, result);  // everything is saved: threads that do not end are left behind
    }
    return result;
}
