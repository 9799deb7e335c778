#include "app/transfer/export_text.h"

#include <algorithm>
#include <utility>

#include <QHash>

#include "app/transfer/message_forest.h"

namespace alcove {

QList<MessageRecord> shownPath(const ConversationRecord& record) {
    QHash<QString, qsizetype> places;
    for (qsizetype i = 0; i < record.messages.size(); ++i) {
        places.insert(record.messages[i].id, i);
    }
    QList<MessageRecord> path;
    qsizetype at = places.value(record.leafId, record.messages.size() - 1);
    while (at >= 0) {
        path << record.messages[at];
        const qsizetype parent = places.value(record.messages[at].parentId, -1);
        at = parent < at ? parent : -1;  // parents come before their children
    }
    std::reverse(path.begin(), path.end());
    return path;
}

ReplyParts partsOf(const QString& text) {
    qsizetype ticks = 0;
    while (ticks < text.size() && text[ticks] == u'`') {
        ++ticks;
    }
    const QString begin = text.left(ticks) + kThoughtsLanguage + u'\n';
    const QString end = u'\n' + text.left(ticks) + u'\n';
    const qsizetype at = ticks >= 3 && text.startsWith(begin) ? text.indexOf(end, begin.size() - 1) : -1;
    if (at < 0) {
        return {{}, text};
    }
    QString rest = text.mid(at + end.size());
    while (rest.startsWith(u'\n')) {
        rest.remove(0, 1);
    }
    return {text.mid(begin.size(), at - begin.size()), rest};
}

namespace {

QString authorOf(const MessageRecord& message) {
    if (message.author == Author::User) {
        return QStringLiteral("You");
    }
    return message.settings.checkpointName.isEmpty() ? QStringLiteral("Reply") : message.settings.checkpointName;
}

QString dayOf(const QDateTime& time) {
    return time.isValid() ? time.toLocalTime().toString(QStringLiteral("yyyy-MM-dd hh:mm")) : QString();
}

// On one line, and no markup.
QString plainMarkdown(const QString& text) {
    QString result;
    for (const QChar c : text.simplified()) {
        if (QStringLiteral("\\`*_{}[]<>#|~").contains(c)) {
            result += u'\\';
        }
        result += c;
    }
    return result;
}

QString quoted(const QString& text) {
    QString result = QStringLiteral("> ") + text;
    result.replace(u'\n', QStringLiteral("\n> "));
    return result;
}

// For a page: characters of markup, and those that are none in a page.
QString escaped(const QString& text) {
    constexpr char16_t kBlank = 0x20;
    constexpr char16_t kPictures = 0x2400;
    constexpr char16_t kDelete = 0x7F;
    QString result;
    result.reserve(text.size() + text.size() / 16);
    for (const QChar c : text) {
        switch (c.unicode()) {
            case u'&':
                result += QLatin1String("&amp;");
                break;
            case u'<':
                result += QLatin1String("&lt;");
                break;
            case u'>':
                result += QLatin1String("&gt;");
                break;
            case u'"':
                result += QLatin1String("&quot;");
                break;
            case u'\'':
                result += QLatin1String("&#39;");
                break;
            case u'\r':
                break;
            default:
                if (c.unicode() < kBlank && c != u'\n' && c != u'\t') {
                    result += QChar(kPictures + c.unicode());
                } else if (c.unicode() == kDelete) {
                    result += QChar(u'␡');
                } else if (c.isNonCharacter()) {
                    result += QChar(QChar::ReplacementCharacter);
                } else {
                    result += c;
                }
        }
    }
    return result;
}

// Paragraphs as they were written, and code between fences.
QString bodyOf(const QString& text) {
    QString html;
    QString part;
    QString fence;  // of the code that is open
    const auto close = [&html, &part](bool code) {
        if (!part.trimmed().isEmpty()) {
            html += code ? QStringLiteral("<pre><code>") + escaped(part) + QStringLiteral("</code></pre>\n")
                         : QStringLiteral("<p dir=\"auto\">") + escaped(part.trimmed()) + QStringLiteral("</p>\n");
        }
        part.clear();
    };
    for (const QString& line : text.split(u'\n')) {
        const QString trimmed = line.trimmed();
        const bool marks = trimmed.startsWith(QLatin1String("```")) || trimmed.startsWith(QLatin1String("~~~"));
        if (fence.isEmpty() && marks) {
            close(false);
            const auto end = std::find_if(trimmed.begin(), trimmed.end(), [&](QChar c) { return c != trimmed[0]; });
            fence = trimmed.left(end - trimmed.begin());
        } else if (!fence.isEmpty() && trimmed.startsWith(fence) &&
                   std::all_of(trimmed.begin(), trimmed.end(), [&](QChar c) { return c == fence[0]; })) {
            close(true);
            fence.clear();
        } else if (fence.isEmpty() && trimmed.isEmpty()) {
            close(false);
        } else {
            part += line + u'\n';
        }
    }
    close(!fence.isEmpty());
    return html;
}

constexpr const char* kStyle = R"(
:root{color-scheme:light dark}
body{font:16px/1.55 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem;color:#1d1d1f;background:#fff}
h1{font-size:1.6rem;line-height:1.25;margin:0 0 .25rem}
article+article{margin-top:4rem;break-before:page}
.about{color:#6b6b70;font-size:.875rem;margin:0 0 2rem}
section{margin:0 0 1.75rem}
h2{font-size:.875rem;margin:0 0 .25rem;break-after:avoid}
h2 time{font-weight:400;color:#6b6b70;margin-left:.5rem}
.you{background:#f3f3f5;border-radius:12px;padding:.75rem 1rem}
p{margin:0 0 .75rem;white-space:pre-wrap;overflow-wrap:anywhere;unicode-bidi:isolate}
p:last-child{margin-bottom:0}
pre{background:#f3f3f5;border-radius:8px;padding:.75rem 1rem;margin:0 0 .75rem;white-space:pre-wrap;overflow-wrap:anywhere;
font:14px/1.5 ui-monospace,monospace;unicode-bidi:isolate}
.you pre{background:#e7e7ea}
details{color:#6b6b70;font-size:.875rem;margin:0 0 .75rem}
@media(prefers-color-scheme:dark){body{color:#ececf1;background:#1b1b1d}.you,pre{background:#29292c}.you pre{background:#36363a}
.about,h2 time,details{color:#a1a1a6}}
@media print{body{margin:0;max-width:none;color:#000;background:#fff}.you,pre{background:none;border:1px solid #ccc}}
)";

}  // namespace

void MarkdownWriter::add(const ConversationRecord& conversation) {
    QString text = std::exchange(m_first, false) ? QString() : QStringLiteral("\n---\n\n");
    text += QStringLiteral("# ") + plainMarkdown(conversation.title) + QStringLiteral("\n\n");
    const QString day = dayOf(conversation.createdAt);
    text += day.isEmpty() ? QString() : QStringLiteral("*%1*\n\n").arg(day);
    if (!conversation.settings.systemPrompt.isEmpty()) {
        text += QStringLiteral("**System prompt**\n\n") + quoted(conversation.settings.systemPrompt) +
                QStringLiteral("\n\n");
    }
    m_write(text.toUtf8());
    for (const MessageRecord& message : shownPath(conversation)) {
        QString block = QStringLiteral("**%1**\n\n").arg(plainMarkdown(authorOf(message)));
        const ReplyParts parts = message.author == Author::User ? ReplyParts{{}, message.text} : partsOf(message.text);
        if (!parts.thoughts.isEmpty()) {
            block += quoted(QStringLiteral("*Thoughts*\n\n") + parts.thoughts) + QStringLiteral("\n\n");
        }
        block += parts.text;
        block += parts.text.endsWith(u'\n') ? QStringLiteral("\n") : QStringLiteral("\n\n");
        m_write(block.toUtf8());
    }
}

void HtmlWriter::begin(const QString& title) {
    m_write(QByteArrayLiteral("<!DOCTYPE html>\n<html>\n<head>\n<meta charset=\"utf-8\">\n"
                              "<meta http-equiv=\"Content-Security-Policy\" "
                              "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
                              "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>") +
            escaped(title.simplified()).toUtf8() + "</title>\n<style>" + kStyle + "</style>\n</head>\n<body>\n");
}

void HtmlWriter::add(const ConversationRecord& conversation) {
    QString head =
        QStringLiteral("<article>\n<h1 dir=\"auto\">") + escaped(conversation.title.simplified()) +
        QStringLiteral("</h1>\n<p class=\"about\">") +
        escaped((conversation.folder + QStringList{dayOf(conversation.createdAt)}).join(QStringLiteral(" · "))) +
        QStringLiteral("</p>\n");
    if (!conversation.settings.systemPrompt.isEmpty()) {
        head += QStringLiteral("<details><summary>System prompt</summary>\n") +
                bodyOf(conversation.settings.systemPrompt) + QStringLiteral("</details>\n");
    }
    m_write(head.toUtf8());
    for (const MessageRecord& message : shownPath(conversation)) {
        const bool mine = message.author == Author::User;
        QString block = mine ? QStringLiteral("<section class=\"you\">\n<h2>") : QStringLiteral("<section>\n<h2>");
        block += escaped(authorOf(message)) + QStringLiteral("<time>") + escaped(dayOf(message.createdAt)) +
                 QStringLiteral("</time></h2>\n");
        const ReplyParts parts = mine ? ReplyParts{{}, message.text} : partsOf(message.text);
        if (!parts.thoughts.isEmpty()) {
            block += QStringLiteral("<details><summary>Thoughts</summary>\n") + bodyOf(parts.thoughts) +
                     QStringLiteral("</details>\n");
        }
        block += bodyOf(parts.text) + QStringLiteral("</section>\n");
        m_write(block.toUtf8());
    }
    m_write(QByteArrayLiteral("</article>\n"));
}

void HtmlWriter::end() {
    m_write(QByteArrayLiteral("</body>\n</html>\n"));
}

}  // namespace alcove
