// One message as the blocks that the window draws: pieces of Markdown, code, and a person's words.
#pragma once

#include <functional>

#include <QtCore/QAbstractListModel>
#include <QtQml/qqmlregistration.h>

#include "app/chat/block_splitter.h"

namespace alcove {

class TurnBudget;

// GUI thread. While the text grows only the last rows change; a row that another one follows never does.
//
// Rows come while a view presents the model, as the budget of the turn allows; when another view takes its place, anew.
// A long message is folded: its rows end where their cost (in the characters of BlockSplitter::split) passes kFoldCost,
// and each showMore() lets them go on by kMoreCost.
class MessageBlockModel : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("Made by the program")
    Q_PROPERTY(int count READ count NOTIFY countChanged)
    Q_PROPERTY(bool folded READ folded NOTIFY foldChanged)
    Q_PROPERTY(int hiddenCharacters READ hiddenCharacters NOTIFY foldChanged)
    Q_PROPERTY(bool canShowAll READ canShowAll NOTIFY foldChanged)
    Q_PROPERTY(int waitingLines READ waitingLines NOTIFY waitingLinesChanged)
    // How high the last view of all rows was: room for the next one. Kept for the views.
    Q_PROPERTY(double lastHeight MEMBER m_lastHeight NOTIFY lastHeightChanged)

public:
    // `Open`: more of the code may come.
    enum Role { KindRole = Qt::UserRole + 1, TextRole, LanguageRole, OpenRole, ContinuesRole, LevelRole };

    static constexpr qsizetype kFoldCost = 48000;
    static constexpr qsizetype kMoreCost = 64000;
    static constexpr qsizetype kAllCost = 256000;  // showAll() is for no more than this

    // `budget` must outlive it. Without one, turns are unlimited and rows come without a view.
    explicit MessageBlockModel(BlockSplitter::Form form = BlockSplitter::Form::Markdown, TurnBudget* budget = nullptr,
                               QObject* parent = nullptr);

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QHash<int, QByteArray> roleNames() const override;
    [[nodiscard]] int count() const { return m_count; }

    void append(const QString& piece);
    void finish();  // nothing is appended afterwards
    // The one piece that was appended is only the beginning: about so many characters are to come, at once, by
    // complete(). `readText` returns the whole text for what needs it sooner; empty if that fails.
    void expect(qsizetype characters, std::function<QString()> readText);
    // `text` is the whole text, with the beginning.
    void complete(const QString& text);

    // There is more text than is shown, and the person has to ask for it.
    [[nodiscard]] bool folded() const { return full() && charactersToCome() > 0; }
    [[nodiscard]] int hiddenCharacters() const { return folded() ? static_cast<int>(charactersToCome()) : 0; }
    [[nodiscard]] bool canShowAll() const { return folded() && charactersToCome() <= kAllCost; }
    Q_INVOKABLE void showMore();
    Q_INVOKABLE void showAll();

    // A view begins and ends to show the rows.
    Q_INVOKABLE void present();
    Q_INVOKABLE void dismiss();

    // There are rows to come in later turns.
    [[nodiscard]] bool waiting() const;
    // About how many lines of the window they will take, presented or not.
    [[nodiscard]] int waitingLines() const;
    void advance();  // as far as the budget goes

    // The whole code that a row is of, without what the drawing of it adds or breaks. Empty: the text could not be
    // completed.
    Q_INVOKABLE QString code(int row);

signals:
    void countChanged();
    void foldChanged();
    void waitingLinesChanged();
    void lastHeightChanged();

private:
    struct Announced {  // as the signals last said
        int hiddenCharacters = 0;
        int waitingLines = 0;
    };
    [[nodiscard]] bool full() const;
    [[nodiscard]] qsizetype charactersToCome() const { return m_splitter.waitingCharacters() + m_expected; }
    [[nodiscard]] bool isOpen(int row) const;
    [[nodiscard]] int headOf(int row) const;
    void spend(qsizetype cost);
    void showAgain(qsizetype cost);
    void split(qsizetype cost);
    void tell(qsizetype blocksBefore, const MessageBlock& lastBefore);

    TurnBudget* m_budget;
    BlockSplitter m_splitter;
    int m_count = 0;  // rows; fewer than the splitter's blocks while a new view gets them
    int m_views = 0;
    double m_lastHeight = 0;
    qsizetype m_limit = kFoldCost;
    qsizetype m_expected = 0;  // characters that complete() will bring
    std::function<QString()> m_readText;
    bool m_finished = false;
    bool m_behind = false;  // the turn had nothing left for the line that has not ended
    Announced m_announced;
};

}  // namespace alcove
