// A download from the list of files to a checkpoint in the library, against a hub on this machine.
#include <QDir>
#include <QDirIterator>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include "app/checkpoints/checkpoint_copies.h"
#include "app/checkpoints/checkpoint_library.h"
#include "app/downloads/download.h"
#include "app/downloads/failure_text.h"
#include "app/downloads/file_selection.h"
#include "app/downloads/importing.h"
#include "app/downloads/removing.h"
#include "app/downloads/source_record.h"
#include "app/downloads/transfer_rate.h"
#include "engine/base/error.h"
#include "tests/app/fetch/fetch_run.h"
#include "tests/rig/error_of.h"
#include "tests/rig/test_files.h"
#include "tests/rig/test_registry.h"

using namespace alcove;
using namespace alcove::tests;

class TestDownload : public QObject {
    Q_OBJECT

private slots:
    void init() {
        m_folder = std::make_unique<QTemporaryDir>();
        m_hub = std::make_unique<FakeHub>();
        m_hub->addFolder(kRepository, ALCOVE_FIXTURES "/mobillama-tiny");
        QVERIFY(QDir().mkpath(checkpoints()));
    }

    void fromNothingToACheckpoint() {
        const QString path = finished(job());
        QCOMPARE(path, checkpoints() + "/org/model");
        const QList<CheckpointEntry> found = CheckpointLibrary({checkpoints()}).scan({});
        QCOMPARE(found.size(), 1);
        QVERIFY2(found[0].usable, qPrintable(found[0].problem));
        const std::optional<SourceRecord> source = readSource(path);
        QVERIFY(source);
        QCOMPARE(source->commit, QString(FakeHub::commit()));
        QVERIFY(verifyFiles(path, *source, [](qint64) {}, {}).isEmpty());
        QCOMPARE(hidden(), QStringList());
        for (const QString& name : QDir(path).entryList(QDir::Files)) {
            QVERIFY(!(QFileInfo(path + '/' + name).permissions() & (QFile::ReadGroup | QFile::ReadOther)));
        }
    }

    void onceMoreAsksNothing() {
        const QString path = finished(job());
        m_hub->forgetRequests();
        QCOMPARE(finished(job()), path);
        QVERIFY(m_hub->requests().isEmpty());
    }

    // At the end of every answer the hub gives, the next ones being held: nothing is seen before all of it is there,
    // and what was done is not done again.
    void stoppedAgainAndAgain() {
        m_hub->fault("/blob/", {HubFault::Kind::Hold, 100'000}, 3);  // both shards, and the tokenizer, which is smaller
        {
            Download download(wish(job()), places());
            download.start();
            QTRY_COMPARE_WITH_TIMEOUT(partsOf(100'000), 2, 20'000);
            QVERIFY(CheckpointLibrary({checkpoints()}).scan({}).isEmpty());
        }
        const QList<DownloadJob> kept = JobFolder::keptIn(checkpoints());
        QCOMPARE(kept.size(), 1);
        QCOMPARE(kept[0].step, DownloadStep::Fetching);
        QCOMPARE(kept[0].commit, QString(FakeHub::commit()));
        const QList<HubRequest> before = m_hub->requests();
        m_hub->forgetRequests();
        QVERIFY(!finished(job()).isEmpty());
        qint64 sent = 0;
        for (const HubRequest& request : before + m_hub->requests()) {
            sent += request.path.contains("/tree/") ? 0 : request.sent;
        }
        QCOMPARE(sent, bytesOf(readSource(checkpoints() + "/org/model")->files));
        for (const HubRequest& request : m_hub->requests()) {
            QVERIFY2(!request.path.contains("/tree/"),
                     request.path);  // the list is kept, so that the files fit together
        }
    }

    void quantized_data() {
        QTest::addColumn<int>("form");
        QTest::addColumn<bool>("keep");
        QTest::newRow("Q4_0 beside it") << static_cast<int>(QuantizedForm::Q4_0) << true;
        QTest::newRow("Q8_0 beside it") << static_cast<int>(QuantizedForm::Q8_0) << true;
        QTest::newRow("Q4_0 alone") << static_cast<int>(QuantizedForm::Q4_0) << false;
    }
    void quantized() {
        QFETCH(int, form);
        QFETCH(bool, keep);
        DownloadJob wanted = job();
        wanted.quantize = static_cast<QuantizedForm>(form);
        wanted.keepOriginals = keep;
        const QString path = finished(wanted);
        const QString file = checkpoints() + '/' + wanted.quantizedPlace();
        QCOMPARE(path, keep ? checkpoints() + "/org/model" : file);
        const bool asCopy = keep && wanted.quantize == QuantizedForm::Q4_0;
        QCOMPARE(!CheckpointCopies(places().copiesFolder).find(path).isEmpty(), asCopy);
        QCOMPARE(QFile::exists(file), !asCopy);
        QCOMPARE(QFile::exists(checkpoints() + "/org/model"), keep);
        for (const CheckpointEntry& entry : CheckpointLibrary({checkpoints()}).scan({})) {
            QVERIFY2(entry.usable, qPrintable(entry.problem));
        }
        QCOMPARE(hidden(), QStringList());
        m_hub->forgetRequests();
        QCOMPARE(finished(wanted), path);
        QVERIFY(m_hub->requests().isEmpty());
    }

    // Wherever between two steps the program ended.
    void carriesOnFromEachStep_data() {
        QTest::addColumn<int>("step");
        QTest::addColumn<bool>("keep");
        for (const bool keep : {true, false}) {
            for (const DownloadStep step :
                 {DownloadStep::Fetching, DownloadStep::Publishing, DownloadStep::Quantizing, DownloadStep::Done}) {
                QTest::addRow("%d, %d", static_cast<int>(step), keep) << static_cast<int>(step) << keep;
            }
        }
    }
    void carriesOnFromEachStep() {
        QFETCH(int, step);
        QFETCH(bool, keep);
        DownloadJob wanted = job();
        wanted.quantize = QuantizedForm::Q8_0;
        wanted.keepOriginals = keep;
        {
            Download download(wish(wanted), places());
            connect(&download, &Download::progressed, &download, [&] {
                if (static_cast<int>(download.progress().step) == step) {
                    download.stop();
                }
            });
            download.start();
            QTRY_COMPARE_WITH_TIMEOUT(static_cast<int>(download.progress().step), step, 20'000);
        }
        const QString path = finished(wanted);
        QCOMPARE(path, checkpoints() + '/' + (keep ? wanted.place() : wanted.quantizedPlace()));
        QVERIFY(QFile::exists(checkpoints() + '/' + wanted.quantizedPlace()));
        QCOMPARE(QFile::exists(checkpoints() + '/' + wanted.place()), keep);
        QCOMPARE(hidden(), QStringList());
    }

    void whatFailsIsASentence_data() {
        QTest::addColumn<QString>("repository");
        QTest::addColumn<QByteArray>("part");
        QTest::addColumn<int>("status");
        QTest::addColumn<QByteArray>("listing");
        QTest::addColumn<QString>("kind");
        const QString model = kRepository;
        const QByteArray sha(64, 'a');
        QTest::newRow("no such repository") << "org/other" << QByteArray() << 0 << QByteArray() << "not_found";
        QTest::newRow("gated") << model << QByteArray("/resolve/") << 401 << QByteArray() << "gated";
        QTest::newRow("the storage fails") << model << QByteArray("/blob/") << 500 << QByteArray() << "server_error";
        QTest::newRow("no model") << model << QByteArray() << 0 << QByteArray("[]") << "no_model";
        QTest::newRow("names above") << model << QByteArray() << 0
                                     << QByteArray("[{\"type\":\"file\",\"path\":\"../x\",\"size\":1}]")
                                     << "unsafe_listing";
        QTest::newRow("more than the disk") << model << QByteArray() << 0
                                            << QByteArray(
                                                   "[{\"type\":\"file\",\"path\":\"m.gguf\",\"size\":17592186044416,"
                                                   "\"lfs\":{\"size\":17592186044416,\"oid\":\"" +
                                                   sha + "\"}}]")
                                            << "disk_full";
    }
    void whatFailsIsASentence() {
        QFETCH(QString, repository);
        QFETCH(QByteArray, part);
        QFETCH(int, status);
        QFETCH(QByteArray, listing);
        QFETCH(QString, kind);
        if (status != 0) {
            m_hub->fault(part, {HubFault::Kind::Status, status}, 100);
        }
        m_hub->setListing(listing);
        DownloadJob wanted = job();
        wanted.repository = repository;
        Download download(wish(wanted), places());
        const QSignalSpy failed(&download, &Download::failed);
        download.start();
        QTRY_COMPARE_WITH_TIMEOUT(failed.size(), 1, 20'000);
        QCOMPARE(failed[0][1].toString(), kind);
        QVERIFY(failed[0][0].toString().size() > 20 && failed[0][0].toString().endsWith('.'));
        QVERIFY(CheckpointLibrary({checkpoints()}).scan({}).isEmpty());
    }

    void theProgramIsMissing() {
        DownloadPlaces wrong = places();
        wrong.starter = starterOf("/nonexistent/alcove-fetch");
        Download download(wish(job()), wrong);
        const QSignalSpy failed(&download, &Download::failed);
        download.start();
        QTRY_COMPARE_WITH_TIMEOUT(failed.size(), 1, 20'000);
        QCOMPARE(failed[0][1].toString(), QString("ended"));
    }

    // What says anything else than events is not listened to.
    void theProgramIsAnotherOne() {
        DownloadPlaces wrong = places();
        wrong.starter = starterOf("/bin/cat");
        Download download(wish(job()), wrong);
        const QSignalSpy failed(&download, &Download::failed);
        download.start();
        QTRY_COMPARE_WITH_TIMEOUT(failed.size(), 1, 20'000);
        QCOMPARE(failed[0][1].toString(), QString("ended"));
    }

    void nothingIsReplaced() {
        QVERIFY(QDir().mkpath(checkpoints() + "/org/model"));
        write(checkpoints() + "/org/model/mine", "x");
        Download download(wish(job()), places());
        const QSignalSpy failed(&download, &Download::failed);
        download.start();
        QTRY_COMPARE_WITH_TIMEOUT(failed.size(), 1, 20'000);
        QVERIFY(failed[0][0].toString().contains("is there already"));
        QCOMPARE(QDir(checkpoints() + "/org/model").entryList(QDir::Files), QStringList{"mine"});
    }

    void oneAtATime() {
        JobFolder other(checkpoints(), job());
        other.take();
        Download download(wish(job()), places());
        const QSignalSpy failed(&download, &Download::failed);
        download.start();
        QTRY_COMPARE_WITH_TIMEOUT(failed.size(), 1, 20'000);
        QVERIFY(failed[0][0].toString().contains("another window or terminal"));
        QVERIFY(m_hub->requests().isEmpty());
    }

    void damagedJobsAreNone_data() {
        QTest::addColumn<QByteArray>("json");
        QTest::newRow("nothing") << QByteArray();
        QTest::newRow("no JSON") << QByteArray("x");
        QTest::newRow("another repository") << QByteArray("{\"repository\":\"../x\"}");
        QTest::newRow("nested") << QByteArray(5000, '[');
    }
    void damagedJobsAreNone() {
        QFETCH(QByteArray, json);
        JobFolder folder(checkpoints(), job());
        folder.take();
        write(folder.path() + "/job.json", json);
        QVERIFY(!folder.load());
        QVERIFY(JobFolder::keptIn(checkpoints()).isEmpty());
    }

    void stepsFollow() {
        DownloadJob each = job();
        const auto all = [&] {
            QList<int> steps;
            for (each.step = DownloadStep::Listing; each.step != DownloadStep::Done; each.step = each.following()) {
                steps << static_cast<int>(each.step);
            }
            return steps;
        };
        QCOMPARE(all(), (QList<int>{0, 1, 2}));
        each.quantize = QuantizedForm::Q4_0;
        QCOMPARE(all(), (QList<int>{0, 1, 2, 3}));
        each.keepOriginals = false;
        QCOMPARE(all(), (QList<int>{0, 1, 3, 2}));
        each.revision = "refs/pr/1";
        QCOMPARE(each.place(), QString("org/model@refs%2Fpr%2F1"));
    }

    void allFailuresHaveASentence() {
        for (int kind = 0; kind <= static_cast<int>(FetchFailureKind::Ended); ++kind) {
            const FetchFailure failure{.kind = static_cast<FetchFailureKind>(kind), .host = "h.org", .seconds = 600};
            const QString sentence = failureText(failure, "org/model");
            QVERIFY2((sentence.endsWith('.') || sentence.endsWith('?')) && !sentence.contains('%'),
                     qPrintable(sentence));
            QCOMPARE(failureNamed(failureName(failure.kind)), failure.kind);
        }
    }

    void speed() {
        TransferRate rate;
        rate.add(0, 0);
        rate.add(100, 1000);
        QCOMPARE(rate.perSecond(), 0);
        rate.add(1000, 10'000);
        QCOMPARE(rate.perSecond(), 10'000);
        QCOMPARE(rate.secondsFor(25'000), std::optional<qint64>(3));
        rate.add(20'000, 20'000);
        rate.add(21'000, 20'000);
        QCOMPARE(rate.perSecond(), 0);  // it stands still now
        QVERIFY(!rate.secondsFor(1));
    }

    void verifyingFindsWhatChanged() {
        const QString path = finished(job());
        const SourceRecord source = *readSource(path);
        const QString file = path + "/tokenizer.model";
        QByteArray bytes = contents(file);
        bytes[100] = static_cast<char>(bytes[100] ^ 1);
        write(file, bytes);
        QStringList problems = verifyFiles(path, source, [](qint64) {}, {});
        QCOMPARE(problems.size(), 1);
        QVERIFY(problems[0].contains("damaged"));
        write(file, "x");
        QVERIFY(QFile::remove(path + "/config.json"));
        problems = verifyFiles(path, source, [](qint64) {}, {});
        QCOMPARE(problems.size(), 2);
    }

    void imports() {
        const QString original = QStringLiteral(ALCOVE_FIXTURES "/mobillama-tiny");
        QVERIFY(!sameContent(original, {}, {}));
        const QString copied = copyIntoLibrary(original, checkpoints(), [](qint64, qint64) {}, {});
        QCOMPARE(copied, checkpoints() + "/mobillama-tiny");
        QVERIFY(!QFile::exists(copied + "/expected.json"));  // no part of a checkpoint
        const QList<CheckpointEntry> found = CheckpointLibrary({checkpoints()}).scan({});
        QCOMPARE(found.size(), 1);
        QVERIFY(found[0].usable);
        QCOMPARE(sameContent(original, found, {})->path, copied);
        QVERIFY(!sameContent(ALCOVE_FIXTURES "/copied-f32", found, {}));
        QCOMPARE(copyIntoLibrary(original, checkpoints(), [](qint64, qint64) {}, {}), copied + " (2)");
        const std::atomic<bool> cancel = true;
        QVERIFY(errorOf([&] {
                    (void)copyIntoLibrary(
                        original, checkpoints(), [](qint64, qint64) {}, cancel);
                }).code() == engine::ErrorCode::Cancelled);
        QCOMPARE(QDir(checkpoints()).entryList(QDir::Dirs | QDir::Hidden | QDir::NoDotAndDotDot).size(), 2);
    }

    void removes() {
        const QString path = finished(job());
        QVERIFY(bytesFreed(path, places().copiesFolder) > 400'000);
        removeCheckpoint(path, checkpoints(), places().copiesFolder);
        QVERIFY(QDir(checkpoints()).isEmpty(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot));
        const QString other = m_folder->filePath("other");
        QVERIFY(QDir().mkpath(other));
        QVERIFY(errorOf([&] { removeCheckpoint(other, checkpoints(), places().copiesFolder); }).code() ==
                engine::ErrorCode::InvalidRequest);
        QVERIFY(errorOf([&] { removeCheckpoint(checkpoints(), checkpoints(), {}); }).code() ==
                engine::ErrorCode::InvalidRequest);
        QVERIFY(QFile::exists(other));
    }

private:
    [[nodiscard]] QString checkpoints() const { return m_folder->filePath("checkpoints"); }
    [[nodiscard]] DownloadPlaces places() const {
        return {.checkpointFolder = checkpoints(),
                .copiesFolder = m_folder->filePath("copies"),
                .logFile = m_folder->filePath("log"),
                .starter = starterOf(ALCOVE_FETCH)};
    }
    [[nodiscard]] DownloadJob job() const {
        return {.repository = kRepository, .revision = "main", .base = m_hub->base()};
    }
    [[nodiscard]] static DownloadWish wish(const DownloadJob& job) { return {.job = job, .limits = quickLimits()}; }

    // The path; empty if it failed.
    QString finished(const DownloadJob& job) {
        Download download(wish(job), places());
        QString path;
        bool over = false;
        connect(&download, &Download::finished, this, [&](const QString& made) {
            path = made;
            over = true;
        });
        connect(&download, &Download::failed, this, [&](const QString& sentence) {
            qWarning("%s", qPrintable(sentence));
            over = true;
        });
        download.start();
        [&] { QTRY_VERIFY_WITH_TIMEOUT(over, 20'000); }();
        return path;
    }

    // What lies hidden in the folder of checkpoints.
    [[nodiscard]] QStringList hidden() const {
        return QDir(checkpoints()).entryList({".*"}, QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot);
    }
    // How many have come so far.
    [[nodiscard]] int partsOf(qint64 size) const {
        int count = 0;
        QDirIterator files(checkpoints(), {"*.part"}, QDir::Files | QDir::Hidden, QDirIterator::Subdirectories);
        while (files.hasNext()) {
            files.next();
            count += files.fileInfo().size() == size ? 1 : 0;
        }
        return count;
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<FakeHub> m_hub;
};

ALCOVE_TEST(TestDownload)
#include "test_download.moc"
