// Looking through the library: each checkpoint is published when it was looked at, however many there are and whatever
// is in them, and it ends when asked.
#include <QDir>
#include <QTemporaryDir>
#include <QTest>

#include "app/checkpoints/library_scan.h"
#include "tests/rig/test_files.h"
#include "tests/rig/test_registry.h"

using namespace alcove;
using alcove::tests::write;

class TestLibraryScan : public QObject {
    Q_OBJECT

    struct Published {
        QStringList names;
        bool complete = false;

        friend bool operator==(const Published&, const Published&) = default;
    };

private slots:
    void init() {
        m_folder = std::make_unique<QTemporaryDir>();
        m_published.clear();
        m_cancel = false;
        m_cancelAfter = -1;
        QVERIFY(QDir().mkpath(library()));
    }

    void publishesOneAfterTheOther() {
        for (const char* name : {"c", "a", "b"}) {
            put(name);
        }
        scan({.added = {m_folder->filePath("gone")}, .first = {}});
        QCOMPARE(
            m_published,
            (QList<Published>{
                {{"a"}}, {{"a", "b"}}, {{"a", "b", "c"}}, {{"a", "b", "c", "gone"}}, {{"a", "b", "c", "gone"}, true}}));
    }

    void looksAtTheWantedOneFirst() {
        for (const char* name : {"a", "b", "c"}) {
            put(name);
        }
        scan({.added = {}, .first = library() + "/b"});
        QCOMPARE(m_published, (QList<Published>{{{"b"}}, {{"a", "b"}}, {{"a", "b", "c"}}, {{"a", "b", "c"}, true}}));
    }

    void endsWhenAsked() {
        for (const char* name : {"a", "b", "c", "d"}) {
            put(name);
        }
        m_cancelAfter = 2;
        scan({});
        QCOMPARE(m_published, (QList<Published>{{{"a"}}, {{"a", "b"}}}));
    }

    // Opening may have to read gigabytes.
    void endsWhileACheckpointIsRead() {
        QVERIFY(QDir().mkpath(library() + "/small"));
        for (const QFileInfo& file : QDir(QStringLiteral(ALCOVE_FIXTURES "/copied-f32")).entryInfoList(QDir::Files)) {
            QVERIFY(QFile::copy(file.filePath(), library() + "/small/" + file.fileName()));
        }
        int asked = 0;
        const auto found = [&](int yes) {
            asked = 0;
            return CheckpointLibrary({library()})
                .scan({}, {.cancel = engine::Cancellation([&] { return ++asked >= yes; })})
                .size();
        };
        QCOMPARE(found(1'000'000), 1);
        const int questions = asked;
        QVERIFY(questions > 5);
        for (int yes = 1; yes <= questions; ++yes) {
            QCOMPARE(found(yes), 0);
        }
    }

    void oneHostileNameHoldsNothingUp() {
        put("a", R"({"_name_or_path": ")" + QByteArray("mobillama").repeated(110'000) + R"("})");
        put("b");
        scan({});
        QCOMPARE(m_published.last(), (Published{{"a", "b"}, true}));
    }

    void looksAtSoManyAtMost() {
        for (qsizetype i = 0; i <= CheckpointLibrary::kMostCheckpoints; ++i) {
            put(QStringLiteral("c%1").arg(i, 4, 10, QLatin1Char('0')));
        }
        scan({});
        QCOMPARE(m_published.size(), CheckpointLibrary::kMostCheckpoints + 1);
        QCOMPARE(m_published.last().names.size(), CheckpointLibrary::kMostCheckpoints);
        QCOMPARE(m_published.last().names.first(), QStringLiteral("c0000"));
    }

    // Folders in folders in folders, and links that lead back.
    void looksOnlySoDeep() {
        put("owner/a");
        put("owner/deep/er/b");
        QVERIFY(QFile::link(library(), library() + "/owner/loop"));
        scan({});
        QCOMPARE(m_published.last().names, QStringList("a"));
    }

private:
    [[nodiscard]] QString library() const { return m_folder->filePath("library"); }

    void put(const QString& name, const QByteArray& config = "{}") const {
        QVERIFY(QDir().mkpath(library() + '/' + name));
        write(library() + '/' + name + "/config.json", config);
    }

    void scan(const ScanRequest& request) {
        const auto publish = [this](const QList<CheckpointEntry>& entries, bool complete) {
            Published now{.names = {}, .complete = complete};
            for (const CheckpointEntry& entry : entries) {
                now.names << entry.name;
            }
            m_published << now;
            m_cancel = m_published.size() == m_cancelAfter;
        };
        libraryScan({library()}, {})(request, publish, m_cancel);
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    QList<Published> m_published;
    std::atomic<bool> m_cancel = false;
    qsizetype m_cancelAfter = -1;
};

ALCOVE_TEST(TestLibraryScan)
#include "test_library_scan.moc"
