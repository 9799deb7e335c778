// What a person looks for, read from what they typed:
//
//     rye bread         both words, in any order        "rye bread"        one after the other
//     bak*              words that begin so              -wheat             not this word (also -"…", -in:…)
//     from:me           what I wrote (from:model: replies)
//     by:starter        replies of a model               in:recipes         conversations in a folder
//     before:2026-01-31 older than that day              after:2026-01-31   of that day or newer
//     is:pinned         pinned conversations             is:archived        archived ones
//
// Whatever is typed is a query: what is no filter is a word.
#pragma once

#include <optional>

#include <QByteArray>
#include <QDate>
#include <QList>
#include <QString>
#include <QStringView>

namespace alcove {

struct SearchTerm {
    QString text;         // has at least one word
    bool prefix = false;  // its last word goes on in any way
    bool excluded = false;
    bool operator==(const SearchTerm&) const = default;
};

struct SearchFilter {
    enum class Kind { From, By, In, Is };
    Kind kind = Kind::From;
    QString value;  // From: "me" or "model"; Is: "pinned" or "archived"; else as it was typed
    bool excluded = false;
    bool operator==(const SearchFilter&) const = default;
};

struct SearchQuery {
    QList<SearchTerm> terms;
    QList<SearchFilter> filters;
    QDate before;     // older than the beginning of this day; null: no limit
    QDate after;      // of this day or newer
    QString problem;  // a sentence about what could not be understood and is left out

    [[nodiscard]] bool empty() const {
        return terms.isEmpty() && filters.isEmpty() && before.isNull() && after.isNull();
    }
    [[nodiscard]] bool hasWords() const;  // some that are not excluded
    [[nodiscard]] bool has(SearchFilter::Kind kind) const;
    bool operator==(const SearchQuery&) const = default;
};

// Of what is longer, or has more parts, the beginning counts.
constexpr qsizetype kLongestQuery = 1000;
constexpr qsizetype kMostTerms = 32;
// From so many characters on a word can be the beginning of one: shorter ones begin too many.
constexpr qsizetype kShortestPrefix = 3;

enum class LastWord { Whole, BeingTyped };

// Never fails.
[[nodiscard]] SearchQuery parseSearch(QStringView text, LastWord last = LastWord::Whole);

// The query in FTS5's language for a table with the columns text, author and checkpoint; empty: it asks for nothing
// that is indexed there.
[[nodiscard]] QByteArray messageExpression(const SearchQuery& query);
// … what must not be found, where messageExpression() is empty; also empty: nothing.
[[nodiscard]] QByteArray excludedExpression(const SearchQuery& query);
// … for a table with the title alone.
[[nodiscard]] QByteArray titleExpression(const SearchQuery& query);

}  // namespace alcove
