#include "app/transfer/own_json.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include <QSet>

#include "app/transfer/import_texts.h"

namespace alcove {
namespace {

using OrderedJson = nlohmann::ordered_json;

constexpr const char* kFormat = "alcove-conversations";
constexpr int kFormatVersion = 1;
constexpr int kMostFolders = 16;  // one in the other

constexpr std::array<std::pair<MessageStatus, const char*>, 4> kOwnStatuses{{
    {MessageStatus::Complete, "complete"},
    {MessageStatus::Stopped, "stopped"},
    {MessageStatus::Failed, "failed"},
    {MessageStatus::Interrupted, "interrupted"},
}};

const char* ownStatus(MessageStatus status) {
    const auto found = std::find_if(kOwnStatuses.begin(), kOwnStatuses.end(),
                                    [status](const auto& one) { return one.first == status; });
    return found == kOwnStatuses.end() ? "interrupted" : found->second;  // it is being written
}

MessageStatus statusOf(const QString& name) {
    const auto found = std::find_if(kOwnStatuses.begin(), kOwnStatuses.end(),
                                    [&name](const auto& one) { return name == QLatin1String(one.second); });
    return found == kOwnStatuses.end() ? MessageStatus::Complete : found->first;
}

void put(OrderedJson& object, const char* key, const QString& text) {
    if (!text.isEmpty()) {
        object[key] = text.toStdString();
    }
}

void put(OrderedJson& object, const char* key, const QDateTime& time) {
    if (time.isValid()) {
        object[key] = time.toUTC().toString(Qt::ISODateWithMs).toStdString();
    }
}

template <class Number>
void putNumber(OrderedJson& object, const char* key, Number number) {
    if (number != 0) {
        object[key] = number;
    }
}

void put(OrderedJson& object, const ConversationSettings& settings) {
    put(object, "system_prompt", settings.systemPrompt);
    put(object, "sampling", settings.sampling);
    put(object, "checkpoint_path", settings.checkpointPath);
}

ConversationSettings settingsIn(const JsonValue& object) {
    return {textIn(object, "system_prompt"), textIn(object, "sampling"), textIn(object, "checkpoint_path")};
}

OrderedJson names(const QStringList& path) {
    OrderedJson result = OrderedJson::array();
    for (const QString& name : path) {
        result.push_back(name.toStdString());
    }
    return result;
}

QStringList namesIn(const JsonValue& object, const char* key) {
    QStringList result;
    for (const JsonValue& name : arrayIn(object, key)) {
        const QString text = asText(name).simplified();
        if (text.isEmpty() || result.size() == kMostFolders) {
            break;
        }
        result << text;
    }
    return result;
}

OrderedJson numbers(const QList<qint32>& list) {
    OrderedJson result = OrderedJson::array();
    for (const qint32 number : list) {
        result.push_back(number);
    }
    return result;
}

qint64 wholeIn(const JsonValue& object, const char* key, qint64 most) {
    const JsonValue* const found = memberOf(object, key);
    return found != nullptr && found->is_number_integer() ? std::clamp<qint64>(found->get<qint64>(), 0, most) : 0;
}

int countIn(const JsonValue& object, const char* key) {
    return static_cast<int>(wholeIn(object, key, std::numeric_limits<int>::max()));
}

QList<qint32> numbersIn(const JsonValue& object, const char* key) {
    QList<qint32> result;
    for (const JsonValue& number : arrayIn(object, key)) {
        const qint64 value = number.is_number_integer() ? number.get<qint64>() : -1;
        if (value < 0 || value > std::numeric_limits<qint32>::max()) {
            return {};
        }
        result << static_cast<qint32>(value);
    }
    return result;
}

OrderedJson replyJson(const MessageRecord& message) {
    OrderedJson reply = OrderedJson::object();
    const ReplyStatistics& statistics = message.statistics;
    put(reply, "checkpoint_name", message.settings.checkpointName);
    put(reply, "checkpoint_path", message.settings.checkpointPath);
    put(reply, "device", message.settings.device);
    put(reply, "sampling", message.settings.sampling == QLatin1String("{}") ? QString() : message.settings.sampling);
    putNumber(reply, "prompt_tokens", statistics.promptTokens);
    putNumber(reply, "reused_tokens", statistics.reusedTokens);
    putNumber(reply, "generated_tokens", statistics.generatedTokens);
    putNumber(reply, "context_used", statistics.contextUsed);
    putNumber(reply, "context_size", statistics.contextSize);
    putNumber(reply, "tokens_per_second", statistics.tokensPerSecond);
    putNumber(reply, "prefill_seconds", statistics.prefillSeconds);
    put(reply, "stop_reason", statistics.stopReason);
    put(reply, "memory_starts_at", message.memoryStartsAt);
    put(reply, "error", message.error);
    if (message.tokens) {
        OrderedJson tokens = {{"ids", numbers(message.tokens->ids)},
                              {"ends", numbers(message.tokens->ends)},
                              {"seed", message.tokens->seed.toStdString()}};
        putNumber(tokens, "position", message.tokens->position);
        putNumber(tokens, "context_size", message.tokens->contextSize);
        put(tokens, "fingerprint", message.tokens->fingerprint);
        reply["tokens"] = std::move(tokens);
    }
    return reply;
}

void readReply(const JsonValue& reply, MessageRecord& message) {
    message.settings.checkpointName = textIn(reply, "checkpoint_name");
    message.settings.checkpointPath = textIn(reply, "checkpoint_path");
    message.settings.device = textIn(reply, "device");
    const QString sampling = textIn(reply, "sampling");
    message.settings.sampling = sampling.isEmpty() ? QStringLiteral("{}") : sampling;
    ReplyStatistics& statistics = message.statistics;
    statistics.promptTokens = countIn(reply, "prompt_tokens");
    statistics.reusedTokens = countIn(reply, "reused_tokens");
    statistics.generatedTokens = countIn(reply, "generated_tokens");
    statistics.contextUsed = countIn(reply, "context_used");
    statistics.contextSize = countIn(reply, "context_size");
    statistics.tokensPerSecond = numberIn(reply, "tokens_per_second");
    statistics.prefillSeconds = numberIn(reply, "prefill_seconds");
    statistics.stopReason = textIn(reply, "stop_reason");
    message.memoryStartsAt = textIn(reply, "memory_starts_at");
    message.error = textIn(reply, "error");
    const JsonValue& tokens = objectIn(reply, "tokens");
    if (!tokens.empty()) {
        ReplyTokens read;
        read.ids = numbersIn(tokens, "ids");
        read.ends = numbersIn(tokens, "ends");
        read.seed = textIn(tokens, "seed");
        read.position = wholeIn(tokens, "position", std::numeric_limits<qint64>::max());
        read.contextSize = countIn(tokens, "context_size");
        read.fingerprint = textIn(tokens, "fingerprint");
        if (read.ids.size() == read.ends.size()) {
            message.tokens = std::move(read);
        }
    }
}

OrderedJson conversationJson(const ConversationRecord& conversation) {
    OrderedJson json = {{"source", conversation.source.toStdString()}, {"title", conversation.title.toStdString()}};
    put(json, "created_at", conversation.createdAt);
    put(json, "updated_at", conversation.updatedAt);
    put(json, "renamed_at", conversation.renamedAt);
    put(json, "pinned_at", conversation.pinnedAt);
    put(json, "archived_at", conversation.archivedAt);
    put(json, "expires_at", conversation.expiresAt);
    if (!conversation.folder.isEmpty()) {
        json["folder"] = names(conversation.folder);
    }
    put(json, conversation.settings);
    put(json, "shown", conversation.leafId);
    OrderedJson messages = OrderedJson::array();
    for (const MessageRecord& message : conversation.messages) {
        OrderedJson one = {{"id", message.id.toStdString()}};
        one["parent"] = message.parentId.isEmpty() ? OrderedJson() : OrderedJson(message.parentId.toStdString());
        one["author"] = message.author == Author::User ? "user" : "assistant";
        one["text"] = message.text.toStdString();
        put(one, "created_at", message.createdAt);
        one["status"] = ownStatus(message.status);
        OrderedJson reply = message.author == Author::Assistant ? replyJson(message) : OrderedJson();
        if (!reply.empty()) {
            one["reply"] = std::move(reply);
        }
        messages.push_back(std::move(one));
    }
    json["messages"] = std::move(messages);
    return json;
}

QByteArray jsonText(const OrderedJson& json) {
    return QByteArray::fromStdString(json.dump(1, ' ', false, OrderedJson::error_handler_t::replace));
}

}  // namespace

void OwnJsonWriter::begin() {
    m_write(QByteArrayLiteral("{\n\"format\": \"") + kFormat +
            "\",\n\"version\": " + QByteArray::number(kFormatVersion) + ",\n\"conversations\": [");
}

void OwnJsonWriter::add(const ConversationRecord& conversation) {
    m_write((std::exchange(m_first, false) ? QByteArrayLiteral("\n") : QByteArrayLiteral(",\n")) +
            jsonText(conversationJson(conversation)));
}

void OwnJsonWriter::end(const QList<FolderRecord>& folders) {
    OrderedJson list = OrderedJson::array();
    for (const FolderRecord& folder : folders) {
        OrderedJson one = {{"path", names(folder.path)}};
        put(one, "colour", folder.colour);
        put(one, "created_at", folder.createdAt);
        put(one, "archived_at", folder.archivedAt);
        put(one, folder.settings);
        putNumber(one, "expires_days", folder.expiresDays);
        list.push_back(std::move(one));
    }
    m_write(QByteArrayLiteral("\n],\n\"folders\": ") + jsonText(list) + "\n}\n");
}

bool isOwnConversation(const JsonValue& item) {
    const JsonValue* const messages = memberOf(item, "messages");
    const JsonValue* const source = memberOf(item, "source");
    return messages != nullptr && messages->is_array() && source != nullptr && source->is_string() &&
           memberOf(item, "title") != nullptr;
}

void readOwnConversation(JsonValue& item, const Where& where, ConversationSink& sink) {
    ConversationRecord record;
    record.source = textIn(item, "source");
    record.title = textIn(item, "title");
    record.createdAt = millisecondsIn(item, "created_at");
    record.updatedAt = millisecondsIn(item, "updated_at");
    record.renamedAt = millisecondsIn(item, "renamed_at");
    record.pinnedAt = millisecondsIn(item, "pinned_at");
    record.archivedAt = millisecondsIn(item, "archived_at");
    record.expiresAt = millisecondsIn(item, "expires_at");
    record.folder = namesIn(item, "folder");
    record.settings = settingsIn(item);
    QSet<QString> known;
    for (JsonValue& message : item["messages"]) {
        MessageRecord one;
        one.id = textIn(message, "id");
        one.parentId = textIn(message, "parent");
        one.author = textIn(message, "author") == QLatin1String("user") ? Author::User : Author::Assistant;
        one.text = textIn(message, "text");
        one.status = statusOf(textIn(message, "status"));
        one.createdAt = millisecondsIn(message, "created_at");
        if (one.author == Author::Assistant) {
            readReply(objectIn(message, "reply"), one);
        }
        message = nullptr;  // two copies of all texts are not needed
        // Their order is part of what is kept, so they are not planted anew.
        if (!known.contains(one.parentId)) {
            one.parentId.clear();
        }
        if (!known.contains(one.id)) {
            known.insert(one.id);
            record.messages << std::move(one);
        }
    }
    const QString shown = textIn(item, "shown");
    record.leafId = known.contains(shown) ? shown : QString();
    sink.take(std::move(record), where);
}

bool isOwnExport(const JsonValue& item) {
    return textIn(item, "format") == QLatin1String(kFormat);
}

void readOwnFolders(const JsonValue& item, const Where& where, ConversationSink& sink) {
    if (numberIn(item, "version") > kFormatVersion) {
        sink.passOver(
            where,
            ImportText::tr("This was written by a newer version of Alcove; what this one does not know is left out."),
            false);
    }
    for (const JsonValue& folder : arrayIn(item, "folders")) {
        FolderRecord record;
        record.path = namesIn(folder, "path");
        record.colour = textIn(folder, "colour");
        record.createdAt = millisecondsIn(folder, "created_at");
        record.archivedAt = millisecondsIn(folder, "archived_at");
        record.settings = settingsIn(folder);
        constexpr int kMostDays = 36500;
        record.expiresDays = static_cast<int>(wholeIn(folder, "expires_days", kMostDays));
        if (!record.path.isEmpty()) {
            sink.takeFolder(std::move(record), where);
        }
    }
}

}  // namespace alcove
