#include "app/transfer/llama_cpp.h"

#include <algorithm>
#include <vector>

#include "app/transfer/import_texts.h"
#include "app/transfer/message_forest.h"

namespace alcove {
namespace {

constexpr std::size_t kMostLineBytes = std::size_t{32} << 20U;
constexpr std::size_t kMostLines = 100000;
constexpr double kMostLlamaCpp = 1e9;  // of any figure
constexpr double kMilliseconds = 1000;

QString llamaCppExtra(const JsonValue& extra) {
    const QString type = textIn(extra, "type").toLower();
    const QString name = textIn(extra, "name");
    if (memberOf(extra, "base64Url") != nullptr || type.contains(QLatin1String("image"))) {
        return attachmentLine(QStringLiteral("Image"), name);
    }
    if (type.contains(QLatin1String("audio"))) {
        return attachmentLine(QStringLiteral("Audio"), name);
    }
    if (type.contains(QLatin1String("video"))) {
        return attachmentLine(QStringLiteral("Video"), name);
    }
    return attachedFile(name, textIn(extra, "content"));
}

void addTimings(const JsonValue& message, MessageRecord& reply) {
    const JsonValue& timings = objectIn(message, "timings");
    const auto number = [&timings](const char* key) { return std::clamp(numberIn(timings, key), 0.0, kMostLlamaCpp); };
    reply.settings.checkpointName = textIn(message, "model");
    reply.statistics.promptTokens = static_cast<int>(number("prompt_n"));
    reply.statistics.generatedTokens = static_cast<int>(number("predicted_n"));
    reply.statistics.prefillSeconds = number("prompt_ms") / kMilliseconds;
    const double milliseconds = number("predicted_ms");
    if (milliseconds > 0) {
        reply.statistics.tokensPerSecond = number("predicted_n") / milliseconds * kMilliseconds;
    }
}

void readLlamaCppConversation(const JsonValue& conversation, const JsonValue& list, const Where& where,
                              ConversationSink& sink) {
    ConversationRecord record;
    std::vector<ForeignMessage> messages;
    int toolOutputs = 0;
    for (const JsonValue& message : list) {
        ForeignMessage one;
        const JsonValue* const id = memberOf(message, "id");
        const JsonValue* const parent = memberOf(message, "parent");
        one.message.id = id != nullptr ? asText(*id) : QString();
        one.message.parentId = parent != nullptr ? asText(*parent) : QString();
        for (const JsonValue& child : arrayIn(message, "children")) {
            one.children.push_back(asText(child));
        }
        const QString role = textIn(message, "role");
        const QString content = textIn(message, "content");
        one.message.text = content;
        one.message.createdAt = millisecondsIn(message, "timestamp");
        one.shown = false;
        if (textIn(message, "type") == QLatin1String("root")) {
            one.message.text.clear();
        } else if (role == QLatin1String("system")) {
            if (record.settings.systemPrompt.isEmpty()) {
                record.settings.systemPrompt = content.trimmed();
            }
        } else if (role == QLatin1String("user") || role == QLatin1String("assistant")) {
            for (const JsonValue& extra : arrayIn(message, "extra")) {
                appendPart(one.message.text, llamaCppExtra(extra));
            }
            if (role == QLatin1String("assistant")) {
                one.message.author = Author::Assistant;
                one.thoughts = textIn(message, "reasoningContent");
                one.thoughts = one.thoughts.isEmpty() ? textIn(message, "thinking") : one.thoughts;
                addTimings(message, one.message);
            }
            one.shown = !one.message.text.trimmed().isEmpty();
        } else {
            toolOutputs += content.isEmpty() ? 0 : 1;
        }
        messages.push_back(std::move(one));
    }
    record.title = textIn(conversation, "name");
    record.updatedAt = millisecondsIn(conversation, "lastModified");
    if (flagIn(conversation, "pinned")) {
        record.pinnedAt = record.updatedAt;
    }
    const JsonValue* const leaf = memberOf(conversation, "currNode");
    const JsonValue* const id = memberOf(conversation, "id");
    plantMessages(std::move(messages), leaf != nullptr ? asText(*leaf) : QString(), record);
    const QString name = id != nullptr ? asText(*id) : QString();
    record.source =
        QStringLiteral("llamacpp:") +
        (name.isEmpty()
             ? nameByContent(record.title, record.messages.isEmpty() ? QString() : record.messages.first().text)
             : name);
    if (toolOutputs > 0) {
        sink.passOver(where, ImportText::tr("Outputs of tools are left out: %1.").arg(toolOutputs), false);
    }
    sink.take(std::move(record), where);
}

}  // namespace

bool isLlamaCpp(const JsonValue& item) {
    const JsonValue* const conversation = memberOf(item, "conv");
    const JsonValue* const messages = memberOf(item, "messages");
    return conversation != nullptr && conversation->is_object() && messages != nullptr && messages->is_array();
}

void readLlamaCpp(const JsonValue& item, const Where& where, ConversationSink& sink) {
    readLlamaCppConversation(objectIn(item, "conv"), arrayIn(item, "messages"), where, sink);
}

bool LlamaCppLines::isLine(const JsonValue& item) {
    const QString type = textIn(item, "type");
    return (memberOf(item, "harness") != nullptr && type == QLatin1String("session")) ||
           (type == QLatin1String("message") && memberOf(item, "message") != nullptr);
}

void LlamaCppLines::take(JsonValue& line, const Where& where) {
    if (textIn(line, "type") == QLatin1String("session")) {
        finish();
        m_session = std::move(line);
        m_where = where;
        return;
    }
    if (!m_session) {
        m_where = m_lost == 0 ? where : m_where;
        ++m_lost;
        return;
    }
    JsonValue& message = line["message"];
    const JsonValue* const content = memberOf(message, "content");
    m_bytes += content != nullptr && content->is_string() ? content->get_ref<const std::string&>().size() : 0;
    if (m_bytes > kMostLineBytes || m_messages.size() >= kMostLines) {
        ++m_leftOut;
        return;
    }
    m_messages.push_back(std::move(message));
}

void LlamaCppLines::finish() {
    if (m_lost > 0) {
        m_sink.passOver(m_where,
                        ImportText::tr("Messages that belong to no conversation are left out: %1.").arg(m_lost), false);
        m_lost = 0;
    }
    if (m_leftOut > 0) {
        m_sink.passOver(
            m_where,
            ImportText::tr("The conversation is too long; messages at its end are left out: %1.").arg(m_leftOut),
            false);
        m_leftOut = 0;
    }
    if (m_session) {
        readLlamaCppConversation(*m_session, m_messages, m_where, m_sink);
    }
    m_session.reset();
    m_messages = JsonValue::array();
    m_bytes = 0;
}

}  // namespace alcove
