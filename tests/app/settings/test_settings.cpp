// Settings are kept, and a settings file that makes no sense gives the defaults.
#include <limits>

#include <QSettings>
#include <QTemporaryDir>
#include <QTest>

#include "app/settings/settings.h"
#include "tests/rig/test_registry.h"

using namespace alcove;

namespace {

Settings unusualSettings() {
    Settings settings;
    settings.theme = Theme::Dark;
    settings.device = QString::fromUtf8("AMD Radeon™ 780M; 100%, \"x\"");
    settings.sampling = {1.25, 12, 0.5, 0.125, 1.5, 333, 7};
    settings.contextSize = 512;
    settings.textSize = 125;
    settings.systemPrompt = QString::fromUtf8("Answer „briefly“,\nin plain words; 100 %.");
    settings.submissionMs = 16;
    settings.titleInWindow = true;
    settings.lastCheckpoint = QStringLiteral("/models/with, comma/ü");
    settings.addedCheckpoints = {QStringLiteral("/b, c"), QStringLiteral("/a")};
    return settings;
}

}  // namespace

class TestSettings : public QObject {
    Q_OBJECT

private slots:
    void init();
    void beginsWithDefaults();
    void comesBackAsItWas();
    void keepsListsOfOne();
    void makesNoSenseOfNonsense_data();
    void makesNoSenseOfNonsense();
    void movesFiguresIntoTheirRange();
    void leavesOthersChangesAlone();
    void survivesAnyFile_data();
    void survivesAnyFile();
    void saysWhenItCannotBeKept();
    void namesThemes();

private:
    [[nodiscard]] QString file() const { return m_folder->filePath(QStringLiteral("settings.ini")); }
    void write(const QByteArray& bytes) const {
        QFile out(file());
        QVERIFY(out.open(QIODevice::WriteOnly) && out.write(bytes) == bytes.size());
    }
    std::unique_ptr<QTemporaryDir> m_folder;
};

void TestSettings::init() {
    m_folder = std::make_unique<QTemporaryDir>();
}

void TestSettings::beginsWithDefaults() {
    SettingsFile settings(file());
    QVERIFY(settings.load() == Settings());
    QCOMPARE(settings.save(Settings()), QString());
    QVERIFY(!QFile::exists(file()));  // what nobody chose may change with the next version
}

void TestSettings::comesBackAsItWas() {
    {
        SettingsFile settings(file());
        QVERIFY(settings.load() == Settings());
        QCOMPARE(settings.save(unusualSettings()), QString());
    }
    SettingsFile settings(file());
    QVERIFY(settings.load() == unusualSettings());
    QCOMPARE(settings.save(Settings()), QString());
    QVERIFY(SettingsFile(file()).load() == Settings());
}

void TestSettings::keepsListsOfOne() {
    for (const QStringList& added : {QStringList{QStringLiteral("/one")}, QStringList{}}) {
        SettingsFile settings(file());
        Settings wanted = settings.load();
        wanted.addedCheckpoints = added;
        QCOMPARE(settings.save(wanted), QString());
        QCOMPARE(SettingsFile(file()).load().addedCheckpoints, added);
    }
}

void TestSettings::makesNoSenseOfNonsense_data() {
    QTest::addColumn<QByteArray>("line");
    for (const char* line :
         {"temperature=warm", "temperature=", "temperature=nan", "temperature=inf", "topK=many", "topK=@Invalid()",
          "topP=nan", "minP=a, b", "repetitionPenalty=--", "maxTokens=1e999", "seed=0x", "unknown=1"}) {
        QTest::newRow(line) << QByteArray("[sampling]\n") + line + "\n";
    }
    QTest::newRow("theme") << QByteArray("theme=pink\n");
    QTest::newRow("device") << QByteArray("device=\n");
    QTest::newRow("context") << QByteArray("contextSize=-5\n");
}

void TestSettings::makesNoSenseOfNonsense() {
    QFETCH(QByteArray, line);
    write(line);
    QVERIFY(SettingsFile(file()).load() == Settings());
}

void TestSettings::movesFiguresIntoTheirRange() {
    write(
        "contextSize=99999999999\nsubmissionMs=99999999999\n[sampling]\ntemperature=9\ntopK=-3\ntopP=0\nminP="
        "2\nrepetitionPenalty=0.1\n"
        "maxTokens=-1\nseed=-7\n");
    Settings settings = SettingsFile(file()).load();
    QCOMPARE(settings.sampling.temperature, 2.0);
    QCOMPARE(settings.sampling.topK, 0);
    QCOMPARE(settings.sampling.topP, 0.01);
    QCOMPARE(settings.sampling.minP, 1.0);
    QCOMPARE(settings.sampling.repetitionPenalty, 1.0);
    QCOMPARE(settings.sampling.maxTokens, 0);
    QCOMPARE(settings.sampling.seed, -1);
    QCOMPARE(settings.contextSize, 1048576);
    QCOMPARE(settings.submissionMs, 500);
    settings.contextSize = 3;
    settings.submissionMs = -1;
    settings.sampling.temperature = std::numeric_limits<double>::quiet_NaN();
    settings.addedCheckpoints = {QStringLiteral("/a"), QString(), QStringLiteral("/a")};
    settings = withinRange(settings);
    QCOMPARE(settings.contextSize, 64);
    QCOMPARE(settings.submissionMs, 0);
    QCOMPARE(settings.sampling.temperature, SamplingSettings().temperature);
    QCOMPARE(settings.addedCheckpoints, QStringList{QStringLiteral("/a")});
}

void TestSettings::leavesOthersChangesAlone() {
    SettingsFile window(file());
    Settings inWindow = window.load();
    {
        SettingsFile terminal(file());
        Settings inTerminal = terminal.load();
        inTerminal.lastCheckpoint = QStringLiteral("/models/b");
        inTerminal.sampling.topK = 7;
        QCOMPARE(terminal.save(inTerminal), QString());
    }
    inWindow.theme = Theme::Light;
    QCOMPARE(window.save(inWindow), QString());
    const Settings both = SettingsFile(file()).load();
    QVERIFY(both.theme == Theme::Light);
    QCOMPARE(both.sampling.topK, 7);
    QCOMPARE(both.lastCheckpoint, QStringLiteral("/models/b"));
}

void TestSettings::survivesAnyFile_data() {
    QTest::addColumn<QByteArray>("bytes");
    QTest::newRow("binary") << QByteArray::fromHex("00ff5b5d3d0a00fffe5b").repeated(100);
    QTest::newRow("invalid UTF-8") << QByteArray("[sampling]\nother=\"\xff\xfe\x80\"\n");
    QTest::newRow("unclosed") << QByteArray("[sampling\ntemperature=");
    const QByteArray listInList = R"(\0\0\0\t\0\0\0\x1)";
    QTest::newRow("lists in lists") << "[sampling]\nx=@Variant(" + listInList.repeated(50000) + ")\ntemperature=1.5\n";
    QTest::newRow("too large") << QByteArray("[sampling]\ntemperature=1.5\nx=") + QByteArray(2 << 20, 'a');
}

void TestSettings::survivesAnyFile() {
    QFETCH(QByteArray, bytes);
    write(bytes);
    SettingsFile settings(file());
    QVERIFY(settings.load() == Settings());
    if (bytes.size() > (1 << 20)) {
        QVERIFY(!settings.save(unusualSettings()).isEmpty());
        QCOMPARE(QFileInfo(file()).size(), bytes.size());  // not ours: left alone
    }
}

void TestSettings::saysWhenItCannotBeKept() {
    QFile inTheWay(m_folder->filePath(QStringLiteral("file")));
    QVERIFY(inTheWay.open(QIODevice::WriteOnly));
    SettingsFile settings(inTheWay.fileName() + QStringLiteral("/settings.ini"));
    QVERIFY(settings.load() == Settings());
    const QString problem = settings.save(unusualSettings());
    QVERIFY(problem.contains(inTheWay.fileName()));
}

void TestSettings::namesThemes() {
    for (const Theme theme : {Theme::System, Theme::Light, Theme::Dark}) {
        QVERIFY(themeFromName(themeName(theme)) == theme);
    }
    QCOMPARE(themeName(Theme::System), QStringLiteral("system"));
}

ALCOVE_TEST(TestSettings)
#include "test_settings.moc"
