// A file on its way: what is on the disk at each moment.
#include <sys/stat.h>
#include <unistd.h>

#include <QDir>
#include <QTemporaryDir>
#include <QTest>

#include "app/fetch/part_file.h"
#include "tests/app/fetch/fetch_run.h"
#include "tests/rig/test_files.h"
#include "tests/rig/test_registry.h"

using namespace alcove;
using namespace alcove::tests;

namespace {

void hashAll(PartFile& part) {
    while (part.hashMore()) {
    }
}

}  // namespace

class TestPartFile : public QObject {
    Q_OBJECT

private slots:
    void init() {
        m_folder = std::make_unique<QTemporaryDir>();
        m_target = m_folder->filePath("model.bin");
    }

    void appearsWhenWhole() {
        {
            PartFile part(m_target, sha256Of(m_content));
            part.reserve();
            part.setValidator("\"tag\"");
            part.append(QByteArrayView(m_content).first(1000));
            QCOMPARE(names(), (QStringList{"model.bin.part", "model.bin.part.json"}));
            part.append(QByteArrayView(m_content).sliced(1000));
            QVERIFY(part.finish());
        }
        QCOMPARE(names(), QStringList{"model.bin"});
        QCOMPARE(contents(m_target), m_content);
        struct stat status {};
        QCOMPARE(::stat(qPrintable(m_target), &status), 0);
        QCOMPARE(status.st_mode & 0777U, 0600U);
    }

    void carriesOn() {
        {
            PartFile part(m_target, sha256Of(m_content));
            part.setValidator("\"tag\"");
            part.append(QByteArrayView(m_content).first(1000));
        }
        PartFile part(m_target, sha256Of(m_content));
        QCOMPARE(part.size(), 1000);
        QCOMPARE(part.validator(), QByteArray("\"tag\""));
        hashAll(part);
        part.append(QByteArrayView(m_content).sliced(1000));
        QVERIFY(part.finish());
        QCOMPARE(contents(m_target), m_content);
    }

    void anotherContentBeginsAnew_data() {
        QTest::addColumn<QString>("what");
        for (const char* what :
             {"another hash", "another size", "no note", "a damaged note", "longer than it may be"}) {
            QTest::newRow(what) << what;
        }
    }
    void anotherContentBeginsAnew() {
        QFETCH(QString, what);
        {
            PartFile part(m_target, sha256Of(m_content));
            part.setValidator("\"tag\"");
            part.append(QByteArrayView(m_content).first(1000));
        }
        ContentIdentity content = sha256Of(m_content);
        if (what == "another hash") {
            content.hex = QByteArray(64, '0');
        } else if (what == "another size") {
            ++content.size;
        } else if (what == "no note") {
            QVERIFY(QFile::remove(m_target + ".part.json"));
        } else if (what == "a damaged note") {
            write(m_target + ".part.json", QByteArray(50, '['));
        } else {
            write(m_target + ".part", m_content + 'x');
        }
        const PartFile part(m_target, content);
        QCOMPARE(part.size(), 0);
        QCOMPARE(part.validator(), QByteArray());
        QCOMPARE(QFileInfo(m_target + ".part").size(), 0);
    }

    // Kept aside, tried once more from zero, then removed.
    void aWrongContent() {
        QByteArray wrong = m_content;
        wrong[5] = static_cast<char>(wrong[5] ^ 1);
        {
            PartFile part(m_target, sha256Of(m_content));
            part.append(wrong);
            QVERIFY(!part.finish());
            QCOMPARE(part.size(), 0);
        }
        QCOMPARE(contents(m_target + ".wrong"), wrong);
        QVERIFY(!QFile::exists(m_target));
        PartFile part(m_target, sha256Of(m_content));  // also after a start of the program
        part.append(wrong);
        QCOMPARE(kindOf([&] { static_cast<void>(part.finish()); }), FetchFailureKind::WrongHash);
        QCOMPARE(names(), QStringList());
    }

    void rightAtTheSecondTime() {
        PartFile part(m_target, sha256Of(m_content));
        part.append(QByteArray(m_content.size(), 'x'));
        QVERIFY(!part.finish());
        part.append(m_content);
        QVERIFY(part.finish());
        QCOMPARE(names(), QStringList{"model.bin"});
    }

    // What a power cut leaves: a length without the bytes.
    void holesAreFound() {
        {
            PartFile part(m_target, sha256Of(m_content));
            part.append(QByteArrayView(m_content).first(1000));
        }
        QCOMPARE(::truncate(qPrintable(m_target + ".part"), m_content.size()), 0);
        PartFile part(m_target, sha256Of(m_content));
        hashAll(part);
        QVERIFY(!part.finish());
    }

    void oneProcessAtATime() {
        const PartFile part(m_target, sha256Of(m_content));
        QCOMPARE(kindOf([this] { const PartFile other(m_target, sha256Of(m_content)); }), FetchFailureKind::Busy);
    }

    void refusedPlaces() {
        QVERIFY(QDir().mkdir(m_folder->filePath("folder")));
        QCOMPARE(kindOf([this] { const PartFile part(m_folder->filePath("missing/x"), sha256Of(m_content)); }),
                 FetchFailureKind::NotWritable);
        QVERIFY(QFile::link("/etc/passwd", m_target + ".part"));
        QCOMPARE(kindOf([this] { const PartFile part(m_target, sha256Of(m_content)); }), FetchFailureKind::NotWritable);
    }

    void moreThanTheDisk() {
        ContentIdentity content = sha256Of(m_content);
        content.size = qint64{1} << 44;
        PartFile part(m_target, content);
        QCOMPARE(kindOf([&] { part.reserve(); }), FetchFailureKind::DiskFull);
    }

    void emptyAndGit() {
        {
            PartFile part(m_target, sha256Of({}));
            QVERIFY(!part.hashMore());
            QVERIFY(part.finish());
        }
        QCOMPARE(contents(m_target), QByteArray());
        // As "git hash-object" says of "hello\n".
        PartFile part(m_folder->filePath("small"), {6, HashKind::GitBlob, "ce013625030ba8dba906f756967f9e9ca394464a"});
        part.append("hello\n");
        QVERIFY(part.finish());
    }

private:
    [[nodiscard]] QStringList names() const {
        return QDir(m_folder->path()).entryList(QDir::Files | QDir::Hidden, QDir::Name);
    }
    template <typename Action>
    static FetchFailureKind kindOf(const Action& action) {
        try {
            action();
        } catch (const PartFileError& error) {
            return error.failure().kind;
        }
        return FetchFailureKind::BadRequest;
    }

    QByteArray m_content = someContent(3000);
    std::unique_ptr<QTemporaryDir> m_folder;
    QString m_target;
};

ALCOVE_TEST(TestPartFile)
#include "test_part_file.moc"
