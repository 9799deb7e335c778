// What a program lets others see of it: the files it makes, its memory, core dumps.
#include <csignal>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <QDir>
#include <QTemporaryDir>
#include <QTest>

#include "app/process/owner_only.h"
#include "app/process/privacy.h"
#include "tests/rig/test_files.h"
#include "tests/rig/test_registry.h"

using namespace alcove;

namespace {

mode_t modeOf(const QString& path) {
    struct stat status {};
    return ::lstat(QFile::encodeName(path).constData(), &status) == 0 ? status.st_mode & 07777 : 0;
}

void setMode(const QString& path, mode_t mode) {
    QCOMPARE(::chmod(QFile::encodeName(path).constData(), mode), 0);
}

// How a child ends that does this.
template <typename Body>
int endOf(const Body& body) {
    const pid_t child = ::fork();
    if (child == 0) {
        ::_exit(body());
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return status;
}

}  // namespace

class TestPrivacy : public QObject {
    Q_OBJECT

private slots:
    void newFilesAreTheOwnersAlone() {
        const QTemporaryDir folder;
        const int status = endOf([&] {
            ::umask(0);
            beginPrivately();
            QFile file(folder.filePath("file"));
            return file.open(QIODevice::WriteOnly) && QDir(folder.path()).mkdir("folder") ? 0 : 1;
        });
        QCOMPARE(status, 0);
        QCOMPARE(modeOf(folder.filePath("file")), mode_t{0600});
        QCOMPARE(modeOf(folder.filePath("folder")), mode_t{0700});
    }

    void thereIsNoCoreDump() {
        const QTemporaryDir folder;
        const int status = endOf([&] {
            const rlimit all = {.rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY};
            ::setrlimit(RLIMIT_CORE, &all);
            if (::chdir(QFile::encodeName(folder.path()).constData()) != 0) {
                return 1;
            }
            beginPrivately();
            ::signal(SIGABRT, SIG_DFL);
            ::raise(SIGABRT);
            return 0;
        });
        QVERIFY(WIFSIGNALED(status));
        QVERIFY(!WCOREDUMP(status));
        QVERIFY(QDir(folder.path()).isEmpty());
        const int limit = endOf([] {
            beginPrivately();
            rlimit core{};
            return ::getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_cur <= 1 ? 0 : 1;
        });
        QCOMPARE(limit, 0);
    }

    void memoryCanBeRefused() {
        const auto dumpable = [] {
            refuseInspection();
            return ::prctl(PR_GET_DUMPABLE);
        };
        qunsetenv("ALCOVE_ALLOW_TRACING");
        QCOMPARE(WEXITSTATUS(endOf(dumpable)), 0);
#ifndef NDEBUG
        qputenv("ALCOVE_ALLOW_TRACING", "1");
        QCOMPARE(WEXITSTATUS(endOf(dumpable)), ::prctl(PR_GET_DUMPABLE));
        qunsetenv("ALCOVE_ALLOW_TRACING");
#endif
    }

    void whatIsThereIsTightened() {
        const QTemporaryDir folder;
        const QString inner = folder.filePath("inner");
        const QString elsewhere = folder.filePath("elsewhere");
        QVERIFY(QDir().mkpath(inner + "/deeper"));
        tests::write(inner + "/file", "x");
        tests::write(inner + "/read-only", "x");
        tests::write(elsewhere, "x");
        QVERIFY(QFile::link(elsewhere, inner + "/link"));
        setMode(inner, 0755);
        setMode(inner + "/deeper", 0777);
        setMode(inner + "/file", 0664);
        setMode(inner + "/read-only", 0444);
        setMode(elsewhere, 0644);
        setMode(folder.path(), 0755);
        keepFolderFromOthers(inner);
        QCOMPARE(modeOf(inner), mode_t{0700});
        QCOMPARE(modeOf(inner + "/deeper"), mode_t{0700});
        QCOMPARE(modeOf(inner + "/file"), mode_t{0600});
        QCOMPARE(modeOf(inner + "/read-only"), mode_t{0400});
        QCOMPARE(modeOf(elsewhere), mode_t{0644});
        QCOMPARE(modeOf(folder.path()), mode_t{0755});
        keepFolderFromOthers(folder.filePath("not-there"));
    }

    void sharedAndLinkedFoldersStay() {
        const QTemporaryDir folder;
        const QString shared = folder.filePath("shared");
        const QString target = folder.filePath("target");
        QVERIFY(QDir().mkpath(shared) && QDir().mkpath(target));
        tests::write(shared + "/file", "x");
        setMode(shared + "/file", 0644);
        setMode(shared, 01777);
        setMode(target, 0755);
        QVERIFY(QFile::link(target, folder.filePath("link")));
        keepFolderFromOthers(shared);
        keepFolderFromOthers(folder.filePath("link"));
        keepFromOthers(folder.filePath("link"));
        QCOMPARE(modeOf(shared), mode_t{01777});
        QCOMPARE(modeOf(shared + "/file"), mode_t{0644});
        QCOMPARE(modeOf(target), mode_t{0755});
        keepFromOthers(shared + "/file");
        QCOMPARE(modeOf(shared + "/file"), mode_t{0600});
    }
};

ALCOVE_TEST(TestPrivacy)
#include "test_privacy.moc"
