// Sentences and their arguments, in English.
#include <QTest>

#include "engine/base/error.h"
#include "tests/rig/test_registry.h"

using namespace alcove::engine;

class TestSentence : public QObject {
    Q_OBJECT

private slots:
    void argumentsTakeTheirPlaces() {
        const Sentence sentence(ALCOVE_TEXT("engine", "%2 of %1, %3, %4 and again %2; 100%"), std::string("many"), -7,
                                std::filesystem::path("/a/b"), std::string_view("text"));
        QCOMPARE(sentence.english(), std::string("-7 of many, /a/b, text and again -7; 100%"));
        QVERIFY(sentence.translatable() && !sentence.empty());
        QCOMPARE(sentence.source(), std::string("%2 of %1, %3, %4 and again %2; 100%"));
        QCOMPARE(sentence.arguments().size(), std::size_t{4});
    }

    void sentencesAreArguments() {
        const Sentence clause(ALCOVE_TEXT("engine", "it lacks %1"), "a.bin");
        const Sentence sentence(ALCOVE_TEXT("engine", "%1 is damaged: %2, %3."), "x", clause,
                                ALCOVE_TEXT("engine", "see there"));
        QCOMPARE(sentence.english(), std::string("x is damaged: it lacks a.bin, see there."));
        QVERIFY(sentence.arguments()[1] == clause && !sentence.arguments()[0].translatable());
    }

    void argumentsAreNotLookedInto() {
        const Sentence sentence(ALCOVE_TEXT("engine", "%1 and %2"), "%2", "%1 %9 %");
        QCOMPARE(sentence.english(), std::string("%2 and %1 %9 %"));
        QCOMPARE(Sentence(ALCOVE_TEXT("engine", "%1 and %3 %0 %"), "one").english(), std::string("one and %3 %0 %"));
        QCOMPARE(Sentence::verbatim("%1").english(), std::string("%1"));
    }

    void severalMakeOne() {
        const Sentence one(ALCOVE_TEXT("engine", "One."));
        QCOMPARE(Sentence::joined({one, Sentence(), Sentence::verbatim("Two.")}).english(), std::string("One. Two."));
        QCOMPARE(Sentence::joined({Sentence(), one}).english(), std::string("One."));
        QCOMPARE(Sentence::sequence({one, Sentence::verbatim("\n")}).english(), std::string("One.\n"));
        QVERIFY(Sentence::joined({Sentence(), Sentence()}).empty());
        QVERIFY(Sentence().empty() && Sentence().english().empty());
    }

    void errorsCarryThem() {
        const Error error(ErrorCode::FileMissing, ALCOVE_TEXT("engine", "There is no file %1."), "%1");
        QCOMPARE(error.what(), "There is no file %1.");
        QCOMPARE(error.sentence().source(), std::string("There is no file %1."));
        QCOMPARE(error.sentence().arguments().front().english(), std::string("%1"));
        const Error copy = error;
        QVERIFY(copy.sentence() == error.sentence() && copy.code() == ErrorCode::FileMissing);
    }
};

ALCOVE_TEST(TestSentence)
#include "test_sentence.moc"
