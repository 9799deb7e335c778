// The list of devices: what is usable, what "auto" stands for, and what is said where there is none.
#include <QtCore/QScopeGuard>

#include "tests/app/library/library_fixture.h"
#include "tests/rig/test_registry.h"

using namespace alcove;

namespace {

const QList<DeviceDescription> kLaptop = {{"Small Graphics", "integrated graphics", true, {}},
                                          {"Four Core Processor", "processor", true, {}}};

}  // namespace

class TestDeviceController : public QObject {
    Q_OBJECT

private slots:
    void listsWhatCanBeUsed() {
        LibraryFixture fixture;
        fixture.script->devices = kLaptop;
        fixture.script->devices << DeviceDescription{"Old Graphics", "discrete graphics", false,
                                                     "it knows no 16-bit storage"};
        fixture.script->automaticReason = "an answer takes it 3 s, and the processor 5 s.";
        fixture.script->vulkanProblem = "One of two drivers is missing.";
        DeviceController& devices = fixture.open().devices;
        QVERIFY(devices.available());
        QVERIFY(!devices.listed());
        devices.list();
        QTRY_VERIFY(devices.listed());
        QVERIFY(devices.available());
        QCOMPARE(devices.names(), (QStringList{"Small Graphics", "Four Core Processor"}));
        QCOMPARE(devices.automaticName(), QString("Small Graphics"));
        QCOMPARE(devices.automaticReason(), fixture.script->automaticReason);
        QCOMPARE(devices.note(),
                 QString("Old Graphics cannot be used: it knows no 16-bit storage. One of two drivers is missing."));
        const QVariantList entries = devices.entries();
        QCOMPARE(entries.size(), 3);
        QCOMPARE(entries[0].toMap()["value"].toString(), QString("auto"));
        QCOMPARE(entries[0].toMap()["detail"].toString(), QString("Small Graphics — ") + devices.automaticReason());
        QCOMPARE(entries[2].toMap()["value"].toString(), QString("Four Core Processor"));
        QCOMPARE(entries[2].toMap()["label"].toString(), QString("Four Core Processor"));
        QCOMPARE(entries[2].toMap()["detail"].toString(), QString("processor"));
    }

    void saysWhyThereIsNone() {
        LibraryFixture fixture;
        fixture.script->devices = {{"Old Graphics", {}, false, "it knows no 16-bit storage"}};
        DeviceController& devices = fixture.open().devices;
        devices.list();
        QTRY_VERIFY(!devices.available());
        QVERIFY2(devices.problem().startsWith("This machine has no device that Alcove can use.\nOld Graphics cannot"),
                 qPrintable(devices.problem()));
        QCOMPARE(devices.names(), QStringList());

        fixture.script->devicesProblem = "No Vulkan driver was found. Install mesa-vulkan-drivers.";
        devices.list();
        QTRY_COMPARE(devices.problem(), fixture.script->devicesProblem);
        fixture.script->devicesProblem.clear();
        fixture.script->devices = kLaptop;
        devices.list();
        QTRY_VERIFY(devices.available());
    }

    // Comparing takes seconds, and decides nothing where a device is named.
    void comparesOnlyForAutomatic() {
        LibraryFixture fixture;
        fixture.script->whileComparing = [] {};
        auto* program = &fixture.open();
        program->devices.list();
        QTRY_VERIFY(program->devices.listed());
        QCOMPARE(fixture.script->compared, 1);
        program->settings.setDevice("Fake device");
        program = &fixture.open();
        fixture.script->compared = 0;
        program->devices.list();
        QTRY_VERIFY(program->devices.listed());
        QCOMPARE(fixture.script->compared, 0);
        QVERIFY(program->devices.automaticReason().contains("not been compared"));
        program->settings.setDevice("auto");  // lists them again
        QTRY_COMPARE(program->devices.automaticReason(), fixture.script->automaticReason);
        QCOMPARE(fixture.script->compared, 1);
    }

    void tellsWhatIsBeingMeasured() {
        QSemaphore go;
        LibraryFixture fixture;
        const auto letGo = qScopeGuard([&go] { go.release(); });
        fixture.script->devices = kLaptop;
        fixture.script->whileComparing = [&go] { go.acquire(); };
        DeviceController& devices = fixture.open().devices;
        devices.list();
        QTRY_VERIFY(devices.activity().contains("Small Graphics"));
        QVERIFY(!devices.listed());
        go.release();
        QTRY_VERIFY(devices.activity().isEmpty());
        QTRY_VERIFY(devices.listed());
    }
};

ALCOVE_TEST(TestDeviceController)
#include "test_device_controller.moc"
