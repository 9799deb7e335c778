// The catalogue in the program, what it may hold, and which files of a repository are taken.
#include <QTemporaryDir>
#include <QTest>

#include "app/downloads/added_repositories.h"
#include "app/downloads/catalogue.h"
#include "app/downloads/file_selection.h"
#include "app/downloads/hub_cache.h"
#include "engine/base/error.h"
#include "tests/rig/error_of.h"
#include "tests/rig/test_files.h"
#include "tests/rig/test_registry.h"

using namespace alcove;
using namespace alcove::tests;

namespace {

const char* const kGoodEntry =
    "\"id\":\"a\",\"title\":\"A\",\"purpose\":\"P.\",\"repository\":\"org/a\",\"revision\":\"main\",\"chat\":true";

QByteArray catalogueWith(const QByteArray& entry) {
    return "{\"version\":1,\"entries\":[{" + entry + "}]}";
}

QList<ListedFile> listedFiles(const QStringList& names) {
    QList<ListedFile> files;
    for (const QString& name : names) {
        files << ListedFile{name, {10, HashKind::Sha256, QByteArray(64, 'a')}};
    }
    return files;
}

}  // namespace

class TestCatalogue : public QObject {
    Q_OBJECT

private slots:
    void theOneInTheProgram() {
        const QList<CatalogueEntry>& entries = builtInCatalogue();
        QStringList repositories;
        int shipped = 0;
        for (const CatalogueEntry& entry : entries) {
            if (entry.shipped.isEmpty()) {
                repositories << entry.repository;
                QVERIFY2(entry.memoryBytes() > entry.quantizedBytes() && entry.quantizedBytes() > 0,
                         qPrintable(entry.id));
            } else {
                ++shipped;
                QVERIFY2(QFile::exists(QStringLiteral(ALCOVE_SHIPPED_CHECKPOINTS "/") + entry.shipped),
                         qPrintable(entry.id));
            }
            QVERIFY2(!entry.licence.isEmpty() && entry.purpose.endsWith('.'), qPrintable(entry.id));
        }
        QCOMPARE(shipped, 3);
        for (const char* name :
             {"MBZUAI/MobiLlama-05B", "MBZUAI/MobiLlama-08B", "MBZUAI/MobiLlama-1B", "MBZUAI/MobiLlama-05B-Chat",
              "MBZUAI/MobiLlama-1B-Chat", "TinyLlama/TinyLlama-1.1B-Chat-v1.0"}) {
            QVERIFY2(repositories.contains(name), name);
        }
        const std::optional<CatalogueEntry> steps = entryNamed(entries, "mobillama-05b-steps");
        QVERIFY(steps);
        QCOMPARE(steps->lastRevision - steps->firstRevision + 1, 259);
        QCOMPARE(steps->revision, QString("ckpt_358"));
        QCOMPARE(entryNamed(entries, "mobillama-05b-steps@ckpt_100")->revision, QString("ckpt_100"));
    }

    void whatItMayHold_data() {
        QTest::addColumn<QByteArray>("json");
        QTest::addColumn<bool>("good");
        const QByteArray entry = kGoodEntry;
        const auto with = [&](const char* from, const char* to) {
            return catalogueWith(QByteArray(entry).replace(from, to));
        };
        const QByteArray sha = QByteArray(64, 'a');
        const QByteArray commit = QByteArray(40, 'c');
        const QByteArray file = ",\"files\":[{\"name\":\"x\",\"size\":1,\"sha256\":\"" + sha + "\"}]";
        QTest::newRow("an entry") << catalogueWith(entry) << true;
        QTest::newRow("with files") << catalogueWith(QByteArray(entry).replace("\"main\"", '"' + commit + '"') + file)
                                    << true;
        QTest::newRow("files of a branch") << catalogueWith(entry + file) << false;
        QTest::newRow("a file above") << catalogueWith(QByteArray(entry).replace("\"main\"", '"' + commit + '"') +
                                                       QByteArray(file).replace("\"x\"", "\"../x\""))
                                      << false;
        QTest::newRow("no id") << with("\"id\":\"a\",", "") << false;
        QTest::newRow("empty title") << with("\"A\"", "\"\"") << false;
        QTest::newRow("a number as title") << with("\"A\"", "1") << false;
        QTest::newRow("an escape") << with("\"A\"", "\"\\u001b\"") << false;
        QTest::newRow("no repository") << with(",\"repository\":\"org/a\",\"revision\":\"main\"", "") << false;
        QTest::newRow("shipped and repository") << catalogueWith(entry + ",\"shipped\":\"a\"") << false;
        QTest::newRow("a repository above") << with("org/a", "../a") << false;
        QTest::newRow("an unknown member") << catalogueWith(entry + ",\"url\":\"x\"") << false;
        QTest::newRow("negative") << catalogueWith(entry + ",\"parameters\":-1") << false;
        QTest::newRow("zero") << catalogueWith(entry + ",\"parameters\":0") << false;
        QTest::newRow("a fraction") << catalogueWith(entry + ",\"parameters\":1.5") << false;
        QTest::newRow("chat") << with("true", "1") << false;
        QTest::newRow("a range that is none")
            << with("\"revision\":\"main\"", "\"revisions\":{\"prefix\":\"c\",\"first\":5,\"last\":5}") << false;
        QTest::newRow("version 2") << catalogueWith(entry).replace("\"version\":1", "\"version\":2") << false;
        QTest::newRow("twice") << QByteArray("{\"version\":1,\"entries\":[{" + entry + "},{" + entry + "}]}") << false;
        QTest::newRow("no JSON") << QByteArray("x") << false;
    }
    void whatItMayHold() {
        QFETCH(QByteArray, json);
        QFETCH(bool, good);
        if (good) {
            QCOMPARE(readCatalogue(json).size(), 1);
        } else {
            QVERIFY(errorOf([&] { static_cast<void>(readCatalogue(json)); }).code() == engine::ErrorCode::FileDamaged);
        }
    }

    void repositories_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QStringList>("parts");  // none: it is no repository
        QTest::newRow("name") << "org/a" << QStringList{"org/a", "main", ""};
        QTest::newRow("revision") << "org/a@ckpt_100" << QStringList{"org/a", "ckpt_100", ""};
        QTest::newRow("address") << "https://huggingface.co/org/a"
                                 << QStringList{"org/a", "main", "https://huggingface.co"};
        QTest::newRow("address with a slash")
            << "https://h.org/org/a/" << QStringList{"org/a", "main", "https://h.org"};
        QTest::newRow("of a revision") << "https://h.org:81/org/a/tree/refs/pr/1"
                                       << QStringList{"org/a", "refs/pr/1", "https://h.org:81"};
        QTest::newRow("no revision") << "org/a@" << QStringList();
        QTest::newRow("of a file") << "https://h.org/org/a/blob/main/x" << QStringList();
        QTest::newRow("a password") << "https://x:y@h.org/org/a" << QStringList();
        QTest::newRow("a word") << "starter" << QStringList();
        QTest::newRow("a path") << "/org/a" << QStringList();
        QTest::newRow("above") << "../a" << QStringList();
    }
    void repositories() {
        QFETCH(QString, text);
        QFETCH(QStringList, parts);
        const std::optional<RepositoryAddress> address = repositoryNamed(text);
        QCOMPARE((address ? QStringList{address->repository, address->revision, address->base} : QStringList()), parts);
    }

    void searching() {
        QCOMPARE(entriesWith(builtInCatalogue(), "chat smallest").size(), 1);
        QCOMPARE(entriesWith(builtInCatalogue(), "TINYLLAMA apache").size(), 1);
        QVERIFY(entriesWith(builtInCatalogue(), "nothing like it").isEmpty());
        QCOMPARE(entriesWith(builtInCatalogue(), " ").size(), builtInCatalogue().size());
    }

    void addedByThePerson() {
        const QTemporaryDir folder;
        addRepository(folder.path(), *repositoryNamed("org/a"));
        addRepository(folder.path(), *repositoryNamed("org/a@v2"));
        addRepository(folder.path(), *repositoryNamed("org/a"));
        QCOMPARE(addedRepositories(folder.path()).size(), 2);
        QCOMPARE(wholeCatalogue(folder.path()).size(), builtInCatalogue().size() + 2);
        QVERIFY(entryNamed(wholeCatalogue(folder.path()), "org/a@v2")->added);
        QVERIFY(removeRepository(folder.path(), "org/a", "main"));
        QVERIFY(!removeRepository(folder.path(), "org/a", "main"));
        QCOMPARE(addedRepositories(folder.path()).size(), 1);
        write(folder.filePath("library.json"), "[[[");
        QVERIFY(addedRepositories(folder.path()).isEmpty());
    }

    void whichFiles_data() {
        QTest::addColumn<QStringList>("listed");
        QTest::addColumn<QString>("gguf");
        QTest::addColumn<QStringList>("chosen");  // none: there is a sentence
        const QStringList common = {"config.json", "tokenizer.model"};
        QTest::newRow("PyTorch's") << common + QStringList{"pytorch_model.bin", "modelling.py", "training_args.bin",
                                                           "README.md"}
                                   << "" << common + QStringList{"README.md", "pytorch_model.bin"};
        QTest::newRow("both") << common + QStringList{"pytorch_model.bin", "model.safetensors"} << ""
                              << common + QStringList{"model.safetensors"};
        const QStringList shards = {"model.safetensors.index.json", "model-00001-of-00002.safetensors",
                                    "model-00002-of-00002.safetensors"};
        QTest::newRow("shards") << common + shards << "" << common + shards;
        QTest::newRow("a shard is missing") << common + shards.mid(0, 2) << "" << QStringList();
        QTest::newRow("no index") << common + shards.mid(1) << "" << QStringList();
        QTest::newRow("no tokenizer") << QStringList{"config.json", "model.safetensors"} << "" << QStringList();
        QTest::newRow("folders are passed over")
            << QStringList{"a/config.json", "a/tokenizer.model", "a/model.safetensors"} << "" << QStringList();
        QTest::newRow("one GGUF") << QStringList{"m.gguf", "README.md"} << "" << QStringList{"m.gguf", "README.md"};
        QTest::newRow("several GGUFs") << QStringList{"a.gguf", "b.gguf"} << "" << QStringList();
        QTest::newRow("the named one") << QStringList{"a.gguf", "b.gguf"} << "b.gguf" << QStringList{"b.gguf"};
        QTest::newRow("another one") << QStringList{"a.gguf", "b.gguf"} << "c.gguf" << QStringList();
        QTest::newRow("nothing") << QStringList() << "" << QStringList();
    }
    void whichFiles() {
        QFETCH(QStringList, listed);
        QFETCH(QString, gguf);
        QFETCH(QStringList, chosen);
        const FileSelection selection = chooseFiles(listedFiles(listed), gguf);
        QStringList names;
        for (const ListedFile& file : selection.files) {
            names << file.name;
        }
        QCOMPARE(names, chosen);
        QCOMPARE(selection.problem.isEmpty(), !chosen.isEmpty());
    }

    void anotherProgramsCache() {
        const QTemporaryDir folder;
        const QString commit(40, 'c');
        const QString model = folder.filePath("hub/models--org--a");
        QVERIFY(QDir().mkpath(model + "/snapshots/" + commit) && QDir().mkpath(model + "/refs"));
        write(model + "/refs/main", commit.toLatin1());
        write(model + "/refs/evil", "../../../x");
        QCOMPARE(hubCacheSnapshot(folder.path(), "org/a", "main"), model + "/snapshots/" + commit);
        QCOMPARE(hubCacheSnapshot(folder.path(), "org/a", commit), model + "/snapshots/" + commit);
        for (const char* none : {"other", "evil", "../main"}) {
            QCOMPARE(hubCacheSnapshot(folder.path(), "org/a", none), QString());
        }
        QCOMPARE(hubCacheSnapshot(folder.path(), "../a", "main"), QString());
    }
};

ALCOVE_TEST(TestCatalogue)
#include "test_catalogue.moc"
