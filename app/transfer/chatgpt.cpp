#include "app/transfer/chatgpt.h"

#include <vector>

#include "app/transfer/import_texts.h"
#include "app/transfer/message_forest.h"

namespace alcove {
namespace {

struct ChatGptContent {
    QString text;
    QString thoughts;
    bool known = true;
};

QString chatGptPart(const JsonValue& part) {
    if (part.is_string()) {
        return asText(part);
    }
    const QString type = textIn(part, "content_type");
    if (type == QLatin1String("audio_transcription")) {
        return textIn(part, "text");
    }
    QString name = textIn(part, "asset_pointer");
    name.remove(0, name.indexOf(QLatin1String("://")) + (name.contains(QLatin1String("://")) ? 3 : 1));
    if (type.startsWith(QLatin1String("image"))) {
        return attachmentLine(QStringLiteral("Image"), name);
    }
    if (type.contains(QLatin1String("audio"))) {
        return attachmentLine(QStringLiteral("Audio"), name);
    }
    if (type.contains(QLatin1String("video"))) {
        return attachmentLine(QStringLiteral("Video"), name);
    }
    return part.is_object() ? attachmentLine(QStringLiteral("Attachment"), name.isEmpty() ? type : name) : QString();
}

ChatGptContent chatGptContent(const JsonValue& content) {
    ChatGptContent result;
    const QString type = textIn(content, "content_type");
    if (type == QLatin1String("code")) {
        const QString language = textIn(content, "language");
        const QString code = textIn(content, "text");
        if (!code.trimmed().isEmpty()) {
            result.text = fenced(code, language == QLatin1String("unknown") ? QString() : language.simplified());
        }
    } else if (type == QLatin1String("thoughts")) {
        for (const JsonValue& thought : arrayIn(content, "thoughts")) {
            const QString summary = textIn(thought, "summary");
            appendPart(result.thoughts, summary.isEmpty() ? QString() : QStringLiteral("**%1**").arg(summary));
            appendPart(result.thoughts, textIn(thought, "content"));
        }
    } else if (type == QLatin1String("reasoning_recap")) {
        result.thoughts = textIn(content, "content");
    } else if (!type.endsWith(QLatin1String("_editable_context"))) {
        for (const JsonValue& part : arrayIn(content, "parts")) {
            const QString text = chatGptPart(part);
            result.text += text.isEmpty() || result.text.isEmpty() ? text : u'\n' + text;
        }
        if (result.text.isEmpty()) {
            result.text = textIn(content, "text");
        }
        result.known = !result.text.isEmpty() || type.isEmpty() || type == QLatin1String("text") ||
                       type == QLatin1String("multimodal_text");
    }
    return result;
}

class ChatGptReader {
public:
    ChatGptReader(const JsonValue& item, const Where& where, ConversationSink& sink)
        : m_item(item), m_where(where), m_sink(sink) {}

    void read() {
        const JsonValue& mapping = objectIn(m_item, "mapping");
        std::vector<ForeignMessage> messages;
        messages.reserve(mapping.size());
        for (const auto& [id, node] : mapping.items()) {
            messages.push_back(messageOf(QString::fromStdString(id), node));
        }
        ConversationRecord record;
        record.title = textIn(m_item, "title");
        record.createdAt = secondsIn(m_item, "create_time");
        record.updatedAt = secondsIn(m_item, "update_time");
        record.settings.systemPrompt = m_systemPrompt;
        if (flagIn(m_item, "is_archived")) {
            record.archivedAt = record.updatedAt.isValid() ? record.updatedAt : record.createdAt;
        }
        if (flagIn(m_item, "is_starred")) {
            record.pinnedAt = record.updatedAt.isValid() ? record.updatedAt : record.createdAt;
        }
        QString id = textIn(m_item, "conversation_id");
        id = id.isEmpty() ? textIn(m_item, "id") : id;
        if (id.isEmpty()) {
            id = nameByContent(record.title + record.createdAt.toString(Qt::ISODateWithMs),
                               mapping.empty() ? QString() : QString::fromStdString(mapping.begin().key()));
        }
        record.source = QStringLiteral("chatgpt:") + id;
        plantMessages(std::move(messages), textIn(m_item, "current_node"), record);
        if (m_toolOutputs > 0) {
            m_sink.passOver(m_where, ImportText::tr("Outputs of tools are left out: %1.").arg(m_toolOutputs), false);
        }
        if (m_unknown > 0) {
            m_sink.passOver(m_where, ImportText::tr("Messages of an unknown kind are left out: %1.").arg(m_unknown),
                            false);
        }
        m_sink.take(std::move(record), m_where);
    }

private:
    ForeignMessage messageOf(const QString& id, const JsonValue& node) {
        ForeignMessage result;
        result.message.id = id;
        result.message.parentId = textIn(node, "parent");
        for (const JsonValue& child : arrayIn(node, "children")) {
            result.children.push_back(asText(child));
        }
        result.shown = false;
        const JsonValue& message = objectIn(node, "message");
        if (message.empty()) {
            return result;
        }
        const QString role = textIn(objectIn(message, "author"), "role");
        const JsonValue& metadata = objectIn(message, "metadata");
        ChatGptContent content = chatGptContent(objectIn(message, "content"));
        if (flagIn(metadata, "is_visually_hidden_from_conversation")) {
            return result;
        }
        if (role == QLatin1String("system")) {
            m_systemPrompt = m_systemPrompt.isEmpty() ? content.text.trimmed() : m_systemPrompt;
            return result;
        }
        if (role == QLatin1String("tool")) {
            m_toolOutputs += content.text.isEmpty() ? 0 : 1;
            return result;
        }
        const bool isReply = role == QLatin1String("assistant");
        if (!isReply && role != QLatin1String("user")) {
            ++m_unknown;
            return result;
        }
        if (!isReply) {
            addAttachments(metadata, content.text);
        }
        m_unknown += content.known ? 0 : 1;
        result.thoughts = isReply ? content.thoughts : QString();
        result.shown = !content.text.trimmed().isEmpty();
        result.message.text = content.text;
        result.message.createdAt = secondsIn(message, "create_time");
        if (isReply) {
            addFacts(message, metadata, result.message);
        }
        return result;
    }

    static void addAttachments(const JsonValue& metadata, QString& text) {
        for (const JsonValue& attachment : arrayIn(metadata, "attachments")) {
            const QString name = textIn(attachment, "name");
            const QString id = textIn(attachment, "id");
            // Images are named among the parts.
            if (!name.isEmpty() && (id.isEmpty() || !text.contains(id))) {
                appendPart(text, attachmentLine(QStringLiteral("File"), name));
            }
        }
    }

    void addFacts(const JsonValue& message, const JsonValue& metadata, MessageRecord& reply) const {
        reply.author = Author::Assistant;
        reply.settings.checkpointName = textIn(metadata, "model_slug");
        if (reply.settings.checkpointName.isEmpty()) {
            reply.settings.checkpointName = textIn(m_item, "default_model_slug");
        }
        const QString status = textIn(message, "status");
        reply.status = status == QLatin1String("in_progress")                   ? MessageStatus::Interrupted
                       : status == QLatin1String("finished_partial_completion") ? MessageStatus::Stopped
                                                                                : MessageStatus::Complete;
        reply.statistics.stopReason = knownStopReason(textIn(objectIn(metadata, "finish_details"), "type"));
    }

    const JsonValue& m_item;
    const Where& m_where;
    ConversationSink& m_sink;
    QString m_systemPrompt;
    int m_toolOutputs = 0;
    int m_unknown = 0;
};

}  // namespace

bool isChatGpt(const JsonValue& item) {
    const JsonValue* const mapping = memberOf(item, "mapping");
    return mapping != nullptr && mapping->is_object();
}

void readChatGpt(const JsonValue& item, const Where& where, ConversationSink& sink) {
    ChatGptReader(item, where, sink).read();
}

}  // namespace alcove
