#include "app/search/search_query.h"

#include <algorithm>

#include <QCoreApplication>

#include "app/search/search_words.h"

namespace alcove {
namespace {

struct QueryText {
    Q_DECLARE_TR_FUNCTIONS(alcove::SearchQuery)
};

// One piece of what was typed: [-][key:]text, where the text may be in quotation marks.
struct Part {
    bool excluded = false;
    QString key;
    QString text;
    bool quoted = false;
    bool starred = false;
    bool last = false;  // ends where the input ends
};

bool isQuote(QChar letter) {
    return letter == u'"' || letter == QChar(0x201C) || letter == QChar(0x201D) || letter == QChar(0x201E) ||
           letter == QChar(0x00AB) || letter == QChar(0x00BB);
}

class PartReader {
public:
    explicit PartReader(QStringView text) : m_text(text) {}

    bool next(Part& part) {
        part = {};
        while (m_at < m_text.size() && m_text[m_at].isSpace()) {
            ++m_at;
        }
        if (m_at >= m_text.size()) {
            return false;
        }
        if (m_text[m_at] == u'-' && m_at + 1 < m_text.size() && !m_text[m_at + 1].isSpace()) {
            part.excluded = true;
            ++m_at;
        }
        part.key = key();
        if (m_at < m_text.size() && isQuote(m_text[m_at])) {
            part.quoted = true;
            part.text = quoted();
        } else {
            part.text = plain();
            if (part.text.endsWith(u'*')) {
                part.starred = true;
                part.text.chop(1);
            }
        }
        if (part.quoted && m_at < m_text.size() && m_text[m_at] == u'*') {
            part.starred = true;
            ++m_at;
        }
        part.last = m_at >= m_text.size();
        return true;
    }

private:
    QString key() {
        qsizetype end = m_at;
        while (end < m_text.size() && m_text[end].isLetter()) {
            ++end;
        }
        if (end == m_at || end >= m_text.size() || m_text[end] != u':') {
            return {};
        }
        QString found = m_text.mid(m_at, end - m_at).toString().toLower();
        static const QStringList kKeys{QStringLiteral("from"), QStringLiteral("by"),     QStringLiteral("in"),
                                       QStringLiteral("is"),   QStringLiteral("before"), QStringLiteral("after")};
        if (!kKeys.contains(found)) {
            return {};
        }
        m_at = end + 1;
        return found;
    }

    QString quoted() {
        const qsizetype begin = ++m_at;
        while (m_at < m_text.size() && !isQuote(m_text[m_at])) {
            ++m_at;
        }
        QString inside = m_text.mid(begin, m_at - begin).toString();
        m_at = std::min(m_at + 1, m_text.size());
        return inside;
    }

    QString plain() {
        const qsizetype begin = m_at;
        while (m_at < m_text.size() && !m_text[m_at].isSpace() && !isQuote(m_text[m_at])) {
            ++m_at;
        }
        return m_text.mid(begin, m_at - begin).toString();
    }

    QStringView m_text;
    qsizetype m_at = 0;
};

qsizetype wordsIn(const QString& text) {
    WordReader words(text);
    qsizetype count = 0;
    while (words.next()) {
        count += words.folded().isEmpty() ? 0 : 1;
    }
    return count;
}

qsizetype lastWordLength(const QString& text) {
    WordReader words(text);
    qsizetype length = 0;
    while (words.next()) {
        length = words.folded().size();
    }
    return length;
}

// A year, a month of one, or a day.
QDate dateIn(const QString& text) {
    const QStringList parts = text.split(u'-');
    bool whole = parts.size() <= 3;
    int numbers[] = {0, 1, 1};
    for (int i = 0; whole && i < parts.size(); ++i) {
        numbers[i] = parts[i].toInt(&whole);
    }
    return whole && parts[0].size() == 4 ? QDate(numbers[0], numbers[1], numbers[2]) : QDate();
}

class Parser {
public:
    SearchQuery parse(QStringView text, LastWord last) {
        PartReader reader(text.left(kLongestQuery));
        Part part;
        while (m_query.terms.size() + m_query.filters.size() < kMostTerms && reader.next(part)) {
            if (part.key.isEmpty()) {
                takeTerm(part, last);
            } else if (!part.text.trimmed().isEmpty()) {  // otherwise it is still being typed
                takeFilter(part);
            }
        }
        return m_query;
    }

private:
    void takeTerm(const Part& part, LastWord last) {
        if (wordsIn(part.text) == 0) {
            return;
        }
        const bool wanted = part.starred || (last == LastWord::BeingTyped && part.last && !part.quoted);
        const bool prefix = wanted && lastWordLength(part.text) >= kShortestPrefix;
        if (part.starred && !prefix) {
            problem(QueryText::tr("“%1*” is taken for a whole word: a beginning needs three letters.").arg(part.text));
        }
        m_query.terms << SearchTerm{part.text, prefix, part.excluded};
    }

    void takeFilter(const Part& part) {
        const QString value = part.text.trimmed();
        using Kind = SearchFilter::Kind;
        if (part.key == QLatin1String("before") || part.key == QLatin1String("after")) {
            const QDate day = dateIn(value);
            if (!day.isValid()) {
                problem(QueryText::tr("“%1:%2” is left out: it needs a day such as 2026-01-31.").arg(part.key, value));
            } else if ((part.key == QLatin1String("before")) != part.excluded) {
                m_query.before = m_query.before.isNull() ? day : std::min(m_query.before, day);
            } else {
                m_query.after = m_query.after.isNull() ? day : std::max(m_query.after, day);
            }
            return;
        }
        const QString folded = foldedText(value);
        if (part.key == QLatin1String("from")) {
            const bool me = folded == QLatin1String("me") || folded == QLatin1String("user");
            if (!me && folded != QLatin1String("model") && folded != QLatin1String("assistant")) {
                problem(QueryText::tr("“from:%1” is left out: it can be from:me or from:model.").arg(value));
                return;
            }
            m_query.filters << SearchFilter{Kind::From, me ? QStringLiteral("me") : QStringLiteral("model"),
                                            part.excluded};
        } else if (part.key == QLatin1String("is")) {
            if (folded != QLatin1String("pinned") && folded != QLatin1String("archived")) {
                problem(QueryText::tr("“is:%1” is left out: it can be is:pinned or is:archived.").arg(value));
                return;
            }
            m_query.filters << SearchFilter{Kind::Is, folded, part.excluded};
        } else if (wordsIn(value) > 0) {
            m_query.filters << SearchFilter{part.key == QLatin1String("by") ? Kind::By : Kind::In, value,
                                            part.excluded};
        }
    }

    void problem(const QString& sentence) {
        if (m_query.problem.isEmpty()) {
            m_query.problem = sentence;
        }
    }

    SearchQuery m_query;
};

// A string of FTS5, which its tokenizer splits into words: a phrase if there are several.
QByteArray phrase(const QString& text, bool prefix) {
    QString clean = text;
    clean.replace(QChar(u'\0'), u' ');
    clean.replace(u'"', u' ');
    return '"' + clean.toUtf8() + '"' + (prefix ? " *" : "");
}

QByteArray joined(const QList<QByteArray>& parts, const char* by) {
    return parts.join(by);
}

QByteArray column(const char* name, const QList<QByteArray>& parts, const char* by) {
    return QByteArray(name) + " : (" + joined(parts, by) + ')';
}

struct Expressions {
    QList<QByteArray> wanted;
    QList<QByteArray> excluded;
};

Expressions expressionsOf(const SearchQuery& query) {
    Expressions result;
    QList<QByteArray> words;
    QList<QByteArray> notWords;
    for (const SearchTerm& term : query.terms) {
        (term.excluded ? notWords : words) << phrase(term.text, term.prefix);
    }
    if (!words.isEmpty()) {
        result.wanted << column("text", words, " AND ");
    }
    if (!notWords.isEmpty()) {
        result.excluded << column("text", notWords, " OR ");
    }
    for (const SearchFilter& filter : query.filters) {
        QList<QByteArray>& side = filter.excluded ? result.excluded : result.wanted;
        if (filter.kind == SearchFilter::Kind::From) {
            side << column("author", {phrase(filter.value, false)}, "");
        } else if (filter.kind == SearchFilter::Kind::By) {
            side << column("checkpoint", {phrase(filter.value, true)}, "");
        }
    }
    return result;
}

}  // namespace

bool SearchQuery::hasWords() const {
    return std::any_of(terms.begin(), terms.end(), [](const SearchTerm& term) { return !term.excluded; });
}

bool SearchQuery::has(SearchFilter::Kind kind) const {
    return std::any_of(filters.begin(), filters.end(), [kind](const auto& filter) { return filter.kind == kind; });
}

SearchQuery parseSearch(QStringView text, LastWord last) {
    return Parser().parse(text, last);
}

QByteArray messageExpression(const SearchQuery& query) {
    const Expressions parts = expressionsOf(query);
    if (parts.wanted.isEmpty()) {
        return {};
    }
    QByteArray wanted = joined(parts.wanted, " AND ");
    if (!parts.excluded.isEmpty()) {
        wanted = '(' + wanted + ") NOT (" + joined(parts.excluded, " OR ") + ')';
    }
    return wanted;
}

QByteArray excludedExpression(const SearchQuery& query) {
    return joined(expressionsOf(query).excluded, " OR ");
}

QByteArray titleExpression(const SearchQuery& query) {
    QList<QByteArray> words;
    QList<QByteArray> notWords;
    for (const SearchTerm& term : query.terms) {
        (term.excluded ? notWords : words) << phrase(term.text, term.prefix);
    }
    if (words.isEmpty()) {
        return {};
    }
    const QByteArray wanted = joined(words, " AND ");
    return notWords.isEmpty() ? wanted : '(' + wanted + ") NOT (" + joined(notWords, " OR ") + ')';
}

}  // namespace alcove
