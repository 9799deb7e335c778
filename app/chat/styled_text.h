// What a block of a message looks like, before it is drawn. Plain values.
#pragma once

#include <variant>

#include <QtCore/QList>
#include <QtCore/QString>

namespace alcove {

struct TextRun {
    enum Style {
        Plain = 0,
        Strong = 1,
        Emphasis = 2,
        Struck = 4,
        Code = 8,
        Mark = 16
    };  // Mark: see visible_characters.h

    QString text;    // on one line but for QChar::LineSeparator
    int style = 0;   // of Style
    QString target;  // of a link: an address that webAddress() has passed; empty: no link
    bool operator==(const TextRun&) const = default;
};

using TextRuns = QList<TextRun>;

struct Paragraph {
    TextRuns runs;
    int heading = 0;     // 1 to 6; 0: none
    int quoteDepth = 0;  // quotes it is in
    int listDepth = 0;   // lists it is in
    QString marker;      // that a list's item begins with; empty: it goes on with one, or is in no list
    bool tight = false;  // no space before it
    bool rule = false;   // a line across, without text
    bool operator==(const Paragraph&) const = default;
};

struct Table {
    struct Cell {
        TextRuns runs;
        Qt::Alignment alignment;
        bool head = false;
        bool operator==(const Cell&) const = default;
    };
    int columns = 0;
    QList<Cell> cells;  // by rows
    bool operator==(const Table&) const = default;
};

using StyledText = QList<std::variant<Paragraph, Table>>;

}  // namespace alcove
