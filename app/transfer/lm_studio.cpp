#include "app/transfer/lm_studio.h"

#include <algorithm>
#include <vector>

#include <QRegularExpression>

#include "app/transfer/import_texts.h"
#include "app/transfer/message_forest.h"

namespace alcove {
namespace {

constexpr double kMostLmStudio = 1e9;  // of any figure

// A text, or an array of {type: "text", text} and others.
QString lmStudioText(const JsonValue& content) {
    if (content.is_string()) {
        return asText(content);
    }
    QString text;
    if (content.is_array()) {
        for (const JsonValue& part : content) {
            const QString type = textIn(part, "type");
            if (type == QLatin1String("text")) {
                appendPart(text, textIn(part, "text"));
            } else if (type == QLatin1String("file") || type == QLatin1String("image")) {
                const QString name = textIn(part, "name");
                appendPart(text, attachmentLine(QStringLiteral("File"),
                                                name.isEmpty() ? textIn(part, "fileIdentifier") : name));
            }
        }
    }
    return text;
}

void addLmStudioFacts(const JsonValue& information, MessageRecord& reply) {
    if (information.empty()) {
        return;
    }
    const JsonValue& statistics = objectIn(information, "stats");
    const auto count = [&statistics](const char* key) {
        return static_cast<int>(std::clamp(numberIn(statistics, key), 0.0, kMostLmStudio));
    };
    reply.settings.checkpointName = textIn(information, "identifier");
    reply.statistics.promptTokens = count("promptTokensCount");
    reply.statistics.generatedTokens = count("predictedTokensCount");
    reply.statistics.tokensPerSecond = std::clamp(numberIn(statistics, "tokensPerSecond"), 0.0, kMostLmStudio);
    reply.statistics.stopReason = knownStopReason(textIn(statistics, "stopReason"));
    reply.status = textIn(statistics, "stopReason") == QLatin1String("userStopped") ? MessageStatus::Stopped
                                                                                    : MessageStatus::Complete;
}

// The text of a version made in steps, its thoughts, and the facts of the last one that has them.
void readSteps(const JsonValue& version, ForeignMessage& into) {
    for (const JsonValue& step : arrayIn(version, "steps")) {
        if (textIn(step, "type") != QLatin1String("contentBlock")) {
            continue;
        }
        const JsonValue* const content = memberOf(step, "content");
        const QString text = content != nullptr ? lmStudioText(*content) : QString();
        const bool thinking = textIn(objectIn(step, "style"), "type") == QLatin1String("thinking");
        appendPart(thinking ? into.thoughts : into.message.text, text);
        addLmStudioFacts(objectIn(step, "genInfo"), into.message);
    }
    if (into.message.settings.checkpointName.isEmpty()) {
        into.message.settings.checkpointName = textIn(objectIn(version, "senderInfo"), "senderName");
    }
}

QString lmStudioSystemPrompt(const JsonValue& item) {
    QString plain = textIn(item, "systemPrompt");
    if (!plain.trimmed().isEmpty()) {
        return plain;
    }
    for (const JsonValue& field : arrayIn(objectIn(item, "perChatPredictionConfig"), "fields")) {
        if (textIn(field, "key") == QLatin1String("llm.prediction.systemPrompt")) {
            return textIn(field, "value");
        }
    }
    return {};
}

QString lmStudioId(const JsonValue& item, const QString& fileName, const ConversationRecord& record) {
    static const QRegularExpression kDigits(QStringLiteral("^(\\d{10,20})(?!\\d)"));
    QString named = kDigits.match(fileName).captured(1);
    if (!named.isEmpty()) {
        return named;
    }
    if (record.createdAt.isValid()) {
        return QString::number(record.createdAt.toMSecsSinceEpoch());
    }
    return nameByContent(record.title, textIn(item, "systemPrompt") +
                                           (record.messages.isEmpty() ? QString() : record.messages.first().text));
}

}  // namespace

bool isLmStudio(const JsonValue& item) {
    const JsonValue& messages = arrayIn(item, "messages");
    const auto hasVersions = [](const JsonValue& message) { return memberOf(message, "versions") != nullptr; };
    return std::any_of(messages.begin(), messages.end(), hasVersions) ||
           (messages.empty() && memberOf(item, "messages") != nullptr && memberOf(item, "name") != nullptr &&
            memberOf(item, "createdAt") != nullptr);
}

void readLmStudio(const JsonValue& item, const QString& fileName, const QStringList& folder, const Where& where,
                  ConversationSink& sink) {
    ConversationRecord record;
    record.title = textIn(item, "name");
    record.createdAt = millisecondsIn(item, "createdAt");
    record.updatedAt =
        std::max(millisecondsIn(item, "userLastMessagedAt"), millisecondsIn(item, "assistantLastMessagedAt"));
    record.folder = folder;
    record.settings.systemPrompt = lmStudioSystemPrompt(item);
    if (flagIn(item, "pinned")) {
        record.pinnedAt = record.createdAt;
    }
    std::vector<ForeignMessage> messages;
    QString before;
    QString leaf;
    int unknown = 0;
    int number = 0;
    for (const JsonValue& message : arrayIn(item, "messages")) {
        const JsonValue& versions = arrayIn(message, "versions");
        const auto selected = static_cast<std::size_t>(std::clamp(
            numberIn(message, "currentlySelected"), 0.0, std::max(0.0, static_cast<double>(versions.size()) - 1)));
        for (std::size_t v = 0; v < versions.size(); ++v) {
            const JsonValue& version = versions[v];
            const QString role = textIn(version, "role");
            ForeignMessage one;
            one.message.id = QStringLiteral("%1.%2").arg(number).arg(v);
            one.message.parentId = before;
            one.message.createdAt = record.createdAt;
            if (textIn(version, "type") == QLatin1String("multiStep")) {
                one.message.author = Author::Assistant;
                readSteps(version, one);
            } else {
                one.message.author = role == QLatin1String("assistant") ? Author::Assistant : Author::User;
                const JsonValue* const content = memberOf(version, "content");
                one.message.text = content != nullptr ? lmStudioText(*content) : QString();
            }
            if (role == QLatin1String("system")) {
                record.settings.systemPrompt =
                    record.settings.systemPrompt.isEmpty() ? one.message.text : record.settings.systemPrompt;
                one.message.text.clear();
            } else if (role != QLatin1String("user") && role != QLatin1String("assistant")) {
                unknown += one.message.text.isEmpty() ? 0 : 1;
                one.message.text.clear();
            }
            one.shown = !one.message.text.trimmed().isEmpty();
            if (v == selected) {
                leaf = one.message.id;
            }
            messages.push_back(std::move(one));
        }
        before = leaf;
        ++number;
    }
    plantMessages(std::move(messages), leaf, record);
    record.source = QStringLiteral("lmstudio:") + lmStudioId(item, fileName, record);
    if (unknown > 0) {
        sink.passOver(where, ImportText::tr("Messages of an unknown kind are left out: %1.").arg(unknown), false);
    }
    sink.take(std::move(record), where);
}

}  // namespace alcove
