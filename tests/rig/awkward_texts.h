// Texts of any size that are costly to split, to parse or to lay out, or that try to look otherwise than they are.
#pragma once

#include <algorithm>

#include <QtCore/QList>
#include <QtCore/QString>

namespace alcove {

struct AwkwardText {
    const char* name;
    QString (*make)(qsizetype characters);  // a text of about that size
};

// `characters` long, or a little more.
inline QString repeated(const QString& unit, qsizetype characters) {
    return unit.repeated(characters / unit.size() + 1);
}

[[nodiscard]] inline const QList<AwkwardText>& awkwardTexts() {
    static const auto times = [](qsizetype characters, const char16_t* unit) {
        return repeated(QString::fromUtf16(unit), characters);
    };
    static const auto wideTable = [](qsizetype characters) {
        const qsizetype columns = characters / 8;
        const QString row = u"|a"_qs.repeated(columns) + u"|\n"_qs;
        return row + u"|---"_qs.repeated(columns) + u"|\n"_qs + row;
    };
    static const auto quotesInQuotes = [](qsizetype characters) {
        return repeated(u"> "_qs.repeated(std::min<qsizetype>(200, characters / 4)) + u"deep\n"_qs, characters);
    };
    static const auto listsInLists = [](qsizetype characters) {
        QString lists;
        for (int depth = 0; lists.size() < characters; depth = (depth + 1) % 100) {
            lists += u"  "_qs.repeated(depth) + u"- item\n"_qs;
        }
        return lists;
    };
    static const QList<AwkwardText> texts = {
        {"less-than signs", [](qsizetype n) { return times(n, u"<"); }},
        {"line breaks of HTML", [](qsizetype n) { return times(n, u"<br>"); }},
        {"tags", [](qsizetype n) { return times(n, u"<b>x</b> "); }},
        {"one word", [](qsizetype n) { return times(n, u"w"); }},
        {"words on one line", [](qsizetype n) { return times(n, u"word "); }},
        {"sentences", [](qsizetype n) { return times(n, u"A sentence of some words, as people write them. "); }},
        {"lines", [](qsizetype n) { return times(n, u"A line of some words\n"); }},
        {"empty lines", [](qsizetype n) { return times(n, u"\n"); }},
        {"spaces", [](qsizetype n) { return times(n, u" "); }},
        {"paragraphs of one letter", [](qsizetype n) { return times(n, u"a\n\n"); }},
        {"items of one letter", [](qsizetype n) { return times(n, u"- a\n"); }},
        {"items with space between", [](qsizetype n) { return times(n, u"- a\n\n"); }},
        {"quotes in quotes", [](qsizetype n) { return quotesInQuotes(n); }},
        {"lists in lists", [](qsizetype n) { return listsInLists(n); }},
        {"quote signs", [](qsizetype n) { return times(n, u">"); }},
        {"one code block", [](qsizetype n) { return u"```c\n"_qs + times(n, u"int a = b[c] + (d << 3);\n"); }},
        {"code on one line", [](qsizetype n) { return u"```js\n"_qs + times(n, u"f(x);"); }},
        {"code of empty lines", [](qsizetype n) { return u"```\n"_qs + times(n, u"\n") + u"x"_qs; }},
        {"code blocks of one letter", [](qsizetype n) { return times(n, u"```\nx\n```\n"); }},
        {"fences", [](qsizetype n) { return times(n, u"```\n"); }},
        {"indented code", [](qsizetype n) { return times(n, u"    x\n"); }},
        {"emphasis", [](qsizetype n) { return times(n, u"*a* "); }},
        {"emphasis markers", [](qsizetype n) { return times(n, u"*"); }},
        {"mixed markers", [](qsizetype n) { return times(n, u"*_~`"); }},
        {"opening brackets", [](qsizetype n) { return times(n, u"["); }},
        {"images in images", [](qsizetype n) { return times(n, u"!["); }},
        {"links", [](qsizetype n) { return times(n, u"[a](https://example.org/b) "); }},
        {"addresses", [](qsizetype n) { return times(n, u"https://example.org/b "); }},
        {"unclosed links", [](qsizetype n) { return times(n, u"[a]("); }},
        {"references", [](qsizetype n) { return times(n, u"[a]: b\n"); }},
        {"backticks", [](qsizetype n) { return times(n, u"`a``"); }},
        {"entities", [](qsizetype n) { return times(n, u"&lt;&#8238;"); }},
        {"backslashes", [](qsizetype n) { return times(n, u"\\"); }},
        {"headings", [](qsizetype n) { return times(n, u"# a\n"); }},
        {"rules", [](qsizetype n) { return times(n, u"---\n\n"); }},
        {"a very wide table", [](qsizetype n) { return wideTable(n); }},
        {"a very long table", [](qsizetype n) { return u"|a|b|\n|---|---|\n"_qs + times(n, u"|c|d|\n"); }},
        {"tables", [](qsizetype n) { return times(n, u"|a|b|\n|---|---|\n|c|d|\n\n"); }},
        {"combining marks", [](qsizetype n) { return u"a"_qs + times(n, u"\u0301\u0323"); }},
        {"letters with marks", [](qsizetype n) { return times(n, u"a\u0301\u0302\u0303\u0304\u0305"); }},
        {"right to left", [](qsizetype n) { return times(n, u"\u05d0\u05d1\u05d2 "); }},
        {"both directions", [](qsizetype n) { return times(n, u"a\u05d0"); }},
        {"directions in directions", [](qsizetype n) { return times(n, u"\u202ea\u2066\u05d0"); }},
        {"zero width spaces", [](qsizetype n) { return times(n, u"\u200b"); }},
        {"zero width spaces between letters", [](qsizetype n) { return times(n, u"a\u200b"); }},
        {"joiners", [](qsizetype n) { return times(n, u"\U0001f468\u200d"); }},
        {"emoji", [](qsizetype n) { return times(n, u"\U0001f642\ufe0f"); }},
        {"tags of Unicode", [](qsizetype n) { return times(n, u"\U000e0041"); }},
        {"half characters", [](qsizetype n) { return repeated(QString(QChar(0xd83d)), n); }},
        {"null characters", [](qsizetype n) { return QString(n, QChar(u'\0')); }},
        {"object replacements", [](qsizetype n) { return times(n, u"\ufffc"); }},
        {"paragraph separators", [](qsizetype n) { return times(n, u"a\u2029"); }},
        {"line separators", [](qsizetype n) { return times(n, u"a\u2028"); }},
        {"carriage returns", [](qsizetype n) { return times(n, u"a\r"); }},
        {"next lines", [](qsizetype n) { return times(n, u"a\u0085"); }},
        {"tabs", [](qsizetype n) { return times(n, u"\t"); }},
        {"Chinese", [](qsizetype n) { return times(n, u"\u6c49\u5b57"); }},
        {"Thai", [](qsizetype n) { return times(n, u"\u0e01\u0e33"); }},
        {"Arabic", [](qsizetype n) { return times(n, u"\u0627\u0644\u0639"); }},
    };
    return texts;
}

}  // namespace alcove
