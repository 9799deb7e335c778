#include "app/search/snippet.h"

#include <algorithm>

#include "app/search/search_words.h"

namespace alcove {
namespace {

constexpr qsizetype kMostMatches = 400;
constexpr qsizetype kLead = 50;        // characters before the first mark
constexpr qsizetype kWordSearch = 20;  // how far a cut moves to fall between words

bool isSeen(QChar character) {
    switch (character.category()) {
        case QChar::Other_Control:
        case QChar::Other_Format:
        case QChar::Other_NotAssigned:
        case QChar::Other_PrivateUse:
            return false;
        default:
            return true;
    }
}

// The window of `length` characters with the most different terms, the first of the best: where it begins.
qsizetype bestWindow(const QList<QueryMatcher::Match>& matches, qsizetype length) {
    qsizetype best = 0;
    qsizetype mostTerms = 0;
    for (qsizetype first = 0; first < matches.size(); ++first) {
        QList<qsizetype> terms;
        for (qsizetype i = first; i < matches.size() && matches[i].range.end - matches[first].range.begin <= length;
             ++i) {
            if (!terms.contains(matches[i].term)) {
                terms << matches[i].term;
            }
        }
        if (terms.size() > mostTerms) {
            mostTerms = terms.size();
            best = first;
        }
    }
    return best;
}

// A place at or after `at` that does not cut a word or a character, if one is near.
qsizetype wordBegin(QStringView text, qsizetype at) {
    if (at <= 0) {
        return 0;
    }
    for (qsizetype i = at; i < std::min(at + kWordSearch, text.size()); ++i) {
        if (text[i - 1].isSpace()) {
            return i;
        }
    }
    return text[at].isLowSurrogate() ? at + 1 : at;
}

qsizetype wordEnd(QStringView text, qsizetype at) {
    if (at >= text.size()) {
        return text.size();
    }
    for (qsizetype i = at; i > std::max(at - kWordSearch, qsizetype{0}); --i) {
        if (text[i].isSpace()) {
            return i;
        }
    }
    return text[at].isLowSurrogate() ? at - 1 : at;
}

}  // namespace

QueryMatcher::QueryMatcher(const SearchQuery& query) {
    for (const SearchTerm& term : query.terms) {
        if (term.excluded) {
            continue;
        }
        Wanted wanted;
        wanted.prefix = term.prefix;
        WordReader words(term.text);
        while (words.next()) {
            if (!words.folded().isEmpty()) {
                wanted.words << words.folded();
            }
        }
        m_wanted << wanted;
    }
}

QList<QueryMatcher::Match> QueryMatcher::matches(QStringView text, qsizetype most) const {
    QList<Match> result;
    if (m_wanted.isEmpty()) {
        return result;
    }
    // How many words of a phrase the words before have matched, for each place where it may have begun.
    struct Begun {
        qsizetype term;
        qsizetype words;
        qsizetype begin;
    };
    QList<Begun> begun;
    WordReader words(text);
    qsizetype end = 0;  // of the last match
    while (result.size() < most && words.next()) {
        const QString& word = words.folded();
        if (word.isEmpty()) {
            continue;
        }
        QList<Begun> going;
        qsizetype found = -1;
        qsizetype from = 0;
        const auto goOn = [&](const Begun& phrase) {
            const Wanted& wanted = m_wanted[phrase.term];
            const bool last = phrase.words + 1 == wanted.words.size();
            const QString& next = wanted.words[phrase.words];
            if (!(last && wanted.prefix ? word.startsWith(next) : word == next)) {
                return;
            }
            if (!last) {
                going << Begun{phrase.term, phrase.words + 1, phrase.begin};
            } else if (phrase.begin >= end && (found < 0 || phrase.begin < from)) {
                found = phrase.term;
                from = phrase.begin;
            }
        };
        for (const Begun& phrase : std::as_const(begun)) {
            goOn(phrase);
        }
        for (qsizetype term = 0; term < m_wanted.size(); ++term) {
            goOn({term, 0, words.begin()});
        }
        if (found >= 0) {
            end = words.end();
            result << Match{{from, end}, found};
        }
        begun = going;
    }
    return result;
}

Snippet snippetOf(QStringView text, const QueryMatcher& matcher, qsizetype length) {
    const QList<QueryMatcher::Match> matches = matcher.matches(text, kMostMatches);
    Snippet snippet;
    qsizetype begin = 0;
    if (!matches.isEmpty()) {
        const qsizetype first = bestWindow(matches, length - kLead);
        snippet.at = matches[first].range.begin;
        begin = snippet.at <= kLead ? 0 : wordBegin(text, snippet.at - kLead);
        begin = std::min(begin, snippet.at);
    }
    const qsizetype end = wordEnd(text, begin + length);
    if (begin > 0) {
        snippet.text += QChar(0x2026);
    }
    auto match = matches.begin();
    TextRange mark{-1, -1};
    for (qsizetype i = begin; i < end; ++i) {
        while (match != matches.end() && match->range.end <= i) {
            ++match;
        }
        if (match != matches.end() && match->range.begin == i) {
            mark.begin = snippet.text.size();
        }
        const QChar character = text[i];
        if (character.isSpace()) {
            if (!snippet.text.isEmpty() && !snippet.text.back().isSpace()) {
                snippet.text += u' ';
            }
        } else if (isSeen(character)) {
            snippet.text += character;
        }
        if (match != matches.end() && mark.begin >= 0 && (match->range.end == i + 1 || i + 1 == end)) {
            mark.end = snippet.text.size();
            snippet.marks << mark;
            mark = {-1, -1};
        }
    }
    while (snippet.text.endsWith(u' ')) {
        snippet.text.chop(1);
    }
    if (end < text.size()) {
        snippet.text += QChar(0x2026);
    }
    return snippet;
}

}  // namespace alcove
