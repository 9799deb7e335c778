// Where files are, and what happens where they cannot be.
#include <unistd.h>

#include <QDir>
#include <QFileInfo>
#include <QTemporaryDir>
#include <QTest>

#include "app/settings/data_paths.h"
#include "tests/rig/test_files.h"
#include "tests/rig/test_registry.h"

using namespace alcove;
using tests::write;

namespace {

constexpr auto kOthers =
    QFile::ReadGroup | QFile::WriteGroup | QFile::ExeGroup | QFile::ReadOther | QFile::WriteOther | QFile::ExeOther;
constexpr auto kReadableByAll = QFile::ReadOwner | QFile::WriteOwner | QFile::ReadGroup | QFile::ReadOther;

}  // namespace

class TestDataPaths : public QObject {
    Q_OBJECT

private slots:
    void init();
    void followsTheEnvironment();
    void usesTheSystemsPlaces();
    void makesPrivateFolders();
    void tightensWhatIsThere();
    void leavesOthersFilesInAChosenFolder();
    void reportsAFolderThatCannotBeMade();
    void reportsAFolderThatCannotBeWritten();
    void cleanup() { qunsetenv("ALCOVE_DATA_DIR"); }

private:
    std::unique_ptr<QTemporaryDir> m_folder;
};

void TestDataPaths::init() {
    m_folder = std::make_unique<QTemporaryDir>();
    qunsetenv("ALCOVE_DATA_DIR");
}

void TestDataPaths::followsTheEnvironment() {
    qputenv("ALCOVE_DATA_DIR", "/some/where/../data/");
    const DataPaths paths = locateDataPaths();
    QCOMPARE(paths.dataFolder, QStringLiteral("/some/data"));
    QCOMPARE(paths.checkpointFolder, QStringLiteral("/some/data/checkpoints"));
    QCOMPARE(paths.settingsFile, QStringLiteral("/some/data/settings.ini"));
    qputenv("ALCOVE_DATA_DIR", "relative");
    QCOMPARE(locateDataPaths().dataFolder, QDir::currentPath() + QStringLiteral("/relative"));
}

void TestDataPaths::usesTheSystemsPlaces() {
    qputenv("XDG_DATA_HOME", m_folder->filePath(QStringLiteral("share")).toUtf8());
    qputenv("XDG_CONFIG_HOME", m_folder->filePath(QStringLiteral("config")).toUtf8());
    const DataPaths paths = locateDataPaths();
    QCOMPARE(paths.dataFolder, m_folder->filePath(QStringLiteral("share/alcove")));
    QCOMPARE(paths.settingsFile, m_folder->filePath(QStringLiteral("config/alcove/settings.ini")));
    QVERIFY(!QFileInfo::exists(m_folder->filePath(QStringLiteral("share"))));
    qunsetenv("XDG_DATA_HOME");
    qunsetenv("XDG_CONFIG_HOME");
}

void TestDataPaths::makesPrivateFolders() {
    qputenv("ALCOVE_DATA_DIR", m_folder->filePath(QStringLiteral("a/b")).toUtf8());
    const DataPaths paths = prepareDataPaths();
    QVERIFY2(paths.problem.isEmpty(), qPrintable(paths.problem));
    for (const QString& folder : {paths.dataFolder, paths.checkpointFolder}) {
        QVERIFY(QFileInfo(folder).isDir());
        QVERIFY((QFile::permissions(folder) & kOthers) == 0);
    }
    QCOMPARE(QDir(paths.dataFolder).entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot),
             QStringList{QStringLiteral("checkpoints")});
}

void TestDataPaths::tightensWhatIsThere() {
    for (const char* home : {"XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"}) {
        qputenv(home, QFile::encodeName(m_folder->filePath(home)));
    }
    const DataPaths paths = locateDataPaths();
    const QStringList files = {paths.settingsFile, paths.dataFolder + "/checkpoint-facts.json",
                               paths.cacheFolder + "/tuning.json", paths.copiesFolder + "/copy.gguf"};
    QStringList folders;
    for (const QString& file : files) {
        folders << QFileInfo(file).absolutePath();
        QVERIFY(QDir().mkpath(folders.last()));
        write(file, "x");
        QVERIFY(QFile::setPermissions(file, kReadableByAll));
        QVERIFY(QFile::setPermissions(folders.last(), kReadableByAll | QFile::ExeOwner | QFile::ExeOther));
    }
    QVERIFY(prepareDataPaths().problem.isEmpty());
    for (const QString& path : files + folders) {
        QVERIFY2((QFile::permissions(path) & kOthers) == 0, qPrintable(path));
        QVERIFY((QFile::permissions(path) & QFile::ReadOwner) != 0);
    }
    for (const char* home : {"XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"}) {
        qunsetenv(home);
    }
}

void TestDataPaths::leavesOthersFilesInAChosenFolder() {
    const QString ours = m_folder->filePath("settings.ini");
    const QString others = m_folder->filePath("letter.txt");
    for (const QString& file : {ours, others}) {
        write(file, "x");
        QVERIFY(QFile::setPermissions(file, kReadableByAll));
    }
    qputenv("ALCOVE_DATA_DIR", m_folder->path().toUtf8());
    QVERIFY(prepareDataPaths().problem.isEmpty());
    QVERIFY((QFile::permissions(ours) & kOthers) == 0);
    QVERIFY((QFile::permissions(others) & QFile::ReadOther) != 0);
    QVERIFY((QFile::permissions(m_folder->path()) & kOthers) == 0);
}

void TestDataPaths::reportsAFolderThatCannotBeMade() {
    QFile inTheWay(m_folder->filePath(QStringLiteral("file")));
    QVERIFY(inTheWay.open(QIODevice::WriteOnly));
    qputenv("ALCOVE_DATA_DIR", (inTheWay.fileName() + QStringLiteral("/data")).toUtf8());
    const DataPaths paths = prepareDataPaths();
    QVERIFY(paths.problem.contains(paths.dataFolder));
    QVERIFY(paths.problem.contains(QStringLiteral("cannot be made")));
}

void TestDataPaths::reportsAFolderThatCannotBeWritten() {
    constexpr auto kAll =
        QFile::ReadOwner | QFile::ExeOwner | QFile::ReadGroup | QFile::ExeGroup | QFile::ReadOther | QFile::ExeOther;
    QVERIFY(QFile::setPermissions(m_folder->path(), kAll));
    qputenv("ALCOVE_DATA_DIR", m_folder->path().toUtf8());
    if (::getuid() == 0) {  // root may write everywhere; what the folder forbids shows only to somebody else
        QVERIFY(::seteuid(65534) == 0);
    }
    const DataPaths paths = prepareDataPaths();
    if (::getuid() == 0) {
        QVERIFY(::seteuid(0) == 0);
    }
    QVERIFY(paths.problem.contains(paths.dataFolder));
    QVERIFY(paths.problem.contains(QStringLiteral("cannot be written")));
    QVERIFY(QFile::setPermissions(m_folder->path(), kAll | QFile::WriteOwner));
}

ALCOVE_TEST(TestDataPaths)
#include "test_data_paths.moc"
