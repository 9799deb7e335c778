// What a checkpoint may say of itself, and what of it is not believed.
#include <QDir>
#include <QTemporaryDir>
#include <QTest>

#include "app/checkpoints/checkpoint_card.h"
#include "app/checkpoints/checkpoint_library.h"
#include "app/checkpoints/model_licence.h"
#include "tests/rig/test_registry.h"

using namespace alcove;

class TestCheckpointCard : public QObject {
    Q_OBJECT

private slots:
    void init() {
        m_folder = std::make_unique<QTemporaryDir>();
        QVERIFY(m_folder->isValid());
    }

    void readsEveryField() {
        const CheckpointCard card = cardOf(R"({"chat_template": "starter", "display_name": " Starter ",
            "description": "A small model,\n  trained in the open.", "order": -1.5,
            "suggestions": ["What leaves my machine?", "Tell me a story"]})");
        QCOMPARE(card.displayName, QString("Starter"));
        QCOMPARE(card.description, QString("A small model, trained in the open."));
        QCOMPARE(card.order, -1.5);
        QCOMPARE(card.suggestions, (QStringList{"What leaves my machine?", "Tell me a story"}));
        QCOMPARE(checkpointName(m_folder->path()), QString("Starter"));
    }

    void findsTheLicence() {
        const auto write = [this](const char* name, const QByteArray& bytes) {
            QFile file(m_folder->filePath(name));
            QVERIFY(file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size());
        };
        QCOMPARE(readModelLicence(m_folder->path()), ModelLicence());
        write("README.md", "---\nlanguage: en\nlicense: apache-2.0\n---\n# Card\nlicense: other\n");
        QCOMPARE(readModelLicence(m_folder->path()).name, QString("apache-2.0"));
        write("LICENSE.txt", QByteArray(70000, 'x'));  // too large to be one
        QCOMPARE(readModelLicence(m_folder->path()).file, QString());
        write("WORDNET-LICENSE", "You may.\n");
        QCOMPARE(readModelLicence(m_folder->path()).text, QString("You may.\n"));
        QCOMPARE(readModelLicence(m_folder->path()).file, m_folder->filePath("WORDNET-LICENSE"));
        write("README.md", "license: mit\n");  // not in the head of a card
        QCOMPARE(readModelLicence(m_folder->path()).name, QString());
        QCOMPARE(readModelLicence("/nowhere/at/all"), ModelLicence());
    }

    void leavesOutWhatIsWrong_data() {
        QTest::addColumn<QByteArray>("json");
        const auto text = [](const char* field, const QByteArray& value) {
            return QByteArray("{\"") + field + "\": \"" + value + "\"}";
        };
        QTest::newRow("empty") << QByteArray("{}");
        QTest::newRow("types") << QByteArray(
            R"({"display_name": 1, "description": ["x"], "order": "1", "suggestions": "Hello"})");
        QTest::newRow("null") << QByteArray(
            R"({"display_name": null, "description": null, "order": null, "suggestions": null})");
        QTest::newRow("order without end") << QByteArray(R"({"order": 1e999})");
        QTest::newRow("long name") << text("display_name", QByteArray(61, 'n'));
        QTest::newRow("long description") << text("description", QByteArray(301, 'd'));
        QTest::newRow("blank name") << text("display_name", R"( \t\n)");
        QTest::newRow("a bell") << text("description", R"(ring\u0007ing)");
        QTest::newRow("an escape sequence") << text("display_name", R"(\u001b[31mRed)");
        QTest::newRow("backwards") << text("display_name", R"(Starter\u202Eelif)");
        QTest::newRow("isolated") << text("display_name", R"(\u2067Starter)");
        QTest::newRow("suggestions of other types") << QByteArray(R"({"suggestions": [1, {}, ["x"], null, "", "  "]})");
        QTest::newRow("damaged") << QByteArray(R"({"display_name": "Starter")");
        QTest::newRow("an array") << QByteArray(R"(["Starter"])");
        QTest::newRow("no UTF-8") << text("display_name", "\xff\xfe");
        QTest::newRow("too large") << QByteArray(R"({"display_name": "Starter"})").append(70000, ' ');
        QTest::newRow("nested without end") << QByteArray(R"({"display_name": "Starter", "x": )").append(60000, '[');
    }
    void leavesOutWhatIsWrong() {
        QFETCH(QByteArray, json);
        QCOMPARE(cardOf(json), CheckpointCard());
        QCOMPARE(checkpointName(m_folder->path()), QFileInfo(m_folder->path()).fileName());
    }

    void keepsWhatIsRightBesideIt() {
        const CheckpointCard card = cardOf(R"({"display_name": 7, "description": "Right.", "order": 3, "suggestions":
            ["one", 2, "one", "ring\u0007", "three", "four", "five", "six"]})");
        QVERIFY(card.displayName.isEmpty());
        QCOMPARE(card.description, QString("Right."));
        QCOMPARE(card.order, 3.0);
        QCOMPARE(card.suggestions, (QStringList{"one", "three", "four", "five"}));
    }

    void lengthsUpToTheLimitAreTaken() {
        const QByteArray suggestion(120, 's');
        const CheckpointCard card =
            cardOf("{\"display_name\": \"" + QByteArray(60, 'n') + "\", \"description\": \"" + QByteArray(300, 'd') +
                   "\", \"suggestions\": [\"" + suggestion + "\", \"" + suggestion + "s\"]}");
        QCOMPARE(card.displayName.size(), 60);
        QCOMPARE(card.description.size(), 300);
        QCOMPARE(card.suggestions, QStringList{QString::fromLatin1(suggestion)});
    }

    void withoutAFile() {
        QCOMPARE(readCheckpointCard(m_folder->path()), CheckpointCard());
        QCOMPARE(readCheckpointCard("/nonexistent"), CheckpointCard());
        QVERIFY(QDir(m_folder->path()).mkdir("alcove.json"));
        QCOMPARE(readCheckpointCard(m_folder->path()), CheckpointCard());
    }

    // Those that come with Alcove: the starter leads, and each says what it is.
    void shippedCheckpoints() {
        const QString shipped = QStringLiteral(ALCOVE_SHIPPED_CHECKPOINTS);
        const QList<CheckpointEntry> entries = CheckpointLibrary({shipped}).scan({});
        QVERIFY(!entries.isEmpty());
        QCOMPARE(QFileInfo(entries[0].path).fileName(), QString("starter"));
        QVERIFY(!entries[0].card.suggestions.isEmpty());
        for (const CheckpointEntry& entry : entries) {
            QVERIFY2(entry.usable, qPrintable(entry.problem));
            QCOMPARE(entry.kind, CheckpointKind::Chat);
            QVERIFY2(!entry.card.displayName.isEmpty() && !entry.card.description.isEmpty(), qPrintable(entry.path));
        }
    }

private:
    [[nodiscard]] CheckpointCard cardOf(const QByteArray& json) const {
        QFile file(m_folder->filePath("alcove.json"));
        if (!file.open(QIODevice::WriteOnly) || file.write(json) != json.size()) {
            qFatal("the test's file cannot be written");
        }
        file.close();
        return readCheckpointCard(m_folder->path());
    }
    std::unique_ptr<QTemporaryDir> m_folder;
};

ALCOVE_TEST(TestCheckpointCard)
#include "test_checkpoint_card.moc"
