// What the privacy page says, in a program that is not locked and in one that is.
#include <sys/wait.h>
#include <unistd.h>

#include <QSignalSpy>
#include <QTest>

#include "app/process/sandbox.h"
#include "app/window/privacy_report.h"
#include "tests/rig/test_registry.h"

using namespace alcove;

class TestPrivacyReport : public QObject {
    Q_OBJECT

private slots:
    void showsWhatIsNotEnforced() {
        PrivacyReport report;
        const QSignalSpy tried(&report, &PrivacyReport::tried);
        report.tryNow();
        QCOMPARE(tried.count(), 1);
        QVERIFY(!report.allEnforced());
        QCOMPARE(report.protections().size(), 3);
        for (const QVariant& each : report.protections()) {
            const QVariantMap shown = each.toMap();
            QVERIFY(!shown["enforced"].toBool());
            QVERIFY(!shown["name"].toString().isEmpty() && !shown["explanation"].toString().isEmpty());
            QVERIFY(!shown["answers"].toStringList().isEmpty());
        }
    }

    void showsWhatIsEnforced() {
        const pid_t child = ::fork();  // a lock cannot be taken off
        if (child == 0) {
            lockDown();
            PrivacyReport report;
            report.tryNow();
            bool shown = false;
            for (const QVariant& each : report.protections()) {
                const QVariantMap protection = each.toMap();
                shown = shown || (protection["enforced"].toBool() &&
                                  protection["answers"].toStringList().join(' ').contains("socket(AF_INET)"));
            }
            ::_exit(shown ? 0 : 1);
        }
        int status = 0;
        ::waitpid(child, &status, 0);
        QCOMPARE(status, 0);
    }
};

ALCOVE_TEST(TestPrivacyReport)

#include "test_privacy_report.moc"
