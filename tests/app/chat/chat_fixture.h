// Everything behind the window, in a folder of its own, with a fake generator that a test can make wait.
#pragma once

#include <atomic>
#include <memory>

#include <QtCore/QSemaphore>
#include <QtCore/QTemporaryDir>
#include <QtTest/QSignalSpy>
#include <QtTest/QTest>

#include "app/fake/fake_backend.h"
#include "app/window/application.h"

namespace alcove {

// Makes the engine thread wait at the step with a given number until letGo().
class Gate {
public:
    void holdAt(int step) { m_step = step; }
    // Waits until the engine thread has reached that step.
    [[nodiscard]] bool held() {
        return QTest::qWaitFor([this] { return m_reached.tryAcquire(); }, 20000);
    }
    void letGo() {
        m_step = -1;
        m_go.release();
    }
    [[nodiscard]] std::function<void(int)> hook() {
        return [this](int step) {
            if (step == m_step) {
                m_reached.release();
                m_go.acquire();
            }
        };
    }

private:
    std::atomic<int> m_step = -1;
    QSemaphore m_reached;
    QSemaphore m_go;
};

class ChatFixture {
public:
    ChatFixture() {
        script->replies = {QStringLiteral("one two three four five")};
        script->openSteps = 3;
        script->beforeToken = token.hook();
        script->beforeOpenStep = openStep.hook();
        script->copies->beforeStep = copyStep.hook();
        options.copies = script->copies;
        options.dataFolder = folder.path();
        options.settingsFile = folder.filePath("settings.ini");
        options.libraryFolder = folder.filePath("checkpoints");
        options.backend = [script = script] { return std::make_unique<FakeBackend>(script); };
        options.pieceIntervalMs = 0;
        options.quitPatience = std::chrono::minutes(1);  // no test depends on how quick the machine is
        for (const QString& name : {QStringLiteral("first"), QStringLiteral("second")}) {
            CheckpointEntry entry;
            entry.name = name;
            entry.path = "/fake/" + name;
            entry.usable = true;
            entry.kind = CheckpointKind::Chat;
            entries << entry;
        }
        options.scan = [this](const ScanRequest&, const CheckpointPublish& publish, const std::atomic<bool>&) {
            publish(entries, true);
        };
    }
    ~ChatFixture() {
        token.letGo();
        openStep.letGo();
        copyStep.letGo();
    }

    void open(const QString& checkpoint = {}) {
        app = std::make_unique<Application>(options);
        app->chat()->setSaveIntervals(1, 1);
        app->start(checkpoint);
    }
    // The same, and waits until a checkpoint is open.
    [[nodiscard]] bool openReady() {
        open();
        return QTest::qWaitFor([this] { return !app->running()->path().isEmpty(); }, 20000);
    }
    void close() { app.reset(); }

    [[nodiscard]] ChatController& chat() { return *app->chat(); }
    [[nodiscard]] MessageListModel& messages() { return *chat().messages(); }
    [[nodiscard]] QVariant message(int row, MessageListModel::Role role) {
        return messages().data(messages().index(row), role);
    }
    [[nodiscard]] QStringList texts() {
        QStringList result;
        for (int row = 0; row < messages().count(); ++row) {
            result << message(row, MessageListModel::TextRole).toString();
        }
        return result;
    }
    [[nodiscard]] QString status() { return message(messages().count() - 1, MessageListModel::StatusRole).toString(); }
    [[nodiscard]] QList<Message> stored(qint64 conversationId) { return app->store().messages(conversationId); }
    [[nodiscard]] QStringList notices() {
        QStringList result;
        for (int row = 0; row < app->notices()->count(); ++row) {
            result << app->notices()->data(app->notices()->index(row), NoticeListModel::TextRole).toString();
        }
        return result;
    }
    [[nodiscard]] bool idle() {
        return QTest::qWaitFor([this] { return chat().state() == ChatController::Idle; }, 20000);
    }

    QTemporaryDir folder;
    Gate token;
    Gate openStep;
    Gate copyStep;
    std::shared_ptr<FakeScript> script = std::make_shared<FakeScript>();
    QList<CheckpointEntry> entries;
    ApplicationOptions options;
    std::unique_ptr<Application> app;  // destroyed first; no gate holds the engine thread then
};

}  // namespace alcove
