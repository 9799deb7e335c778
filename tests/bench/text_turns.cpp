// How long texts of all shapes keep the window busy: the longest turn of its event loop while a conversation with such
// a text is opened, and while a reply grows to one. By hand:
//
//     cmake --build build/dev --target text_turns
//     QT_QPA_PLATFORM=offscreen QT_QUICK_BACKEND=software build/dev/tests/bench/text_turns [CHARACTERS
//     [PART-OF-A-NAME]]
//
// Each is opened as a person's message and as a reply; a growing reply gets 200 characters a piece, up to 30,000.
// Figures are milliseconds of the GUI thread's own time on a processor, so that other programs do not count. The first
// line is an ordinary conversation, the floor of what drawing takes.
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <functional>

#include <QtCore/QElapsedTimer>
#include <QtCore/QTemporaryDir>
#include <QtCore/QThread>
#include <QtGui/QGuiApplication>
#include <QtQml/QQmlComponent>
#include <QtQml/QQmlEngine>
#include <QtQuick/QQuickWindow>
#include <QtQuickControls2/QQuickStyle>

#include "app/fake/fake_backend.h"
#include "app/window/application.h"
#include "tests/rig/awkward_texts.h"

using namespace alcove;

namespace {

constexpr double kNanoPerMs = 1e6;
constexpr double kMsPerSecond = 1000;
constexpr qsizetype kPieceCharacters = 200;
constexpr qsizetype kStreamedCharacters = 30'000;
constexpr int kQuietMs = 300;  // nothing happened for so long: the window has settled
constexpr double kBusyMs = 1;  // … and nothing is less than this
constexpr int kGiveUpMs = 60'000;

double threadMs() {
    timespec now = {};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * kMsPerSecond + static_cast<double>(now.tv_nsec) / kNanoPerMs;
}

// The longest turn while `step` is called in each of them until it returns false, and until the window has settled.
double longestTurn(const std::function<bool()>& step) {
    double longest = 0;
    bool going = true;
    QElapsedTimer total;
    QElapsedTimer quiet;
    total.start();
    quiet.start();
    while (total.elapsed() < kGiveUpMs && (going || quiet.elapsed() < kQuietMs)) {
        const double before = threadMs();
        going = going && step();
        QCoreApplication::processEvents();
        const double ms = threadMs() - before;
        longest = std::max(longest, ms);
        if (ms > kBusyMs) {
            quiet.start();
        }
        QThread::usleep(200);
    }
    return longest;
}

class Bench {
public:
    Bench() {
        ApplicationOptions options;
        options.dataFolder = m_folder.path();
        options.settingsFile = m_folder.filePath("settings.ini");
        options.libraryFolder = m_folder.filePath("checkpoints");
        options.backend = [] { return std::make_unique<FakeBackend>(std::make_shared<FakeScript>()); };
        options.scan = [](const ScanRequest&, const CheckpointPublish& publish, const std::atomic<bool>&) {
            publish({}, true);
        };
        m_application = std::make_unique<Application>(options);
        m_engine.addImportPath("qrc:/qt/qml");
        QQmlComponent component(&m_engine, QUrl("qrc:/qt/qml/Alcove/Ui/Window/Main.qml"));
        m_window.reset(
            component.createWithInitialProperties({{"application", QVariant::fromValue(m_application.get())}}));
        if (!m_window) {
            qFatal("%s", qPrintable(component.errorString()));
        }
        m_application->start({});
        longestTurn([] { return false; });
    }

    void measure(const char* name, const QString& text) {
        const double asked = opened({{Author::User, text}});
        const double replied = opened({{Author::User, "Hi"}, {Author::Assistant, text}});
        const double grown = streamed(text.left(kStreamedCharacters));
        std::printf("%-34s %9lld characters: opened %7.1f asked, %7.1f replied; growing %7.1f\n", name,
                    static_cast<long long>(text.size()), asked, replied, grown);
        std::fflush(stdout);
    }

private:
    using Said = QList<std::pair<Author, QString>>;

    double opened(const Said& said) {
        HistoryStore& store = m_application->store();
        const qint64 id = store.createConversation("bench");
        for (const auto& [author, text] : said) {
            store.appendMessage(id, author, text);
        }
        const double longest = longestTurn([this, id, done = false]() mutable {
            if (!std::exchange(done, true)) {
                m_application->chat()->openConversation(static_cast<int>(id));
            }
            return false;
        });
        m_application->chat()->newConversation();
        longestTurn([] { return false; });
        return longest;
    }

    double streamed(const QString& text) {
        HistoryStore& store = m_application->store();
        const qint64 id = store.createConversation("bench");
        store.appendMessage(id, Author::User, "Hi");
        m_application->chat()->openConversation(static_cast<int>(id));
        longestTurn([] { return false; });
        MessageListModel& messages = *m_application->chat()->messages();
        Message reply;
        reply.id = 1'000'000;
        reply.author = Author::Assistant;
        reply.status = MessageStatus::Writing;
        messages.add(reply);
        QElapsedTimer sinceLast;
        sinceLast.start();
        const double longest = longestTurn([&, at = qsizetype(0)]() mutable {
            if (sinceLast.elapsed() >= 10) {
                messages.appendText(reply.id, text.mid(at, kPieceCharacters));
                at += kPieceCharacters;
                sinceLast.start();
            }
            return at < text.size();
        });
        messages.finishReply(reply.id, MessageListModel::Status::Complete, {}, 0);
        m_application->chat()->newConversation();
        longestTurn([] { return false; });
        return longest;
    }

    QTemporaryDir m_folder;
    std::unique_ptr<Application> m_application;
    QQmlEngine m_engine;
    std::unique_ptr<QObject> m_window;
};

}  // namespace

int main(int argc, char* argv[]) {
    const QGuiApplication gui(argc, argv);
    QQuickStyle::setStyle("Basic");
    const QStringList arguments = QGuiApplication::arguments();
    const qsizetype characters = arguments.value(1, "100000").toLongLong();
    Bench bench;
    bench.measure("an ordinary reply", QString("A sentence with some words in it. ").repeated(8));
    for (const AwkwardText& text : awkwardTexts()) {
        if (QString(text.name).contains(arguments.value(2))) {
            bench.measure(text.name, text.make(characters));
        }
    }
    return 0;
}
