// A short piece of a text around what was looked for.
#pragma once

#include <QList>
#include <QString>
#include <QStringView>

#include "app/search/search_query.h"

namespace alcove {

struct TextRange {
    qsizetype begin = 0;
    qsizetype end = 0;
    bool operator==(const TextRange&) const = default;
};

struct Snippet {
    QString text;            // plain, on one line, without characters that are not seen
    QList<TextRange> marks;  // in it: what was looked for; in order, none overlaps another one
    qsizetype at = -1;       // in the whole text: where the first mark begins; -1: there is none
};

constexpr qsizetype kSnippetLength = 180;

// Where the words of a query stand in a text.
class QueryMatcher {
public:
    explicit QueryMatcher(const SearchQuery& query);

    struct Match {
        TextRange range;
        qsizetype term = 0;
    };
    // In order; at most `most`.
    [[nodiscard]] QList<Match> matches(QStringView text, qsizetype most) const;

private:
    struct Wanted {
        QStringList words;
        bool prefix = false;
    };
    QList<Wanted> m_wanted;
};

// The beginning of the text where nothing matches.
[[nodiscard]] Snippet snippetOf(QStringView text, const QueryMatcher& matcher, qsizetype length = kSnippetLength);

}  // namespace alcove
