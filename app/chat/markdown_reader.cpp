#include "app/chat/markdown_reader.h"

#include <algorithm>
#include <utility>

#include <QtCore/QHash>
#include <QtCore/QStringDecoder>
#include <md4c.h>

#include "app/chat/visible_characters.h"
#include "app/chat/web_address.h"

namespace alcove {

namespace {

// The splitter has found indented code, so that an indentation is that of a list.
constexpr unsigned kMarkdownFlags = MD_DIALECT_GITHUB | MD_FLAG_NOHTML | MD_FLAG_NOINDENTEDCODEBLOCKS;

constexpr int kStop = -1;  // the parser ends at negative values alone

// Those that texts are likely to have; others are shown as they were written.
QString entity(QStringView written) {
    static const QHash<QString, char32_t> kNames = {
        {"amp", U'&'},      {"lt", U'<'},      {"gt", U'>'},       {"quot", U'"'},    {"apos", U'\''},
        {"nbsp", 0xA0},     {"copy", 0xA9},    {"reg", 0xAE},      {"deg", 0xB0},     {"plusmn", 0xB1},
        {"middot", 0xB7},   {"times", 0xD7},   {"divide", 0xF7},   {"laquo", 0xAB},   {"raquo", 0xBB},
        {"euro", 0x20AC},   {"pound", 0xA3},   {"yen", 0xA5},      {"cent", 0xA2},    {"sect", 0xA7},
        {"para", 0xB6},     {"trade", 0x2122}, {"hellip", 0x2026}, {"ndash", 0x2013}, {"mdash", 0x2014},
        {"lsquo", 0x2018},  {"rsquo", 0x2019}, {"ldquo", 0x201C},  {"rdquo", 0x201D}, {"bull", 0x2022},
        {"larr", 0x2190},   {"uarr", 0x2191},  {"rarr", 0x2192},   {"darr", 0x2193},  {"harr", 0x2194},
        {"ne", 0x2260},     {"le", 0x2264},    {"ge", 0x2265},     {"asymp", 0x2248}, {"infin", 0x221E},
        {"minus", 0x2212},  {"radic", 0x221A}, {"sum", 0x2211},    {"prod", 0x220F},  {"int", 0x222B},
        {"alpha", 0x03B1},  {"beta", 0x03B2},  {"gamma", 0x03B3},  {"delta", 0x03B4}, {"pi", 0x03C0},
        {"lambda", 0x03BB}, {"mu", 0x03BC},    {"sigma", 0x03C3},  {"omega", 0x03C9}, {"Omega", 0x03A9},
        {"frac12", 0xBD},   {"frac14", 0xBC},  {"frac34", 0xBE},   {"lbrace", U'{'},  {"rbrace", U'}'},
        {"lsqb", U'['},     {"rsqb", U']'},    {"vert", U'|'},     {"ast", U'*'},     {"num", U'#'},
        {"lowbar", U'_'},   {"grave", U'`'},   {"bsol", U'\\'},    {"sol", U'/'},     {"excl", U'!'},
    };
    constexpr char32_t kLastCharacter = 0x10FFFF;
    constexpr char32_t kReplacement = 0xFFFD;
    const QStringView name = written.mid(1, written.size() - 2);
    if (name.startsWith(u'#')) {
        const bool hexadecimal = name.size() > 1 && (name[1] == u'x' || name[1] == u'X');
        bool fits = false;
        const char32_t number = name.mid(hexadecimal ? 2 : 1).toUInt(&fits, hexadecimal ? 16 : 10);
        const bool character = fits && number > 0 && number <= kLastCharacter && !QChar::isSurrogate(number);
        const char32_t shown = character ? number : kReplacement;
        return QString::fromUcs4(&shown, 1);
    }
    const auto found = kNames.constFind(name.toString());
    return found == kNames.constEnd() ? written.toString() : QString::fromUcs4(&*found, 1);
}

// A byte order mark is a character like others here.
QString textOf(const MD_CHAR* text, MD_SIZE size) {
    QStringDecoder decoder(QStringDecoder::Utf8, QStringDecoder::Flag::ConvertInitialBom);
    return decoder(QByteArrayView(text, static_cast<qsizetype>(size)));
}

QString textOf(const MD_ATTRIBUTE& attribute) {
    QString result;
    for (int i = 0; attribute.size > 0 && attribute.substr_offsets[i] < attribute.size; ++i) {
        const MD_OFFSET from = attribute.substr_offsets[i];
        const QString part = textOf(attribute.text + from, attribute.substr_offsets[i + 1] - from);
        result += attribute.substr_types[i] == MD_TEXT_ENTITY ? entity(part) : part;
    }
    return result;
}

Qt::Alignment alignmentOf(MD_ALIGN align) {
    switch (align) {
        case MD_ALIGN_CENTER:
            return Qt::AlignHCenter;
        case MD_ALIGN_RIGHT:
            return Qt::AlignRight;
        default:
            return {};
    }
}

// Follows the parser. Its functions return false where drawing would cost too much, which ends the parsing.
class MarkdownReader {
public:
    // Nothing: it costs too much.
    static StyledText read(const QString& markdown) {
        MD_PARSER parser = {};
        parser.flags = kMarkdownFlags;
        parser.enter_block = [](MD_BLOCKTYPE type, void* detail, void* reader) {
            return self(reader).enterBlock(type, detail) ? 0 : kStop;
        };
        parser.leave_block = [](MD_BLOCKTYPE type, void*, void* reader) {
            self(reader).leaveBlock(type);
            return 0;
        };
        parser.enter_span = [](MD_SPANTYPE type, void* detail, void* reader) {
            self(reader).enterSpan(type, detail);
            return 0;
        };
        parser.leave_span = [](MD_SPANTYPE, void*, void* reader) {
            self(reader).leaveSpan();
            return 0;
        };
        parser.text = [](MD_TEXTTYPE type, const MD_CHAR* text, MD_SIZE size, void* reader) {
            return self(reader).text(type, text, size) ? 0 : kStop;
        };
        MarkdownReader reader;
        const QByteArray utf8 = markdown.toUtf8();
        const bool done = md_parse(utf8.constData(), static_cast<MD_SIZE>(utf8.size()), &parser, &reader) == 0;
        return done ? reader.m_text : StyledText();
    }

private:
    struct List {
        bool ordered = false;
        unsigned number = 0;  // of the next item
        QChar delimiter;
    };
    struct Span {
        TextRun before;      // the look outside of it
        qsizetype runs = 0;  // there were before it
        QString target;      // of a link that is none, or an image
        bool image = false;
    };

    static MarkdownReader& self(void* reader) { return *static_cast<MarkdownReader*>(reader); }

    bool enterBlock(MD_BLOCKTYPE type, void* detail) {
        switch (type) {
            case MD_BLOCK_QUOTE:
                end();
                ++m_quoteDepth;
                break;
            case MD_BLOCK_UL:
                end();
                m_lists.append(List{});
                break;
            case MD_BLOCK_OL: {
                end();
                const auto* list = static_cast<MD_BLOCK_OL_DETAIL*>(detail);
                m_lists.append({true, list->start, QChar::fromLatin1(list->mark_delimiter)});
                break;
            }
            case MD_BLOCK_LI:
                end();
                m_marker = markerOf(*static_cast<MD_BLOCK_LI_DETAIL*>(detail));
                break;
            case MD_BLOCK_HR:
                begin();
                m_paragraph.rule = true;
                end();
                break;
            case MD_BLOCK_H:
                begin();
                m_paragraph.heading = static_cast<int>(static_cast<MD_BLOCK_H_DETAIL*>(detail)->level);
                break;
            case MD_BLOCK_CODE:
                begin();
                m_like.style |= TextRun::Code;
                m_inCode = true;
                break;
            case MD_BLOCK_P:
                begin();
                break;
            case MD_BLOCK_TABLE: {
                end();
                const auto* table = static_cast<MD_BLOCK_TABLE_DETAIL*>(detail);
                if (static_cast<qsizetype>(table->col_count) * (table->body_row_count + table->head_row_count) >
                    kCells) {
                    return false;
                }
                m_table = Table{.columns = static_cast<int>(table->col_count), .cells = {}};
                break;
            }
            case MD_BLOCK_TH:
            case MD_BLOCK_TD:
                m_table.cells.append({.runs = {},
                                      .alignment = alignmentOf(static_cast<MD_BLOCK_TD_DETAIL*>(detail)->align),
                                      .head = type == MD_BLOCK_TH});
                m_inCell = true;
                break;
            default:
                break;
        }
        return m_text.size() + m_runsEnded + m_table.cells.size() <= kRuns;
    }

    void leaveBlock(MD_BLOCKTYPE type) {
        switch (type) {
            case MD_BLOCK_QUOTE:
                end();
                --m_quoteDepth;
                break;
            case MD_BLOCK_UL:
            case MD_BLOCK_OL:
                end();
                m_lists.removeLast();
                break;
            case MD_BLOCK_LI:
                if (!m_marker.isEmpty()) {
                    begin();  // an empty item
                }
                end();
                break;
            case MD_BLOCK_CODE:
                m_like.style &= ~TextRun::Code;
                m_inCode = false;
                if (!m_paragraph.runs.isEmpty() && m_paragraph.runs.last().text.endsWith(QChar::LineSeparator)) {
                    m_paragraph.runs.last().text.chop(1);
                }
                end();
                break;
            case MD_BLOCK_P:
            case MD_BLOCK_H:
                end();
                break;
            case MD_BLOCK_TABLE:
                m_text.append(std::exchange(m_table, {}));
                break;
            case MD_BLOCK_TH:
            case MD_BLOCK_TD:
                m_runsEnded += m_table.cells.last().runs.size();
                m_inCell = false;
                break;
            default:
                break;
        }
    }

    void enterSpan(MD_SPANTYPE type, void* detail) {
        TextRuns& now = runs();
        Span span = {.before = m_like, .runs = now.size(), .target = {}};
        switch (type) {
            case MD_SPAN_STRONG:
                m_like.style |= TextRun::Strong;
                break;
            case MD_SPAN_EM:
                m_like.style |= TextRun::Emphasis;
                break;
            case MD_SPAN_DEL:
                m_like.style |= TextRun::Struck;
                break;
            case MD_SPAN_CODE:
                m_like.style |= TextRun::Code;
                break;
            case MD_SPAN_A: {
                const QString written = textOf(static_cast<MD_SPAN_A_DETAIL*>(detail)->href);
                const QString address = webAddress(written);
                if (m_like.target.isEmpty()) {
                    m_like.target = address;
                }
                if (address.isEmpty()) {
                    span.target = written;
                    now.append({{}, m_like.style, m_like.target});
                }
                break;
            }
            case MD_SPAN_IMG:
                span.image = true;
                span.target = textOf(static_cast<MD_SPAN_IMG_DETAIL*>(detail)->src);
                now.append({{}, m_like.style, m_like.target});
                break;
            default:
                break;
        }
        m_spans.append(span);
    }

    void leaveSpan() {
        const Span span = m_spans.takeLast();
        TextRuns& now = runs();
        if (span.image || !span.target.isEmpty()) {
            QString shown;
            for (qsizetype i = span.runs; !span.image && i < now.size(); ++i) {
                shown += now[i].text;
            }
            if (span.image || shown != span.target) {
                now[span.runs].text.prepend(span.image ? QStringLiteral("![") : QStringLiteral("["));
                appendVisible(now, QStringLiteral("](%1)").arg(span.target), Reading::Code, m_like);
            }
        }
        m_like = span.before;
    }

    bool text(MD_TEXTTYPE type, const MD_CHAR* text, MD_SIZE size) {
        TextRuns& now = runs();
        const Reading reading = (m_like.style & TextRun::Code) != 0 ? Reading::Code : Reading::Prose;
        switch (type) {
            case MD_TEXT_NULLCHAR:
                appendVisible(now, QString(QChar(QChar::Null)), reading, m_like);
                break;
            case MD_TEXT_BR:
                appendVisible(now, u"\n", reading, m_like);
                break;
            case MD_TEXT_SOFTBR:
                appendVisible(now, u" ", reading, m_like);
                break;
            case MD_TEXT_ENTITY:
                appendVisible(now, entity(textOf(text, size)), reading, m_like);
                break;
            default:
                appendVisible(now, textOf(text, size), reading, m_like);
                break;
        }
        return m_runsEnded + now.size() <= kRuns;
    }

    // Where text goes.
    TextRuns& runs() {
        if (m_inCell) {
            return m_table.cells.last().runs;
        }
        if (!m_inParagraph) {
            begin();  // an item of a list without space between items has no paragraph
        }
        return m_paragraph.runs;
    }

    void begin() {
        end();
        m_inParagraph = true;
        m_paragraph = {};
        m_paragraph.quoteDepth = std::min(m_quoteDepth, kDepth);
        m_paragraph.listDepth = std::min(static_cast<int>(m_lists.size()), kDepth);
        m_paragraph.marker = std::exchange(m_marker, {});
    }

    void end() {
        if (std::exchange(m_inParagraph, false)) {
            m_runsEnded += m_paragraph.runs.size();
            m_text.append(std::exchange(m_paragraph, {}));
        }
    }

    QString markerOf(const MD_BLOCK_LI_DETAIL& item) {
        List& list = m_lists.last();
        if (item.is_task != 0) {
            return item.task_mark == ' ' ? QStringLiteral("☐") : QStringLiteral("✓");
        }
        return list.ordered ? QString::number(list.number++) + list.delimiter : QStringLiteral("•");
    }

    StyledText m_text;
    Paragraph m_paragraph;
    Table m_table;
    bool m_inParagraph = false;
    bool m_inCell = false;
    bool m_inCode = false;
    QString m_marker;  // of the item that begins
    int m_quoteDepth = 0;
    QList<List> m_lists;
    QList<Span> m_spans;
    TextRun m_like;             // the look of what comes
    qsizetype m_runsEnded = 0;  // in paragraphs and cells that are whole
};

StyledText asWritten(const QString& text, Reading reading, int style) {
    Paragraph paragraph;
    appendVisible(paragraph.runs, text, reading, {{}, style, {}});
    return {paragraph};
}

}  // namespace

StyledText styledMarkdown(const QString& markdown) {
    StyledText text = MarkdownReader::read(markdown);
    return text.isEmpty() ? styledPlain(markdown) : text;
}

StyledText styledPlain(const QString& text) {
    return asWritten(text, Reading::Prose, TextRun::Plain);
}

StyledText styledCode(const QString& text) {
    return asWritten(text, Reading::Code, TextRun::Code);
}

}  // namespace alcove
