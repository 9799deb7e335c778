// The devices, the running checkpoint and the library over a generator without weights; no chat, no window.
#pragma once

#include <memory>

#include <QtCore/QSemaphore>
#include <QtCore/QTemporaryDir>
#include <QtTest/QSignalSpy>
#include <QtTest/QTest>

#include "app/fake/fake_backend.h"
#include "app/library/device_controller.h"
#include "app/library/library_controller.h"
#include "app/library/running_checkpoint.h"
#include "app/notices/notice_list_model.h"
#include "app/session/engine_thread.h"
#include "app/settings/settings_controller.h"

namespace alcove {

// Prepare `script` and `entries`, then open(). Paths are "/fake/NAME". open() again is the program's next start, with
// the settings of the one before.
class LibraryFixture {
public:
    struct Program {
        explicit Program(LibraryFixture& fixture)
            : settings(fixture.folder.filePath("settings.ini"), fixture.folder.path(), notices),
              engine([script = fixture.script] { return std::make_unique<FakeBackend>(script); }, 0),
              devices(engine, settings),
              running({engine, devices, settings, notices}),
              library({running, devices, settings, notices}, fixture.scan, fixture.folder.filePath("checkpoints")) {}
        ~Program() { engine.shutdown(); }

        NoticeListModel notices;
        SettingsController settings;
        EngineThread engine;
        DeviceController devices;
        RunningCheckpoint running;
        LibraryController library;
    };

    LibraryFixture() {
        script->openSteps = 3;
        script->beforeOpenStep = [this](int step) {
            if (step == m_holdAt) {
                m_reached.release();
                m_go.acquire();
            }
        };
    }
    ~LibraryFixture() { letGo(); }

    static CheckpointEntry entry(const QString& name, const QStringList& suggestions = {}) {
        CheckpointEntry result;
        result.name = name;
        result.path = "/fake/" + name;
        result.usable = true;
        result.kind = CheckpointKind::Chat;
        result.card.suggestions = suggestions;
        return result;
    }

    // Without devices and checkpoints as yet: a test lists, scans or selects.
    Program& open() {
        m_program.reset();
        m_program = std::make_unique<Program>(*this);
        return *m_program;
    }
    // As the program starts.
    Program& start(const QString& checkpoint = {}) {
        open();
        m_program->devices.list();
        m_program->library.start(checkpoint);
        return *m_program;
    }
    [[nodiscard]] QStringList notices() const {
        QStringList result;
        for (int row = 0; row < m_program->notices.count(); ++row) {
            result << m_program->notices.data(m_program->notices.index(row), NoticeListModel::TextRole).toString();
        }
        return result;
    }

    // The engine thread waits before this step of opening, until letGo().
    void holdOpening(int step) { m_holdAt = step; }
    [[nodiscard]] bool held() {
        return QTest::qWaitFor([this] { return m_reached.tryAcquire(); }, 20000);
    }
    void letGo() {
        m_holdAt = -1;
        m_go.release();
    }

    QTemporaryDir folder;
    std::shared_ptr<FakeScript> script = std::make_shared<FakeScript>();
    QList<CheckpointEntry> entries = {entry("first"), entry("second")};
    // Of the next open().
    CheckpointScan scan = [this](const ScanRequest&, const CheckpointPublish& publish, const std::atomic<bool>&) {
        publish(entries, true);
    };

private:
    std::atomic<int> m_holdAt = -1;
    QSemaphore m_reached;
    QSemaphore m_go;
    std::unique_ptr<Program> m_program;
};

}  // namespace alcove
