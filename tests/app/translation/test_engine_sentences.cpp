// The engine's sentences, put into words by the translators of the application.
#include <QtCore/QTranslator>
#include <QtTest/QTest>

#include "app/translation/engine_sentences.h"
#include "engine/base/error.h"
#include "tests/rig/test_registry.h"

using namespace alcove;

namespace {

// Knows two texts of the engine.
class Translator : public QTranslator {
public:
    [[nodiscard]] bool isEmpty() const override { return false; }
    [[nodiscard]] QString translate(const char* context, const char* source, const char* /*disambiguation*/,
                                    int /*n*/) const override {
        if (context != QByteArrayView("engine")) {
            return {};
        }
        if (source == QByteArrayView("%1 is damaged: %2. Download it again.")) {
            return QStringLiteral("Übersetzt: %2 (%1)");
        }
        return source == QByteArrayView("it lacks %1") ? QStringLiteral("%1 fehlt") : QString();
    }
};

}  // namespace

class TestEngineSentences : public QObject {
    Q_OBJECT

private slots:
    void theyAreEnglishWithoutATranslator() {
        const engine::Sentence clause(ALCOVE_TEXT("engine", "it lacks %1"), "%2");
        const engine::Sentence sentence(ALCOVE_TEXT("engine", "%1 is damaged: %2. Download it again."), "a–b", clause);
        QCOMPARE(inWords(sentence), QStringLiteral("a–b is damaged: it lacks %2. Download it again."));
        QCOMPARE(inWords(sentence).toStdString(), sentence.english());
        QCOMPARE(inWords(engine::Sentence()), QString());
    }

    void aTranslatorChangesThem() {
        Translator translator;
        QVERIFY(QCoreApplication::installTranslator(&translator));
        const engine::Error error(engine::ErrorCode::FileDamaged,
                                  ALCOVE_TEXT("engine", "%1 is damaged: %2. Download it again."), "/x/%2",
                                  engine::Sentence(ALCOVE_TEXT("engine", "it lacks %1"), 7));
        QCOMPARE(inWords(error.sentence()), QStringLiteral("Übersetzt: 7 fehlt (/x/%2)"));
        const engine::Sentence unknown(ALCOVE_TEXT("engine", "Known to nobody: %1"), error.sentence());
        QCOMPARE(inWords(unknown), QStringLiteral("Known to nobody: Übersetzt: 7 fehlt (/x/%2)"));
        QCOMPARE(inWords(engine::Sentence::joined({engine::Sentence::verbatim("it lacks %1"), unknown})),
                 QStringLiteral("it lacks %1 Known to nobody: Übersetzt: 7 fehlt (/x/%2)"));
        QCOMPARE(error.what(), "/x/%2 is damaged: it lacks 7. Download it again.");
    }
};

ALCOVE_TEST(TestEngineSentences)
#include "test_engine_sentences.moc"
