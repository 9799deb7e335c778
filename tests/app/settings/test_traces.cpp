// What is found and removed when everything is to be forgotten, and what is left alone.
#include <QDir>
#include <QTemporaryDir>
#include <QTest>

#include "app/settings/traces.h"
#include "tests/rig/test_files.h"
#include "tests/rig/test_registry.h"

using namespace alcove;
using tests::write;

namespace {

// A home folder with everything in it.
struct Home {
    QTemporaryDir folder;
    DataPaths paths;

    Home() {
        paths.dataFolder = at("share/alcove");
        paths.checkpointFolder = at("share/alcove/checkpoints");
        paths.settingsFile = at("config/alcove/settings.ini");
        paths.cacheFolder = at("cache/alcove");
        paths.copiesFolder = at("cache/alcove/copies");
        for (const char* file :
             {"share/alcove/history.sqlite", "share/alcove/history.sqlite-wal", "share/alcove/history.lock",
              "share/alcove/history-backup-v3-20260101-000000000.sqlite", "share/alcove/.alcove-abcdef",
              "share/alcove/checkpoint-facts.json", "share/alcove/checkpoints/mine/model.gguf",
              "config/alcove/settings.ini", "cache/alcove/tuning.json", "cache/alcove/copies/a.gguf",
              "cache/alcove/mesa_shader_cache/00/ff", "share/other/file", "cache/other", "config/other.ini"}) {
            put(file);
        }
    }
    [[nodiscard]] QString at(const QString& name) const { return folder.filePath(name); }
    [[nodiscard]] bool has(const QString& name) const {
        return QFileInfo::exists(at(name)) || QFileInfo(at(name)).isSymLink();
    }
    void put(const QString& name) const {
        QVERIFY(QDir().mkpath(QFileInfo(at(name)).absolutePath()));
        write(at(name), "1234");
    }
};

QStringList pathsOf(const QList<KeptTrace>& kept, KeptTrace::Reason reason) {
    QStringList paths;
    for (const KeptTrace& one : kept) {
        if (one.reason == reason) {
            paths << one.trace.path;
        }
    }
    return paths;
}

}  // namespace

class TestTraces : public QObject {
    Q_OBJECT

private slots:
    void everythingButCheckpoints() {
        const Home home;
        const Traces traces = findTraces(home.paths, false);
        QCOMPARE(pathsOf(traces.kept, KeptTrace::Reason::Checkpoints), QStringList{home.paths.checkpointFolder});
        QCOMPARE(traces.removable.size(), 8);
        QCOMPARE(traces.removable.last().path, home.paths.cacheFolder);
        QCOMPARE(traces.removable.last().bytes, 12);
        QVERIFY(home.has("share/alcove/history.sqlite"));  // finding removes nothing
        QVERIFY(removeTraces(traces).isEmpty());
        QCOMPARE(QDir(home.paths.dataFolder).entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot),
                 QStringList{"checkpoints"});
        QVERIFY(home.has("share/alcove/checkpoints/mine/model.gguf"));
        QVERIFY(!home.has("config/alcove") && !home.has("cache/alcove"));
        QVERIFY(home.has("share/other/file") && home.has("cache/other") && home.has("config/other.ini"));
        QVERIFY(findTraces(home.paths, false).removable.isEmpty());
    }

    void checkpointsToo() {
        const Home home;
        QVERIFY(removeTraces(findTraces(home.paths, true)).isEmpty());
        QVERIFY(!home.has("share/alcove") && home.has("share/other"));
        QVERIFY(findTraces(home.paths, true).removable.isEmpty());
    }

    void linksAreNotFollowed() {
        const Home home;
        home.put("mine/letter.txt");
        home.put("models/m.gguf");
        QVERIFY(QFile::link(home.at("mine"), home.at("cache/alcove/mine")));
        QVERIFY(QFile::link(home.at("mine/letter.txt"), home.at("config/alcove/letter.txt")));
        QVERIFY(QFile::link(home.at("models"), home.at("share/alcove/checkpoints/linked")));
        QVERIFY(QFile::link(home.at("gone"), home.at("share/alcove/dangling")));
        QVERIFY(removeTraces(findTraces(home.paths, true)).isEmpty());
        QVERIFY(!home.has("share/alcove") && !home.has("config/alcove") && !home.has("cache/alcove"));
        QVERIFY(home.has("mine/letter.txt") && home.has("models/m.gguf"));
    }

    void foldersThatAreLinksStay() {
        const Home home;
        for (const char* name : {"share/alcove", "cache/alcove"}) {
            const QString moved = home.at(name) + "-moved";
            QVERIFY(QDir().rename(home.at(name), moved));
            QVERIFY(QFile::link(moved, home.at(name)));
        }
        const Traces traces = findTraces(home.paths, true);
        QCOMPARE(pathsOf(traces.kept, KeptTrace::Reason::Link),
                 QStringList({home.paths.dataFolder, home.paths.cacheFolder}));
        QVERIFY(removeTraces(traces).isEmpty());
        QVERIFY(home.has("share/alcove-moved/history.sqlite") && home.has("cache/alcove-moved/tuning.json"));
        QVERIFY(home.has("share/alcove") && !home.has("config/alcove"));
    }

    void ofAChosenFolderOnlyWhatIsOurs() {
        Home home;
        home.paths.dataFolder = home.at("documents");
        home.paths.checkpointFolder = home.at("documents/checkpoints");
        home.paths.settingsFile = home.at("documents/settings.ini");
        home.paths.chosen = true;
        for (const char* file : {"documents/history.sqlite", "documents/settings.ini", "documents/history-of-rome.pdf",
                                 "documents/letter.txt", "documents/work/history.sqlite"}) {
            home.put(file);
        }
        const Traces traces = findTraces(home.paths, false);
        QCOMPARE(pathsOf(traces.kept, KeptTrace::Reason::NotOurs),
                 QStringList({home.at("documents/history-of-rome.pdf"), home.at("documents/letter.txt"),
                              home.at("documents/work")}));
        QVERIFY(removeTraces(traces).isEmpty());
        QVERIFY(!home.has("documents/history.sqlite") && !home.has("documents/settings.ini"));
        QVERIFY(home.has("documents/letter.txt") && home.has("documents/work/history.sqlite"));
        QVERIFY(home.has("config/alcove/settings.ini"));  // of the profile that is not meant
    }

    void nothingThere() {
        const QTemporaryDir folder;
        DataPaths paths;
        paths.dataFolder = folder.filePath("a");
        paths.settingsFile = folder.filePath("b/settings.ini");
        paths.cacheFolder = folder.filePath("c");
        const Traces traces = findTraces(paths, true);
        QVERIFY(traces.removable.isEmpty() && traces.kept.isEmpty());
        QVERIFY(removeTraces(traces).isEmpty());
    }

    void deepFoldersGo() {
        const Home home;
        QString path = "cache/alcove";
        for (int i = 0; i < 300; ++i) {
            path += "/folder";
        }
        home.put(path + "/file");
        QVERIFY(removeTraces(findTraces(home.paths, false)).isEmpty());
        QVERIFY(!home.has("cache/alcove"));
    }
};

ALCOVE_TEST(TestTraces)
#include "test_traces.moc"
