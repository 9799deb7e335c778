// The checkpoints offered, what is said of them, and which one is chosen.
#include <sys/stat.h>

#include <QDir>
#include <QTemporaryDir>
#include <QTest>
#include <QUrl>

#include "app/checkpoints/checkpoint_library.h"
#include "engine/base/error.h"
#include "tests/rig/allocation_count.h"
#include "tests/rig/sparse_gguf.h"
#include "tests/rig/test_registry.h"

using namespace alcove;

namespace {

const QString kFixtures = QStringLiteral(ALCOVE_FIXTURES);

void copyFolder(const QString& from, const QString& to) {
    QVERIFY(QDir().mkpath(to));
    for (const QFileInfo& file : QDir(from).entryInfoList(QDir::Files)) {
        const QString copy = to + QLatin1Char('/') + file.fileName();
        QVERIFY(QFile::copy(file.absoluteFilePath(), copy));
        QVERIFY(QFile::setPermissions(copy, QFile::ReadOwner | QFile::WriteOwner));
    }
}

QStringList namesOf(const QList<CheckpointEntry>& entries) {
    QStringList names;
    for (const CheckpointEntry& entry : entries) {
        names << entry.name;
    }
    return names;
}

void replace(const QString& path, const QByteArray& bytes) {
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size());
}

}  // namespace

class TestCheckpointLibrary : public QObject {
    Q_OBJECT

private slots:
    void init();
    void findsCheckpointsInItsFolders();
    void describesCheckpoints_data();
    void describesCheckpoints();
    void listsWhatWasAddedByPath();
    void saysWhatIsWrong_data();
    void saysWhatIsWrong();
    void aLargeCheckpointIsNotOpened();
    void aSparseFileCostsLittle();
    void remembersFactsUntilAFileChanges();
    void survivesABrokenCache();
    void takesFilesAndUrls();
    void takesGgufFiles();
    void choosesADefault();
    void shippedOnesComeFirst();
    void aDamagedCardIsAProblem();
    void namesTheLibraryFolders();
    void writesNumbersForPeople();

private:
    [[nodiscard]] QString path(const char* name) const { return m_folder->filePath(QLatin1String(name)); }
    void put(const char* fixture, const char* name) const {
        copyFolder(kFixtures + u'/' + QLatin1String(fixture), path(name));
    }
    [[nodiscard]] CheckpointEntry examine(const char* name) const { return CheckpointLibrary({}).examine(path(name)); }
    std::unique_ptr<QTemporaryDir> m_folder;
};

void TestCheckpointLibrary::init() {
    QLocale::setDefault(QLocale::c());
    m_folder = std::make_unique<QTemporaryDir>();
    QVERIFY(m_folder->isValid());
}

void TestCheckpointLibrary::findsCheckpointsInItsFolders() {
    put("mobillama-tiny", "own/Tiny-10");
    put("stories260K", "own/owner/tiny-9");
    put("stories260K", "shipped/Alpha");
    QVERIFY(QDir().mkpath(path("own/holiday pictures/2026")));
    QVERIFY(QDir().mkpath(path("own/downloading")));
    replace(path("own/downloading/config.json"), "{}");
    QVERIFY(QFile::link(path("own/Tiny-10"), path("shipped/again")));
    CheckpointLibrary library({path("own"), path("shipped"), path("missing")});
    const QList<CheckpointEntry> entries = library.scan({});
    QCOMPARE(namesOf(entries), (QStringList{QStringLiteral("downloading"), QStringLiteral("tiny-9"),
                                            QStringLiteral("Tiny-10"), QStringLiteral("Alpha")}));
    QVERIFY(entries[1].usable && entries[2].usable && entries[3].usable);
    QVERIFY(!entries[0].usable && !entries[0].problem.isEmpty());
    QVERIFY(!entries[0].addedByPath);
}

void TestCheckpointLibrary::describesCheckpoints_data() {
    QTest::addColumn<QString>("fixture");
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("detail");
    QTest::addColumn<bool>("chat");
    QTest::newRow("shared") << "mobillama-tiny"
                            << "MobiLlama-05B-Chat" << QString::fromUtf8("165 K parameters · shared block · F16 · ")
                            << true;
    QTest::newRow("base") << "mobillama-tiny"
                          << "MobiLlama-05B" << QString::fromUtf8("165 K parameters · shared block · F16 · ") << false;
    QTest::newRow("unshared") << "stories260K"
                              << "stories260K" << QString::fromUtf8("260 K parameters · F32 · 1.05 MB") << false;
}

void TestCheckpointLibrary::describesCheckpoints() {
    QFETCH(QString, fixture);
    QFETCH(QString, name);
    QFETCH(QString, detail);
    QFETCH(bool, chat);
    put(fixture.toUtf8().constData(), name.toUtf8().constData());
    const CheckpointEntry entry = examine(name.toUtf8().constData());
    QVERIFY2(entry.usable, qPrintable(entry.problem));
    QCOMPARE(entry.name, name);
    QVERIFY2(entry.detail.startsWith(detail), qPrintable(entry.detail));
    QCOMPARE(entry.kind == CheckpointKind::Chat, chat);
    QVERIFY(entry.bytes > 0);
    QVERIFY(entry.facts && entry.facts->fileBytes == entry.bytes);
}

void TestCheckpointLibrary::listsWhatWasAddedByPath() {
    put("stories260K", "own/a");
    put("stories260K", "elsewhere/z");
    put("stories260K", "elsewhere/b");
    CheckpointLibrary library({path("own")});
    const QList<CheckpointEntry> entries =
        library.scan({path("elsewhere/z"), path("own/a"), path("gone"), path("elsewhere/b")});
    QCOMPARE(namesOf(entries),
             (QStringList{QStringLiteral("a"), QStringLiteral("z"), QStringLiteral("gone"), QStringLiteral("b")}));
    QVERIFY(!entries[0].addedByPath);
    QVERIFY(entries[1].addedByPath && entries[1].usable);
    QVERIFY(entries[2].addedByPath && !entries[2].usable);
    QVERIFY(entries[2].problem.contains(path("gone")));
    QCOMPARE(entries[2].path, path("gone"));
}

void TestCheckpointLibrary::saysWhatIsWrong_data() {
    QTest::addColumn<QString>("fixture");
    QTest::addColumn<QString>("file");
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("mention");
    const QByteArray none;
    QTest::newRow("no config") << "stories260K"
                               << "config.json" << none << "config.json";
    QTest::newRow("no tokenizer") << "stories260K"
                                  << "tokenizer.model" << none << "tokenizer.model";
    QTest::newRow("no weights") << "stories260K"
                                << "model.safetensors" << none << "no weights";
    QTest::newRow("a shard missing") << "mobillama-tiny"
                                     << "pytorch_model-00002-of-00002.bin" << none
                                     << "pytorch_model-00002-of-00002.bin";
    QTest::newRow("config no JSON") << "stories260K"
                                    << "config.json" << QByteArray("{\"a\":") << "config.json";
    QTest::newRow("another model") << "stories260K"
                                   << "config.json"
                                   << QByteArray("{\"model_type\":\"gpt2\",\"architectures\":[\"GPT2LMHeadModel\"]}")
                                   << "gpt2";
    QTest::newRow("weights damaged") << "stories260K"
                                     << "model.safetensors" << QByteArray(5000, 'x') << "model.safetensors";
    QTest::newRow("index malformed") << "mobillama-tiny"
                                     << "pytorch_model.bin.index.json"
                                     << QByteArray("{\"weight_map\":{\"a\":\"../../etc/passwd\"}}") << "passwd";
}

void TestCheckpointLibrary::saysWhatIsWrong() {
    QFETCH(QString, fixture);
    QFETCH(QString, file);
    QFETCH(QByteArray, bytes);
    QFETCH(QString, mention);
    put(fixture.toUtf8().constData(), "c");
    QVERIFY(examine("c").usable);
    const QString target = path("c") + u'/' + file;
    if (bytes.isEmpty()) {
        QVERIFY(QFile::remove(target));
    } else {
        replace(target, bytes);
    }
    const CheckpointEntry entry = examine("c");
    QVERIFY(!entry.usable);
    QVERIFY2(entry.problem.contains(mention), qPrintable(entry.problem));
}

void TestCheckpointLibrary::aLargeCheckpointIsNotOpened() {
    put("stories260K", "large");
    QFile weights(path("large/model.safetensors"));
    QVERIFY(weights.resize(qint64{3} << 30));  // sparse, and nothing that opens: the header does not fit the size
    CheckpointLibrary library({m_folder->path()}, path("facts.json"));
    QCOMPARE(library.scan({}).size(), 1);
    const CheckpointEntry entry = library.scan({}).at(0);
    QVERIFY2(entry.usable, qPrintable(entry.problem));
    QVERIFY(!entry.facts);
    QCOMPARE(entry.detail, QStringLiteral("3.22 GB"));
    QVERIFY_EXCEPTION_THROWN((void)CheckpointLibrary::readFacts(entry.path), engine::Error);

    CheckpointFacts facts;
    facts.parameters = 535000000;
    facts.shared = true;
    facts.dtype = QStringLiteral("BF16");
    facts.fileBytes = 1070000000;
    CheckpointEntry remembered = entry;
    library.remember(remembered, facts);
    const QString line = QString::fromUtf8("535 M parameters · shared block · BF16 · 1.07 GB");
    QCOMPARE(remembered.detail, line);
    QCOMPARE(library.scan({}).at(0).detail, line);
    CheckpointLibrary nextRun({m_folder->path()}, path("facts.json"));
    QCOMPARE(nextRun.scan({}).at(0).detail, line);
}

// Counted in bytes that are allocated: what the file claims, it does not hold.
void TestCheckpointLibrary::aSparseFileCostsLittle() {
    tests::writeSparseGguf(path("sparse.gguf").toStdString(), 1 << 21);
    struct stat status = {};
    QVERIFY(::stat(qPrintable(path("sparse.gguf")), &status) == 0 && status.st_size > (20 << 20) &&
            status.st_blocks * 512 < (1 << 20));
    const std::uint64_t before = tests::allocatedBytesOfThisThread();
    const CheckpointEntry entry = examine("sparse.gguf");
    QVERIFY(tests::allocatedBytesOfThisThread() - before < (4 << 20));
    QCOMPARE(entry.problem, QString());
    tests::writeSparseGguf(path("sparse.gguf").toStdString(), 1 << 24);
    QVERIFY(examine("sparse.gguf").problem.contains("claims 16777216 values"));
}

void TestCheckpointLibrary::remembersFactsUntilAFileChanges() {
    put("mobillama-tiny", "c");
    CheckpointFactsCache cache(path("facts.json"));
    QVERIFY(!cache.find(path("c")));
    CheckpointFacts facts;
    facts.parameters = 12345678901;
    facts.dtype = QStringLiteral("F16 + F32");
    facts.fileBytes = qint64{5} << 30;
    cache.keep(path("c"), facts);
    QVERIFY(cache.find(path("c")) == facts);
    QVERIFY(CheckpointFactsCache(path("facts.json")).find(path("c")) == facts);
    QFile config(path("c/config.json"));
    QVERIFY(config.open(QIODevice::Append) && config.write(" ") == 1);
    config.close();
    QVERIFY(!cache.find(path("c")));
    QVERIFY(!CheckpointFactsCache(path("facts.json")).find(path("c")));
}

void TestCheckpointLibrary::survivesABrokenCache() {
    put("stories260K", "own/a");
    for (const QByteArray& bytes : {QByteArray("{"), QByteArray("[1]"), QByteArray("\xff\x00\x01", 3),
                                    QByteArray("{\"/a\": 3, \"/b\": {\"parameters\": \"many\"}}")}) {
        replace(path("facts.json"), bytes);
        CheckpointLibrary library({path("own")}, path("facts.json"));
        const QList<CheckpointEntry> entries = library.scan({});
        QCOMPARE(entries.size(), 1);
        QVERIFY(entries[0].facts && entries[0].facts->parameters == 260032);
    }
    CheckpointLibrary nowhere({path("own")}, path("no/such/folder/facts.json"));
    QVERIFY(nowhere.scan({}).at(0).facts);
}

// What of it is the engine's to judge, tests/engine/checkpoint/test_gguf.cpp shows; this is how such files are found
// and named.
void TestCheckpointLibrary::takesGgufFiles() {
    const QString seed = kFixtures + QStringLiteral("/../fuzz/seeds/own.gguf");
    QVERIFY(QDir().mkpath(path("library/OWNER/several")));
    QVERIFY(QDir().mkpath(path("added")));
    for (const char* name : {"library/dropped-q4_0.gguf", "library/OWNER/several/a.gguf",
                             "library/OWNER/several/b.GGUF", "added/one.gguf"}) {
        QVERIFY(QFile::copy(seed, path(name)));
    }
    replace(path("library/broken.gguf"), "GGUF");
    replace(path("added/alcove.json"), R"({"display_name": "The one"})");
    CheckpointLibrary library({path("library")});
    const QList<CheckpointEntry> entries = library.scan({path("added")});
    QCOMPARE(namesOf(entries), (QStringList{"a", "b", "broken", "dropped-q4_0", "The one"}));
    for (const CheckpointEntry& entry : entries) {
        QCOMPARE(entry.usable, entry.name != QStringLiteral("broken"));
        QCOMPARE(entry.problem.contains(entry.path), !entry.usable);
        QVERIFY(QFileInfo(entry.path).isFile());
    }
    QCOMPARE(entries.last().path, path("added/one.gguf"));
    QVERIFY(entries.last().addedByPath);
    QVERIFY(entries.last().facts->shared);
    QCOMPARE(entries.last().facts->dtype, QStringLiteral("F16"));
    QCOMPARE(CheckpointLibrary::locationOf(path("library/OWNER/several")), path("library/OWNER/several"));
}

void TestCheckpointLibrary::takesFilesAndUrls() {
    put("stories260K", "own/with space");
    const QString folder = path("own/with space");
    QCOMPARE(CheckpointLibrary::locationOf(folder + QStringLiteral("/config.json")), folder);
    QCOMPARE(CheckpointLibrary::locationOf(folder + QStringLiteral("/")), folder);
    QCOMPARE(CheckpointLibrary::locationOf(QUrl::fromLocalFile(folder).toString(QUrl::FullyEncoded)), folder);
    QVERIFY(QFile::link(folder, path("link")));
    QCOMPARE(CheckpointLibrary::locationOf(path("link")), folder);
    QCOMPARE(CheckpointLibrary::locationOf(path("x/../gone")), path("gone"));
}

void TestCheckpointLibrary::choosesADefault() {
    put("stories260K", "a-base");
    put("stories260K", "b-broken-chat");
    put("mobillama-tiny", "c-chat");
    QVERIFY(QFile::remove(path("b-broken-chat/tokenizer.model")));
    QVERIFY(!defaultCheckpoint(CheckpointLibrary({}).scan({path("b-broken-chat")}), {}));
    const QList<CheckpointEntry> entries = CheckpointLibrary({m_folder->path()}).scan({});
    QCOMPARE(entries.size(), 3);
    QCOMPARE(defaultCheckpoint(entries, path("a-base"))->name, QStringLiteral("a-base"));
    QCOMPARE(defaultCheckpoint(entries, path("a-base/"))->name, QStringLiteral("a-base"));
    for (const QString& last : {QString(), path("gone"), path("b-broken-chat")}) {
        QCOMPARE(defaultCheckpoint(entries, last)->name, QStringLiteral("c-chat"));  // a chat answers
    }
    QCOMPARE(defaultCheckpoint(entries.mid(0, 2), {})->name, QStringLiteral("a-base"));
}

void TestCheckpointLibrary::shippedOnesComeFirst() {
    const QStringList folders = libraryFolders(path("own"), path("bin"));
    put("stories260K", "share/alcove/checkpoints/starter");
    put("stories260K", "share/alcove/checkpoints/starter-step-5000");
    put("stories260K", "share/alcove/checkpoints/a-step-500");
    replace(path("share/alcove/checkpoints/starter/alcove.json"),
            R"({"chat_template": "starter", "display_name": "Starter", "description": "Small.", "order": 0})");
    replace(path("share/alcove/checkpoints/starter-step-5000/alcove.json"), R"({"order": 1.5})");
    replace(path("share/alcove/checkpoints/a-step-500/alcove.json"), R"({"order": 2})");
    CheckpointLibrary library(folders);
    QCOMPARE(namesOf(library.scan({})), (QStringList{QStringLiteral("Starter"), QStringLiteral("starter-step-5000"),
                                                     QStringLiteral("a-step-500")}));

    put("mobillama-tiny", "own/A-Chat");
    put("stories260K", "own/zebra");
    replace(path("own/zebra/alcove.json"), R"({"order": -9})");
    const QList<CheckpointEntry> entries = library.scan({});
    QCOMPARE(namesOf(entries),
             (QStringList{QStringLiteral("Starter"), QStringLiteral("starter-step-5000"), QStringLiteral("a-step-500"),
                          QStringLiteral("zebra"), QStringLiteral("A-Chat")}));
    QCOMPARE(entries[0].card.description, QStringLiteral("Small."));
    QVERIFY(entries[0].usable && entries[0].kind == CheckpointKind::Chat && !entries[0].addedByPath);
    QCOMPARE(defaultCheckpoint(entries, {})->name, QStringLiteral("Starter"));  // nobody has chosen yet
    QCOMPARE(defaultCheckpoint(entries, path("own/A-Chat"))->name, QStringLiteral("A-Chat"));
}

void TestCheckpointLibrary::aDamagedCardIsAProblem() {
    put("stories260K", "c");
    replace(path("c/alcove.json"), R"({"description": 3, "order": "first", "suggestions": {}})");
    QVERIFY(examine("c").usable);
    for (const QByteArray& bytes : {QByteArray("{\"description\": "), QByteArray("\"Starter\""),
                                    QByteArray("{\"display_name\": \"\xff\"}"), QByteArray(70000, ' ')}) {
        replace(path("c/alcove.json"), bytes);
        const CheckpointEntry entry = examine("c");
        QVERIFY(!entry.usable);
        QVERIFY2(entry.problem.contains(QStringLiteral("alcove.json")), qPrintable(entry.problem));
        QCOMPARE(entry.name, QStringLiteral("c"));
    }
}

void TestCheckpointLibrary::namesTheLibraryFolders() {
    QCOMPARE(libraryFolders(QStringLiteral("/home/me/checkpoints"), QStringLiteral("/usr/bin")),
             (QStringList{QStringLiteral("/usr/share/alcove/checkpoints"), QStringLiteral("/home/me/checkpoints")}));
}

void TestCheckpointLibrary::writesNumbersForPeople() {
    QCOMPARE(parametersText(535012345), QStringLiteral("535 M"));
    QCOMPARE(parametersText(1261000000), QStringLiteral("1.26 B"));
    QCOMPARE(parametersText(260032), QStringLiteral("260 K"));
    QCOMPARE(parametersText(999), QStringLiteral("999"));
    QCOMPARE(parametersText(999999), QStringLiteral("1 M"));
    QCOMPARE(parametersText(10500000), QStringLiteral("10.5 M"));
    QCOMPARE(bytesText(1070000000), QStringLiteral("1.07 GB"));
    QCOMPARE(bytesText(100), QStringLiteral("100 bytes"));
    QCOMPARE(bytesText(2000000000), QStringLiteral("2 GB"));
}

ALCOVE_TEST(TestCheckpointLibrary)
#include "test_checkpoint_library.moc"
