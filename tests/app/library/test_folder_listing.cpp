// What the window's picker shows of a folder.
#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QTemporaryDir>
#include <QtCore/QUrl>
#include <QtTest/QSignalSpy>
#include <QtTest/QTest>

#include "app/library/folder_listing.h"
#include "tests/rig/test_registry.h"
#include "tests/rig/unprivileged.h"

using namespace alcove;

class TestFolderListing : public QObject {
    Q_OBJECT

private slots:
    void init() { m_root = std::make_unique<QTemporaryDir>(); }

    void foldersThenFilesByName() {
        for (const char* name : {"zebra", "Apple", "ckpt_100", "ckpt_20", ".hidden"}) {
            QVERIFY(QDir(path()).mkdir(name));
        }
        write("b.gguf", 1500);
        write("a.GGUF", 10);
        write("notes.txt", 10);
        const FolderContents contents = readFolder(path(), false);
        QStringList names;
        for (const FolderEntry& entry : contents.entries) {
            names << entry.name;
        }
        QCOMPARE(names, (QStringList{"Apple", "ckpt_20", "ckpt_100", "zebra", "a.GGUF", "b.gguf"}));
        QCOMPARE(contents.entries[5].kind, FolderEntry::ModelFile);
        QCOMPARE(contents.entries[5].bytes, 1500);
        QVERIFY(!contents.isModel);
        QVERIFY(contents.problem.isEmpty());
    }

    void foldersOfModelsAreKnown() {
        QVERIFY(QDir(path()).mkdir("model"));
        write("model/config.json", 2);
        const FolderContents above = readFolder(path(), false);
        QCOMPARE(above.entries.size(), 1);
        QCOMPARE(above.entries[0].kind, FolderEntry::ModelFolder);
        QVERIFY(readFolder(path() + "/model", false).isModel);
    }

    void whatCannotBeReadHasAReason() {
        QVERIFY(readFolder(path() + "/none", false).problem.contains("/none"));
        QVERIFY(QFile::setPermissions(path(), QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner));
        const tests::Unprivileged other;
        QVERIFY(QFile::exists(path()));
        QVERIFY(readFolder(path(), false).problem.contains(path()));
    }

    void aHugeFolderIsCutAndSaysSo() {
        for (int i = 0; i < kMostFolderEntries + 5; ++i) {
            write(QString::number(i) + ".gguf", 0);
        }
        const FolderContents contents = readFolder(path(), false);
        QCOMPARE(contents.entries.size(), kMostFolderEntries);
        QVERIFY(contents.problem.contains("5,000"));
    }

    void stopsWhenAsked() {
        write("a.gguf", 1);
        QVERIFY(readFolder(path(), true).entries.isEmpty());
    }

    void opensWhatIsTyped_data() {
        QTest::addColumn<QString>("typed");
        QTest::addColumn<QString>("shown");
        QTest::newRow("absolute") << "%/one"
                                  << "%/one";
        QTest::newRow("relative") << "two"
                                  << "%/one/two";
        QTest::newRow("a file") << "%/one/file.gguf"
                                << "%/one";
        QTest::newRow("an address") << "file://%/one/two"
                                    << "%/one/two";
        QTest::newRow("home") << "~" << QDir::homePath();
        QTest::newRow("in home") << "~/somewhere" << QDir::homePath() + "/somewhere";
        QTest::newRow("with dots") << "../one/./two/"
                                   << "%/one/two";
    }

    void opensWhatIsTyped() {
        QFETCH(QString, typed);
        QFETCH(QString, shown);
        QVERIFY(QDir(path()).mkpath("one/two"));
        write("one/file.gguf", 1);
        FolderListing listing;
        open(listing, path() + "/one");
        open(listing, typed.replace("%", path()));
        QCOMPARE(listing.folder(), shown.replace("%", path()));
    }

    void theRowsStayUntilTheNewOnesAreThere() {
        QVERIFY(QDir(path()).mkpath("one/two"));
        FolderListing listing;
        open(listing, path());
        QCOMPARE(listing.count(), 1);
        listing.open(path() + "/one");
        QVERIFY(listing.reading());
        QCOMPARE(listing.count(), 1);
        QCOMPARE(listing.data(listing.index(0), FolderListing::NameRole).toString(), QString("one"));
        QTRY_VERIFY(!listing.reading());
        QCOMPARE(listing.data(listing.index(0), FolderListing::NameRole).toString(), QString("two"));
        listing.openParent();
        QTRY_COMPARE(listing.data(listing.index(0), FolderListing::NameRole).toString(), QString("one"));
    }

    void onlyTheLastFolderIsShown() {
        QVERIFY(QDir(path()).mkpath("one/two"));
        FolderListing listing;
        QSignalSpy listed(&listing, &FolderListing::listed);
        listing.open(path());
        listing.open(path() + "/one");
        listing.open(path() + "/one/two");
        QTRY_VERIFY(!listing.reading());
        QCOMPARE(listed.size(), 1);
        QCOMPARE(listing.folder(), path() + "/one/two");
        QCOMPARE(listing.count(), 0);
    }

    void lettersFindARow() {
        for (const char* name : {"apple", "bear", "Boat"}) {
            QVERIFY(QDir(path()).mkdir(name));
        }
        FolderListing listing;
        open(listing, path());
        QCOMPARE(listing.rowBeginningWith("b", 0), 1);
        QCOMPARE(listing.rowBeginningWith("b", 2), 2);
        QCOMPARE(listing.rowBeginningWith("b", 3), 1);
        QCOMPARE(listing.rowBeginningWith("x", 0), -1);
    }

private:
    [[nodiscard]] QString path() const { return m_root->path(); }
    void write(const QString& name, qint64 bytes) const {
        QFile file(path() + '/' + name);
        QVERIFY(file.open(QIODevice::WriteOnly) && file.resize(bytes));
    }
    static void open(FolderListing& listing, const QString& folder) {
        listing.open(folder);
        QTRY_VERIFY(!listing.reading());
    }
    std::unique_ptr<QTemporaryDir> m_root;
};

ALCOVE_TEST(TestFolderListing)
#include "test_folder_listing.moc"
