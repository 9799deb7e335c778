#include "app/transfer/open_webui.h"

#include <algorithm>
#include <vector>

#include "app/transfer/import_texts.h"
#include "app/transfer/message_forest.h"

namespace alcove {
namespace {

const JsonValue& openWebuiChat(const JsonValue& item) {
    const JsonValue* const chat = memberOf(item, "chat");
    return chat != nullptr && chat->is_object() ? *chat : item;
}

// Takes <details type="reasoning" …><summary>…</summary> … </details> out of the beginning of `text`.
QString takeReasoning(QString& text) {
    static const QString kOpen = QStringLiteral("<details type=\"reasoning\"");
    static const QString kClose = QStringLiteral("</details>");
    QString thoughts;
    while (text.trimmed().startsWith(kOpen)) {
        const qsizetype begin = text.indexOf(kOpen);
        const qsizetype inner = text.indexOf(u'>', begin);
        const qsizetype end = text.indexOf(kClose, begin);
        if (inner < 0 || end < inner) {
            break;
        }
        QString block = text.mid(inner + 1, end - inner - 1).trimmed();
        const QString summaryEnd = QStringLiteral("</summary>");
        if (block.startsWith(QLatin1String("<summary>")) && block.contains(summaryEnd)) {
            block.remove(0, block.indexOf(summaryEnd) + summaryEnd.size());
        }
        QStringList lines = block.trimmed().split(u'\n');
        for (QString& line : lines) {
            line = line.startsWith(QLatin1String("> "))      ? line.mid(2)
                   : line.startsWith(QLatin1String("&gt; ")) ? line.mid(5)
                                                             : line;
        }
        appendPart(thoughts, lines.join(u'\n'));
        text = text.mid(end + kClose.size()).trimmed();
    }
    return thoughts;
}

QString openWebuiContent(const JsonValue& message) {
    const JsonValue* const content = memberOf(message, "content");
    QString text;
    if (content != nullptr && content->is_array()) {
        for (const JsonValue& part : *content) {
            const bool image = textIn(part, "type").startsWith(QLatin1String("image"));
            appendPart(text, image ? attachmentLine(QStringLiteral("Image"), {}) : textIn(part, "text"));
        }
    } else if (content != nullptr) {
        text = asText(*content);
    }
    for (const JsonValue& file : arrayIn(message, "files")) {
        const bool image = textIn(file, "type") == QLatin1String("image");
        appendPart(text,
                   attachmentLine(image ? QStringLiteral("Image") : QStringLiteral("File"), textIn(file, "name")));
    }
    return text;
}

class OpenWebuiReader {
public:
    OpenWebuiReader(const JsonValue& item, const Where& where, ConversationSink& sink)
        : m_item(item), m_chat(openWebuiChat(item)), m_where(where), m_sink(sink) {}

    void read() {
        const JsonValue& history = objectIn(m_chat, "history");
        const JsonValue& all = objectIn(history, "messages");
        std::vector<ForeignMessage> messages;
        QString leaf = textIn(history, "currentId");
        if (all.empty()) {  // a list alone
            QString before;
            for (const JsonValue& message : arrayIn(m_chat, "messages")) {
                QString id = textIn(message, "id");
                id = id.isEmpty() ? QString::number(messages.size()) : id;
                messages.push_back(messageOf(id, message));
                messages.back().message.parentId = before;
                messages.back().children.clear();
                before = id;
            }
            leaf = leaf.isEmpty() ? before : leaf;
        }
        for (const auto& [id, message] : all.items()) {
            messages.push_back(messageOf(QString::fromStdString(id), message));
        }
        // The map has no order; siblings that their parent does not name come by their times.
        std::stable_sort(messages.begin(), messages.end(), [](const ForeignMessage& a, const ForeignMessage& b) {
            return a.message.createdAt.isValid() && b.message.createdAt.isValid() &&
                   a.message.createdAt < b.message.createdAt;
        });
        ConversationRecord record;
        record.title = textIn(m_chat, "title");
        record.title = record.title.isEmpty() ? textIn(m_item, "title") : record.title;
        record.createdAt = secondsIn(m_item, "created_at");
        record.updatedAt = secondsIn(m_item, "updated_at");
        if (!record.createdAt.isValid()) {
            record.createdAt = millisecondsIn(m_chat, "timestamp");
        }
        if (flagIn(m_item, "pinned")) {
            record.pinnedAt = record.updatedAt;
        }
        if (flagIn(m_item, "archived")) {
            record.archivedAt = record.updatedAt;
        }
        record.settings.systemPrompt = textIn(m_chat, "system");
        if (record.settings.systemPrompt.isEmpty()) {
            record.settings.systemPrompt = textIn(objectIn(m_chat, "params"), "system");
        }
        if (record.settings.systemPrompt.isEmpty()) {
            record.settings.systemPrompt = m_systemPrompt;
        }
        plantMessages(std::move(messages), leaf, record);
        QString id = textIn(m_item, "id");
        id = id.isEmpty() ? textIn(m_chat, "id") : id;
        if (id.isEmpty()) {
            id = nameByContent(record.createdAt.toString(Qt::ISODateWithMs),
                               record.messages.isEmpty() ? record.title : record.messages.first().id);
        }
        record.source = QStringLiteral("openwebui:") + id;
        if (m_toolOutputs > 0) {
            m_sink.passOver(m_where, ImportText::tr("Outputs of tools are left out: %1.").arg(m_toolOutputs), false);
        }
        m_sink.take(std::move(record), m_where);
    }

private:
    ForeignMessage messageOf(const QString& id, const JsonValue& message) {
        ForeignMessage one;
        one.message.id = id;
        one.message.parentId = textIn(message, "parentId");
        for (const JsonValue& child : arrayIn(message, "childrenIds")) {
            one.children.push_back(asText(child));
        }
        one.message.createdAt = secondsIn(message, "timestamp");
        QString text = openWebuiContent(message);
        const QString role = textIn(message, "role");
        one.shown = false;
        if (role == QLatin1String("system")) {
            m_systemPrompt = m_systemPrompt.isEmpty() ? text.trimmed() : m_systemPrompt;
        } else if (role == QLatin1String("user")) {
            one.shown = !text.trimmed().isEmpty();
        } else if (role == QLatin1String("assistant")) {
            one.message.author = Author::Assistant;
            one.thoughts = takeReasoning(text);
            one.shown = !text.trimmed().isEmpty();
            one.message.settings.checkpointName = textIn(message, "model");
            const JsonValue* const done = memberOf(message, "done");
            one.message.status = done != nullptr && done->is_boolean() && !done->get<bool>()
                                     ? MessageStatus::Interrupted
                                     : MessageStatus::Complete;
        } else {
            m_toolOutputs += text.isEmpty() ? 0 : 1;
        }
        one.message.text = text;
        return one;
    }

    const JsonValue& m_item;
    const JsonValue& m_chat;
    const Where& m_where;
    ConversationSink& m_sink;
    QString m_systemPrompt;
    int m_toolOutputs = 0;
};

}  // namespace

bool isOpenWebui(const JsonValue& item) {
    const JsonValue& chat = openWebuiChat(item);
    const JsonValue* const messages = memberOf(objectIn(chat, "history"), "messages");
    const bool wrapped = &chat != &item && !arrayIn(chat, "messages").empty();
    return (messages != nullptr && messages->is_object()) || wrapped;
}

void readOpenWebui(const JsonValue& item, const Where& where, ConversationSink& sink) {
    OpenWebuiReader(item, where, sink).read();
}

}  // namespace alcove
