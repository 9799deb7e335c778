#include "app/chat/safe_markdown.h"

#include <QtCore/QRegularExpression>
#include <QtCore/QStringList>
#include <md4c.h>

namespace alcove {

namespace {

// What MarkdownText understands (Qt's MarkdownDialectGitHub).
constexpr unsigned kDialect = MD_DIALECT_GITHUB;

struct Findings {
    bool active = false;   // HTML or an image
    bool badLink = false;  // a link to something else than the web or an address
};

bool isSafeTarget(const QString& target) {
    static const QRegularExpression pattern("^(https?://|mailto:)", QRegularExpression::CaseInsensitiveOption);
    return pattern.match(target).hasMatch();
}

// Parses as Qt does and reports what would be dangerous.
Findings findingsIn(const QString& markdown) {
    Findings findings;
    MD_PARSER parser = {};
    parser.flags = kDialect;
    parser.enter_block = [](MD_BLOCKTYPE type, void*, void* data) {
        if (type == MD_BLOCK_HTML) {
            static_cast<Findings*>(data)->active = true;
        }
        return 0;
    };
    parser.leave_block = [](MD_BLOCKTYPE, void*, void*) { return 0; };
    parser.enter_span = [](MD_SPANTYPE type, void* detail, void* data) {
        auto& found = *static_cast<Findings*>(data);
        if (type == MD_SPAN_IMG) {
            found.active = true;
        } else if (type == MD_SPAN_A) {
            const MD_ATTRIBUTE& href = static_cast<MD_SPAN_A_DETAIL*>(detail)->href;
            if (!isSafeTarget(QString::fromUtf8(href.text, static_cast<qsizetype>(href.size)))) {
                found.badLink = true;
            }
        }
        return 0;
    };
    parser.leave_span = [](MD_SPANTYPE, void*, void*) { return 0; };
    parser.text = [](MD_TEXTTYPE type, const MD_CHAR*, MD_SIZE, void* data) {
        if (type == MD_TEXT_HTML) {
            static_cast<Findings*>(data)->active = true;
        }
        return 0;
    };
    const QByteArray utf8 = markdown.toUtf8();
    if (md_parse(utf8.constData(), static_cast<MD_SIZE>(utf8.size()), &parser, &findings) != 0) {
        findings.active = true;
    }
    return findings;
}

// Where the code span that the backticks at `start` open ends (one past), or -1: it is none.
qsizetype endOfCodeSpan(const QString& text, qsizetype start, qsizetype length) {
    static const QRegularExpression blankLine(R"(\n[ \t]*(\n|$))");
    const qsizetype paragraphEnd = text.indexOf(blankLine, start);
    const qsizetype limit = paragraphEnd < 0 ? text.size() : paragraphEnd;
    for (qsizetype i = start + length; i < limit;) {
        if (text[i] != u'`') {
            ++i;
            continue;
        }
        qsizetype run = 0;
        while (i + run < limit && text[i + run] == u'`') {
            ++run;
        }
        i += run;
        if (run == length) {
            return i;
        }
    }
    return -1;
}

// Escapes what begins HTML and images, and if asked what begins links, outside of code.
QString escaped(const QString& text, bool links) {
    static const QRegularExpression webLink(R"(\G<(https?://|mailto:)[^\s<>]+>)");
    QString result;
    result.reserve(text.size() + 16);
    for (qsizetype i = 0; i < text.size();) {
        const QChar character = text[i];
        if (character == u'\\' && i + 1 < text.size() && text[i + 1] != u'\n') {
            result += text.mid(i, 2);
            i += 2;
        } else if (character == u'`') {
            qsizetype run = 1;
            while (i + run < text.size() && text[i + run] == u'`') {
                ++run;
            }
            const qsizetype end = endOfCodeSpan(text, i, run);
            const qsizetype length = end < 0 ? run : end - i;
            result += text.mid(i, length);
            i += length;
        } else {
            const bool image = character == u'!' && i + 1 < text.size() && text[i + 1] == u'[';
            const bool tag = character == u'<' && (links || !webLink.match(text, i).hasMatch());
            const bool link = links && (character == u'[' || character == u']');
            if (image || tag || link) {
                result += u'\\';
            }
            result += character;
            ++i;
        }
    }
    return result;
}

// Everything as it was written: nothing is Markdown any more, lines stay lines.
QString literal(const QString& text) {
    QString result;
    for (const QString& line : text.split(u'\n')) {
        for (const QChar character : line.trimmed()) {
            if (character.unicode() < 0x80 && (character.isPunct() || character.isSymbol())) {
                result += u'\\';
            }
            result += character;
        }
        result += u"  \n";
    }
    return result.trimmed();
}

// Qt numbers every list from 1. One that goes on from an earlier block is written as plain lines.
QString withNumbersKept(const QString& text) {
    static const QRegularExpression item(R"(^( {0,3}\d{1,9})([.)])(?=\s))");
    const QRegularExpressionMatch first = item.match(text);
    if (!first.hasMatch() || first.captured(1).toInt() == 1) {
        return text;
    }
    QStringList lines = text.split(u'\n');
    for (qsizetype i = 0; i < lines.size(); ++i) {
        if (item.match(lines[i]).hasMatch()) {
            lines[i].replace(item, R"(\1\\2)");
            if (i > 0 && !lines[i - 1].trimmed().isEmpty()) {
                lines[i - 1] += "  ";
            }
        }
    }
    return lines.join(u'\n');
}

}  // namespace

QString safeMarkdown(const QString& markdown) {
    const QString text = withNumbersKept(markdown);
    for (const bool withoutLinks : {false, true}) {
        QString candidate = escaped(text, withoutLinks);
        const Findings findings = findingsIn(candidate);
        if (!findings.active && !findings.badLink) {
            return candidate;
        }
    }
    return literal(markdown);
}

}  // namespace alcove
