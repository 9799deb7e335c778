// What a text of any shape and size costs in one turn of the event loop, in counts.
#include <QtGui/QAbstractTextDocumentLayout>
#include <QtGui/QTextDocument>
#include <QtGui/QTextFrame>
#include <QtTest/QSignalSpy>
#include <QtTest/QTest>

#include "app/chat/document_writer.h"
#include "app/chat/markdown_reader.h"
#include "app/chat/message_block_model.h"
#include "app/chat/turn_budget.h"
#include "tests/rig/awkward_texts.h"
#include "tests/rig/test_registry.h"

using namespace alcove;

namespace {

constexpr qsizetype kOpened = 400'000;
constexpr qsizetype kOpenedMost = 10'000'000;  // every sixteenth text; the cost is the same
constexpr qsizetype kStreamed = 60'000;
constexpr qsizetype kUnfolded = 80'000;
// A turn ends with the line or the block that has used it up.
constexpr qsizetype kMostInATurn =
    TurnBudget::kTurnCost + 2 * BlockSplitter::kBlockWeight + 4 * BlockSplitter::kBlockCost;
constexpr int kMostRows = MessageBlockModel::kFoldCost / BlockSplitter::kBlockCost + 2;

void eachAwkwardText() {
    QTest::addColumn<int>("index");
    for (int i = 0; i < awkwardTexts().size(); ++i) {
        QTest::newRow(awkwardTexts()[i].name) << i;
    }
}

QString awkwardText(int index, qsizetype characters) {
    return awkwardTexts()[index].make(characters);
}

QString textAt(const MessageBlockModel& model, int row) {
    return model.data(model.index(row), MessageBlockModel::TextRole).toString();
}

// What the rows from `first` on would give to documents at once.
qsizetype charactersFrom(const MessageBlockModel& model, int first) {
    qsizetype characters = 0;
    for (int row = std::max(first, 0); row < model.count(); ++row) {
        characters += textAt(model, row).size();
    }
    return characters;
}

}  // namespace

class TestTextBudgets : public QObject {
    Q_OBJECT

private slots:
    // A message of which only the beginning has been read looks as the whole one does.
    void aBeginningFoldsAsTheWhole() {
        const QString text = "```\n" + QString("int a;\n").repeated(100'000) + "```\n";
        MessageBlockModel whole;
        whole.append(text);
        whole.finish();
        for (const qsizetype beginning : {1000, 100'001}) {
            MessageBlockModel model;
            model.append(text.left(beginning));
            int asked = 0;
            model.expect(text.size() - beginning, [&] { return ++asked == 1 ? QString() : text; });
            QVERIFY(!model.canShowAll());
            if (beginning > MessageBlockModel::kFoldCost) {
                QCOMPARE(model.hiddenCharacters(), whole.hiddenCharacters());
            }
            QCOMPARE(model.code(0), QString());  // it could not be read
            QCOMPARE(model.code(0), whole.code(0));
            QCOMPARE(asked, 2);
            model.complete(text);
            QCOMPARE(model.hiddenCharacters(), whole.hiddenCharacters());
            QCOMPARE(model.count(), whole.count());
            for (int row = 0; row < model.count(); ++row) {
                QCOMPARE(textAt(model, row), textAt(whole, row));
            }
        }
    }

    void openingCostsLittleInATurn_data() { eachAwkwardText(); }

    void openingCostsLittleInATurn() {
        QFETCH(int, index);
        const QString text = awkwardText(index, index % 16 == 0 ? kOpenedMost : kOpened);
        for (const auto form : {BlockSplitter::Form::Markdown, BlockSplitter::Form::Plain}) {
            TurnBudget budget;
            MessageBlockModel model(form, &budget);
            model.present();
            model.append(text);
            model.finish();
            int turns = 0;
            int rows = 0;
            while (true) {
                QVERIFY2(budget.left() >= TurnBudget::kTurnCost - kMostInATurn,
                         qPrintable(QString::number(budget.left())));
                QVERIFY(charactersFrom(model, rows) <= kMostInATurn);
                rows = model.count();
                if (!model.waiting()) {
                    break;
                }
                QVERIFY(++turns <= 4 * MessageBlockModel::kFoldCost / TurnBudget::kTurnCost);
                budget.renew();
            }
            QVERIFY(model.folded());
            QVERIFY(!model.canShowAll());
            QVERIFY2(model.count() <= kMostRows, qPrintable(QString::number(model.count())));
            QVERIFY(model.hiddenCharacters() > text.size() - MessageBlockModel::kFoldCost - kMostInATurn);
            for (int row = 0; row < model.count(); ++row) {
                QVERIFY(textAt(model, row).size() < BlockSplitter::kBlockCharacters + BlockSplitter::kLineCharacters);
                QVERIFY(textAt(model, row).count(u'\n') < BlockSplitter::kBlockLines);
            }
        }
    }

    void growingCostsLittleInATurn_data() { eachAwkwardText(); }

    void growingCostsLittleInATurn() {
        QFETCH(int, index);
        const QString text = awkwardText(index, kStreamed);
        TurnBudget budget;
        MessageBlockModel model(BlockSplitter::Form::Markdown, &budget);
        model.present();
        QList<int> changedRows;
        connect(&model, &QAbstractItemModel::dataChanged, this,
                [&changedRows](const QModelIndex& first) { changedRows << first.row(); });
        constexpr qsizetype kPiece = 171;
        for (qsizetype at = 0; at < text.size(); at += kPiece) {
            const int rows = model.count();
            changedRows.clear();
            model.append(text.mid(at, kPiece));
            QVERIFY(budget.left() >= TurnBudget::kTurnCost - kMostInATurn);
            QVERIFY(charactersFrom(model, rows - 1) <= kMostInATurn);
            for (const int row : changedRows) {  // what another row follows is laid out no more
                const bool headOfTheLast = model.data(model.index(rows - 1), MessageBlockModel::ContinuesRole).toBool();
                QVERIFY(row == rows - 1 || headOfTheLast);
            }
            budget.renew();
        }
        model.finish();
        QVERIFY(model.count() <= kMostRows);
        QVERIFY(model.folded());

        MessageBlockModel opened;  // folded at the same place as when the text is there at once
        opened.append(text);
        opened.finish();
        QCOMPARE(model.hiddenCharacters(), opened.hiddenCharacters());
    }

    // However the turns fall, the same is shown as of the whole text at once.
    void moreIsShownOnRequest_data() { eachAwkwardText(); }

    void moreIsShownOnRequest() {
        QFETCH(int, index);
        const QString text = awkwardText(index, kUnfolded);
        TurnBudget budget;
        MessageBlockModel model(BlockSplitter::Form::Markdown, &budget);
        model.present();
        model.append(text);
        model.finish();
        int steps = 0;
        while (true) {
            while (model.waiting()) {
                const int rows = model.count();
                budget.renew();
                QVERIFY(charactersFrom(model, rows) <= kMostInATurn);
            }
            if (!model.folded()) {
                break;
            }
            QVERIFY(++steps < 1000);
            model.showMore();
        }
        QCOMPARE(model.hiddenCharacters(), 0);
        BlockSplitter whole;
        whole.append(text);
        whole.finish();
        do {
            whole.split(text.size());
        } while (whole.waiting());
        QCOMPARE(model.count(), static_cast<int>(whole.blocks().size()));
        for (int row = 0; row < model.count(); ++row) {
            QCOMPARE(textAt(model, row), whole.blocks()[row].text);
        }
    }

    void aBlockIsLaidOutOnce_data() { eachAwkwardText(); }

    void aBlockIsLaidOutOnce() {
        QFETCH(int, index);
        QString text = awkwardText(index, BlockSplitter::kBlockCharacters);
        const qsizetype lines = text.count(u'\n');
        if (lines >= BlockSplitter::kBlockLines) {
            text = text.section(u'\n', 0, BlockSplitter::kBlockLines - 1);
        }
        for (const StyledText& styled : {styledMarkdown(text), styledPlain(text), styledCode(text)}) {
            QTextDocument document;
            document.setTextWidth(700);
            document.documentLayout();  // changes are told from here on
            int laidOut = 0;
            connect(&document, &QTextDocument::contentsChange, this, [&laidOut] { ++laidOut; });
            writeDocument(styled, {}, document);
            QVERIFY2(laidOut <= 1, qPrintable(QString::number(laidOut)));
            QVERIFY(document.characterCount() < 4 * BlockSplitter::kBlockCharacters);
            QVERIFY2(document.blockCount() <= BlockSplitter::kBlockLines + 2 * kCells,
                     qPrintable(QString::number(document.blockCount())));
            laidOut = 0;
            const bool tables = !document.rootFrame()->childFrames().isEmpty();
            writeDocument(styled, {}, document);  // as when it has grown
            QVERIFY2(laidOut <= (tables ? 4 : 1), qPrintable(QString::number(laidOut)));
        }
    }

    void addingToCodeLaysOutItsEnd() {
        QTextDocument document;
        document.documentLayout();
        writeDocument(styledCode("int a;\nint b;"), {}, document);
        int from = -1;
        int added = 0;
        connect(&document, &QTextDocument::contentsChange, this, [&](int position, int, int characters) {
            from = position;
            added = characters;
        });
        const StyledText more = styledCode("\nint c;");
        extendDocument(std::get<Paragraph>(more[0]).runs, {}, document);
        QCOMPARE(from, 13);
        QVERIFY(added <= 9);
        QCOMPARE(document.toPlainText(), QString("int a;\nint b;\nint c;"));
    }

    void theNewestRequestComesFirst() {
        TurnBudget budget;
        MessageBlockModel older(BlockSplitter::Form::Plain, &budget);
        MessageBlockModel newer(BlockSplitter::Form::Plain, &budget);
        older.present();
        newer.present();
        const QString text = repeated("word word word word word\n", 12'000);
        older.append(text);
        const int before = older.count();
        newer.append(text);
        QCOMPARE(newer.count(), 0);
        QVERIFY(newer.waitingLines() > 50);
        budget.renew();
        QVERIFY(newer.count() > 0);
        QCOMPARE(older.count(), before);
        QTRY_VERIFY(!older.waiting() && !newer.waiting());  // by itself
        QCOMPARE(older.count(), newer.count());
        QCOMPARE(newer.waitingLines(), 0);
    }

    void whatNobodyLooksAtCostsNothing() {
        TurnBudget budget;
        MessageBlockModel model(BlockSplitter::Form::Plain, &budget);
        model.append(repeated("word word word word word\n", 12'000));
        QCOMPARE(model.count(), 0);
        QVERIFY(!model.waiting());
        QVERIFY(model.waitingLines() > 100);  // room is kept for it
        QCOMPARE(budget.left(), TurnBudget::kTurnCost);
        model.present();
        QVERIFY(model.count() > 0);
        while (model.waiting()) {
            budget.renew();
        }
        const int rows = model.count();

        // Looked at again, after the view was gone: the rows come by the budget as the first time.
        model.dismiss();
        budget.renew();
        model.present();
        QVERIFY(model.count() < rows);
        while (model.waiting()) {
            const int before = model.count();
            budget.renew();
            QVERIFY(charactersFrom(model, before) <= kMostInATurn);
        }
        QCOMPARE(model.count(), rows);
    }

    void aModelMayGoWhileItWaits() {
        TurnBudget budget;
        auto model = std::make_unique<MessageBlockModel>(BlockSplitter::Form::Plain, &budget);
        model->present();
        model->append(repeated("word\n", 100'000));
        QVERIFY(model->waiting());
        model.reset();
        budget.renew();
    }

    void theLastWordsAreNotFolded() {
        const QString paragraph = "word word word word word word word word.\n\n";
        constexpr qsizetype kCost = 40 + 2 * BlockSplitter::kLineCost + BlockSplitter::kBlockCost;
        const QString text = paragraph.repeated(MessageBlockModel::kFoldCost / kCost + 2);
        MessageBlockModel model;
        model.append(text);
        QVERIFY(model.folded());
        model.finish();
        QVERIFY(!model.folded());
        QCOMPARE(model.count(), static_cast<int>(MessageBlockModel::kFoldCost / kCost + 2));
        MessageBlockModel longer;
        longer.append(text.repeated(10));
        QVERIFY(longer.folded());
        QVERIFY(longer.canShowAll());
        longer.showAll();
        QVERIFY(!longer.folded());
        longer.append("more\n");
        longer.finish();
        QVERIFY(!longer.folded());
        QCOMPARE(textAt(longer, longer.count() - 1), QString("more"));
    }
};

ALCOVE_TEST(TestTextBudgets)
#include "test_text_budgets.moc"
