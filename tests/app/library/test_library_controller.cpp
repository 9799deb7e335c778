// The menu of checkpoints: what is opened at the start, what is added and forgotten, what is suggested.
#include <QtCore/QFileInfo>

#include "tests/app/library/library_fixture.h"
#include "tests/rig/test_registry.h"

using namespace alcove;

class TestLibraryController : public QObject {
    Q_OBJECT

private slots:
    void opensTheFirstThenTheOneUsedLast() {
        LibraryFixture fixture;
        auto* program = &fixture.start();
        QTRY_COMPARE(program->running.name(), QString("first"));
        QCOMPARE(program->library.count(), 2);
        CheckpointListModel& model = *program->library.model();
        QVERIFY(model.data(model.index(0), CheckpointListModel::IsCurrentRole).toBool());
        program->library.select("/fake/second");
        QCOMPARE(program->running.loadingName(), QString("second"));
        QTRY_COMPARE(program->running.name(), QString("second"));
        QVERIFY(!model.data(model.index(0), CheckpointListModel::IsCurrentRole).toBool());
        QVERIFY(model.data(model.index(1), CheckpointListModel::IsCurrentRole).toBool());
        program = &fixture.start();
        QTRY_COMPARE(program->running.name(), QString("second"));
    }

    void opensTheOneOfTheCommandLine() {
        LibraryFixture fixture;
        auto* program = &fixture.start(fixture.folder.path());
        const QString path = QFileInfo(fixture.folder.path()).canonicalFilePath();
        QTRY_COMPARE(program->running.path(), path);
        QCOMPARE(fixture.script->opened.size(), 1);
        // It is remembered like one that was added …
        QTRY_COMPARE(program->settings.addedCheckpoints(), QStringList(path));
        program = &fixture.start("/fake/second");  // … unlike one of the library.
        QTRY_COMPARE(program->running.path(), QString("/fake/second"));
        QTRY_COMPARE(program->library.count(), 2);
        QCOMPARE(program->settings.addedCheckpoints().size(), 1);
    }

    void waitsForTheDevices() {
        LibraryFixture fixture;
        fixture.entries = {LibraryFixture::entry("first", {"What leaves my machine?"})};
        auto& program = fixture.open();
        program.library.start({});
        QTRY_COMPARE(program.library.count(), 1);
        QVERIFY(!program.running.loading());
        QVERIFY(program.running.canAnswer());
        QCOMPARE(program.library.suggestions(), QStringList{"What leaves my machine?"});  // of the one to come
        program.devices.list();
        QTRY_COMPARE(program.running.name(), QString("first"));
    }

    // One checkpoint may take long to look at: the others are there meanwhile, and what was used last is opened.
    void opensTheOneUsedLastBeforeAllAreKnown() {
        LibraryFixture fixture;
        QString wanted;
        fixture.scan = [&](const ScanRequest& request, const CheckpointPublish& publish,
                           const std::atomic<bool>& cancel) {
            wanted = request.first;
            publish({fixture.entries[0]}, false);
            publish(fixture.entries, false);
            while (!cancel) {
                QThread::yieldCurrentThread();
            }
        };
        auto& program = fixture.open();
        program.settings.setLastCheckpoint("/fake/second");
        program.devices.list();
        program.library.start({});
        QTRY_COMPARE(program.running.name(), QString("second"));
        QCOMPARE(wanted, QString("/fake/second"));
        QCOMPARE(program.library.count(), 2);
        QVERIFY(program.settings.addedCheckpoints().isEmpty());
        fixture.open();  // ends the program: the scan is asked to end
    }

    void theFirstIsOpenedWhenAllAreKnown() {
        LibraryFixture fixture;
        QSemaphore go;
        fixture.scan = [&](const ScanRequest&, const CheckpointPublish& publish, const std::atomic<bool>&) {
            publish({fixture.entries[1]}, false);
            go.acquire();
            publish(fixture.entries, true);
        };
        auto& program = fixture.open();
        program.devices.list();
        program.library.start({});
        QTRY_COMPARE(program.library.count(), 1);
        QTRY_VERIFY(program.devices.listed());
        QVERIFY(!program.running.loading() && program.running.canAnswer());
        go.release();
        QTRY_COMPARE(program.running.name(), QString("first"));
    }

    void rowsStayWhileALaterScanGoesOn() {
        LibraryFixture fixture;
        auto& program = fixture.start();
        QTRY_COMPARE(program.running.name(), QString("first"));
        const auto names = [&] {
            QStringList result;
            for (const CheckpointEntry& row : program.library.model()->rows()) {
                result << row.name;
            }
            return result;
        };
        QCOMPARE(names(), (QStringList{"first", "second"}));
        CheckpointEntry changed = LibraryFixture::entry("second");
        changed.detail = "changed";
        program.library.model()->mergeRows({LibraryFixture::entry("third"), changed});
        QCOMPARE(names(), (QStringList{"first", "second", "third"}));
        QCOMPARE(program.library.model()->find("/fake/second")->detail, QString("changed"));
        program.library.model()->setRows({LibraryFixture::entry("third"), changed});
        QCOMPARE(names(), (QStringList{"third", "second"}));
    }

    void withNothingToOpenNothingIsExpected() {
        LibraryFixture fixture;
        fixture.entries.clear();
        auto& program = fixture.open();
        program.devices.list();
        QTRY_VERIFY(program.devices.listed());
        QVERIFY(program.running.canAnswer());
        QSignalSpy changed(&program.running, &RunningCheckpoint::canAnswerChanged);
        program.library.start({});
        QTRY_VERIFY(!program.running.canAnswer());
        QCOMPARE(changed.count(), 1);
        fixture.entries = {LibraryFixture::entry("late")};
        program.library.rescan();
        QTRY_COMPARE(program.running.name(), QString("late"));
    }

    void addsAndForgets() {
        LibraryFixture fixture;
        auto& program = fixture.start();
        QTRY_COMPARE(program.running.name(), QString("first"));
        program.library.add(QUrl::fromLocalFile(fixture.folder.path()));
        QVERIFY(fixture.notices().join(' ').contains("is not a model"));
        QVERIFY(program.settings.addedCheckpoints().isEmpty());
        QVERIFY(!program.running.loading());
        QFile config(fixture.folder.filePath("config.json"));
        QVERIFY(config.open(QIODevice::WriteOnly));
        config.close();
        program.library.add(QUrl::fromLocalFile(fixture.folder.path()));
        const QString path = QFileInfo(fixture.folder.path()).canonicalFilePath();
        QTRY_COMPARE(program.running.path(), path);
        QCOMPARE(program.settings.addedCheckpoints(), QStringList(path));
        program.library.forget(path);
        QCOMPARE(program.settings.addedCheckpoints(), QStringList());
        program.library.add(QUrl("http://127.0.0.1/model"));
        QVERIFY(fixture.notices().contains("A model must be a folder or a file on this machine."));
        QCOMPARE(program.running.path(), path);
        QVERIFY(!program.running.loading());
    }

    void suggestionsAreThoseOfTheCheckpointInUse() {
        LibraryFixture fixture;
        fixture.entries = {LibraryFixture::entry("first", {"What leaves my machine?"}),
                           LibraryFixture::entry("second", {"Sing", "Count"})};
        fixture.entries[0].card.description = "Small.";
        fixture.script->openFailures["/fake/second"] = {.sentence = "model.safetensors is damaged."};
        auto& program = fixture.start();
        LibraryController& library = program.library;
        QTRY_COMPARE(program.running.name(), QString("first"));
        QCOMPARE(library.suggestions(), QStringList{"What leaves my machine?"});
        const CheckpointListModel& model = *library.model();
        QCOMPARE(model.data(model.index(0), CheckpointListModel::DescriptionRole).toString(), QString("Small."));
        QCOMPARE(model.roleNames()[CheckpointListModel::DescriptionRole], QByteArray("description"));

        QSignalSpy changed(&library, &LibraryController::suggestionsChanged);
        library.select("/fake/second");
        QCOMPARE(library.suggestions(), (QStringList{"Sing", "Count"}));
        QTRY_VERIFY(!program.running.loading());
        QCOMPARE(library.suggestions(), QStringList{"What leaves my machine?"});
        QCOMPARE(changed.count(), 2);

        fixture.entries[0].card.suggestions = QStringList{"How do I add a checkpoint?"};
        QSignalSpy rowChanged(library.model(), &CheckpointListModel::dataChanged);
        library.rescan();
        QTRY_COMPARE(library.suggestions(), QStringList{"How do I add a checkpoint?"});
        QCOMPARE(rowChanged.count(), 1);
    }
};

ALCOVE_TEST(TestLibraryController)
#include "test_library_controller.moc"
