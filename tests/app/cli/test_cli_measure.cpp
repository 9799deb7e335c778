// alcove-cli perplexity and evaluate, against the float64 reference of tests/fixtures/make_measures.py.
#include <cmath>

#include <QFile>
#include <QJsonArray>
#include <QTemporaryDir>
#include <QTest>

#include "tests/app/cli/cli_run.h"
#include "tests/rig/slow_driver.h"
#include "tests/rig/test_registry.h"

using namespace alcove::tests;

namespace {

QJsonObject expected() {
    QFile file(kFixtures + "/measures/reference.json");
    return file.open(QIODevice::ReadOnly) ? QJsonDocument::fromJson(file.readAll()).object() : QJsonObject();
}

QStringList withContext(QStringList arguments, int context) {
    return context == 0 ? arguments : arguments << "--context" << QString::number(context);
}

// One row for each entry of `kind` of each model of reference.json.
void addRows(const char* kind) {
    QTest::addColumn<QString>("model");
    QTest::addColumn<QJsonObject>("wanted");
    const QJsonObject models = expected();
    QVERIFY(models.size() == 2);
    // On a slow driver the model of real words, once, where the fewest tokens are computed twice.
    const QStringList measured =
        alcove::tests::onSlowDriver() ? QStringList{QStringLiteral("stories260K")} : models.keys();
    for (const QString& model : measured) {
        for (const QJsonValue& entry : models[model].toObject()[kind].toArray()) {
            const QJsonObject wanted = entry.toObject();
            if (alcove::tests::onSlowDriver() && wanted.contains("stride") &&
                wanted["stride"].toInt() + 1 != wanted["context"].toInt()) {
                continue;
            }
            QTest::addRow("%s, context %d, stride %d", qPrintable(model), wanted["context"].toInt(),
                          wanted["stride"].toInt())
                << model << wanted;
            if (alcove::tests::onSlowDriver()) {
                break;
            }
        }
    }
}

}  // namespace

class TestCliMeasure : public QObject {
    Q_OBJECT
private slots:
    void perplexity_data() { addRows("perplexity"); }
    void perplexity() {
        QFETCH(QString, model);
        QFETCH(QJsonObject, wanted);
        QStringList arguments =
            withContext({"perplexity", kFixtures + "/" + model, kText, "--json"}, wanted["context"].toInt());
        if (const int stride = wanted["stride"].toInt(); stride != 0) {
            arguments << "--stride" << QString::number(stride);
        }
        const CliRun run = runCli(arguments);
        QCOMPARE(run.exitCode, 0);
        QVERIFY2(run.err.isEmpty(), run.err.constData());
        const QJsonObject json = run.json();
        const double found = json["perplexity"].toDouble();
        // Keys and values are kept in 16 bits; the reference keeps all of them.
        QVERIFY2(std::abs(found / wanted["perplexity"].toDouble() - 1) < 1e-3,
                 qPrintable(QString::number(found, 'g', 12)));
        QVERIFY(std::abs(json["nll"].toDouble() / wanted["nll"].toDouble() - 1) < 1e-4);
        QCOMPARE(json["tokens"].toInt(), wanted["tokens"].toInt());
        QCOMPARE(json["windows"].toInt(), wanted["windows"].toInt());
        const qint64 bytes = QFile(kText).size();
        QCOMPARE(json["bytes"].toInteger(), bytes);
        const double bits = json["nll"].toDouble() / std::log(2.0) / static_cast<double>(bytes);
        QVERIFY(std::abs(json["bits_per_byte"].toDouble() - bits) < 1e-9);
    }

    void perplexityForPeople_data() {
        QTest::addColumn<QStringList>("options");
        QTest::addColumn<QByteArray>("perplexity");
        QTest::addColumn<QByteArray>("windows");
        QTest::newRow("few tokens twice") << QStringList{"--context", "64", "--stride", "63"} << QByteArray("15.68")
                                          << QByteArray("15 of 64 tokens, one every 63");
        if (!alcove::tests::onSlowDriver()) {
            QTest::newRow("as it is") << QStringList() << QByteArray("13.52")
                                      << QByteArray("3 of 512 tokens, one every 256");
        }
    }
    void perplexityForPeople() {
        QFETCH(const QStringList, options);
        QFETCH(const QByteArray, perplexity);
        QFETCH(const QByteArray, windows);
        const CliRun run = runCli(QStringList{"perplexity", kStories, kText} + options);
        QCOMPARE(run.exitCode, 0);
        QVERIFY(run.err.isEmpty());
        QVERIFY2(run.out.contains(perplexity), run.out.constData());
        QVERIFY2(run.out.contains("891 tokens, 364 words, 1790 bytes"), run.out.constData());
        QVERIFY2(run.out.contains(windows), run.out.constData());
    }

    void strideBeyondTheContext() {
        const CliRun run = runCli({"perplexity", kStories, kText, "--context", "32", "--stride", "32"});
        QCOMPARE(run.exitCode, 1);
        QVERIFY(run.out.isEmpty());
        QVERIFY(run.err.contains("less than the context of 32"));
    }

    void invalidUtf8() {
        QTemporaryDir folder;
        const auto perplexityOf = [&](const QByteArray& text) {
            QFile file(folder.filePath("text"));
            if (!file.open(QIODevice::WriteOnly) || file.write(text) != text.size()) {
                return 0.0;
            }
            file.close();
            return runCli({"perplexity", kStories, file.fileName(), "--json"}).json()["nll"].toDouble();
        };
        const double damaged = perplexityOf("Once \xFF upon");
        QVERIFY(damaged > 0);
        QCOMPARE(damaged, perplexityOf("Once \xEF\xBF\xBD upon"));
    }

    void evaluate_data() { addRows("evaluate"); }
    void evaluate() {
        QFETCH(QString, model);
        QFETCH(QJsonObject, wanted);
        const CliRun run =
            runCli(withContext({"evaluate", kFixtures + "/" + model, kTask, "--json"}, wanted["context"].toInt()));
        QCOMPARE(run.exitCode, 0);
        QVERIFY2(run.err.isEmpty(), run.err.constData());
        const QJsonObject json = run.json();
        const QJsonArray results = json["results"].toArray();
        const QJsonArray items = wanted["items"].toArray();
        QCOMPARE(results.size(), items.size());
        QCOMPARE(json["items"].toInt(), int(items.size()));
        int right = 0;
        int rightNorm = 0;
        int truncated = 0;
        int dropped = 0;
        for (qsizetype i = 0; i < items.size(); ++i) {
            const QJsonObject result = results[i].toObject();
            const QJsonObject item = items[i].toObject();
            const QJsonArray sums = result["log_likelihoods"].toArray();
            const QJsonArray wantedSums = item["log_likelihoods"].toArray();
            QCOMPARE(sums.size(), wantedSums.size());
            for (qsizetype choice = 0; choice < sums.size(); ++choice) {
                const double got = sums[choice].toDouble();
                const double sum = wantedSums[choice].toDouble();
                // Keys and values are kept in 16 bits: each token's logarithm is a little off.
                QVERIFY2(std::abs(got - sum) < 5e-2, qPrintable(QString("%1 instead of %2").arg(got).arg(sum)));
            }
            for (const char* key : {"chosen", "chosen_norm", "dropped_tokens"}) {
                QCOMPARE(result[key].toInt(), item[key].toInt());
            }
            right += item["chosen"].toInt() == result["answer"].toInt() ? 1 : 0;
            rightNorm += item["chosen_norm"].toInt() == result["answer"].toInt() ? 1 : 0;
            truncated += item["dropped_tokens"].toInt() > 0 ? 1 : 0;
            dropped += item["dropped_tokens"].toInt();
        }
        const auto count = static_cast<double>(items.size());
        QCOMPARE(json["acc"].toDouble(), right / count);
        QCOMPARE(json["acc_norm"].toDouble(), rightNorm / count);
        QCOMPARE(json["acc_stderr"].toDouble(), std::sqrt(right / count * (1 - right / count) / (count - 1)));
        QCOMPARE(json["truncated_items"].toInt(), truncated);
        QCOMPARE(json["dropped_tokens"].toInt(), dropped);
        QCOMPARE(truncated > 0, wanted["context"].toInt() != 0);
    }

    void evaluateForPeople() {
        const CliRun run = runCli({"evaluate", kStories, kTask, "--context", "48"});
        QCOMPARE(run.exitCode, 0);
        QVERIFY(run.err.isEmpty());
        QVERIFY2(run.out.contains("acc         0.5714 \u00B1 0.2020\n"), run.out.constData());
        QVERIFY2(run.out.contains("acc_norm    0.7143 \u00B1 0.1844\n"), run.out.constData());
        QVERIFY2(run.out.contains("1 of 7 items, whose contexts lost 93 tokens"), run.out.constData());
    }

    // Items that only the tokens show to be wrong stop it, too, before anything is counted.
    void evaluateRefusesTooLongAChoice() {
        const CliRun run = runCli({"evaluate", kStories, kTask, "--context", "16"});
        QCOMPARE(run.exitCode, 1);
        QVERIFY(run.out.isEmpty());
        QVERIFY2(run.err.contains("Line 6 of the task: choice 2"), run.err.constData());
    }
};

ALCOVE_TEST(TestCliMeasure)
#include "test_cli_measure.moc"
