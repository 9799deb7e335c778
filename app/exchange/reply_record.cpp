#include "app/exchange/reply_record.h"

#include <algorithm>
#include <type_traits>

#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <nlohmann/json.hpp>

#include "engine/files/bounded_json.h"

namespace alcove {

QString endReasonName(EndReason reason) {
    switch (reason) {
        case EndReason::EndOfText:
            return QStringLiteral("endOfText");
        case EndReason::StopString:
            return QStringLiteral("stopString");
        case EndReason::MaxTokens:
            return QStringLiteral("maxTokens");
        case EndReason::ContextFull:
            return QStringLiteral("contextFull");
        case EndReason::Stopped:
            return QStringLiteral("cancelled");
    }
    Q_UNREACHABLE();
}

QString samplingToJson(const SamplingSettings& sampling) {
    const QJsonObject object = {{"temperature", sampling.temperature},
                                {"topK", sampling.topK},
                                {"topP", sampling.topP},
                                {"minP", sampling.minP},
                                {"repetitionPenalty", sampling.repetitionPenalty},
                                {"maxTokens", sampling.maxTokens},
                                {"seed", sampling.seed}};
    return QString::fromUtf8(QJsonDocument(object).toJson(QJsonDocument::Compact));
}

SamplingSettings samplingFromJson(const QString& json, const SamplingSettings& otherwise) {
    constexpr engine::JsonLimits kLimits{.bytes = 65536, .depth = 8, .values = 256, .text = 4096};
    struct NoJson {};
    SamplingSettings sampling = otherwise;
    try {
        const engine::JsonDocument object = engine::parseJsonObject(
            json.toStdString(), kLimits, [](const engine::Sentence& /*clause*/) { throw NoJson(); });
        const auto take = [&object](const char* name, auto& value) {
            using Value = std::remove_reference_t<decltype(value)>;
            const auto found = object->find(name);
            if (found != object->end() &&
                (std::is_integral_v<Value> ? found->is_number_integer() : found->is_number())) {
                value = found->get<Value>();
            }
        };
        take("temperature", sampling.temperature);
        take("topK", sampling.topK);
        take("topP", sampling.topP);
        take("minP", sampling.minP);
        take("repetitionPenalty", sampling.repetitionPenalty);
        take("maxTokens", sampling.maxTokens);
        take("seed", sampling.seed);
    } catch (const NoJson&) {
        return otherwise;
    }
    sampling.topK = std::max(0, sampling.topK);
    sampling.maxTokens = std::max(0, sampling.maxTokens);
    return sampling;
}

bool canGoOn(const Message& reply) {
    const QString& reason = reply.statistics.stopReason;
    const bool cut = reply.status == MessageStatus::Complete &&
                     (reason == endReasonName(EndReason::MaxTokens) || reason == endReasonName(EndReason::ContextFull));
    const bool ended = reply.status == MessageStatus::Stopped || reply.status == MessageStatus::Failed ||
                       reply.status == MessageStatus::Interrupted;
    return reply.author == Author::Assistant && (cut || ended) && !reply.text.trimmed().isEmpty();
}

Message emptyReply(qint64 conversationId, const LoadedCheckpoint& checkpoint, const SamplingSettings& sampling) {
    Message reply;
    reply.conversationId = conversationId;
    reply.author = Author::Assistant;
    reply.status = MessageStatus::Writing;
    reply.createdAt = QDateTime::currentDateTimeUtc();
    reply.settings = {.checkpointName = checkpoint.name,
                      .checkpointPath = checkpoint.path,
                      .device = checkpoint.deviceName,
                      .sampling = samplingToJson(sampling)};
    return reply;
}

ReplyStatistics statisticsOf(const GenerationOutcome& outcome, const QList<qint64>& turnIds, int contextSize) {
    // Where no token was read, the context does not say what the model saw.
    const bool forgot = outcome.contextUsed > 0 && outcome.firstTurnInContext > 0;
    return {.promptTokens = outcome.promptTokens,
            .reusedTokens = outcome.reusedTokens,
            .generatedTokens = outcome.generatedTokens,
            .contextUsed = outcome.contextUsed,
            .contextSize = contextSize,
            .tokensPerSecond = outcome.tokensPerSecond,
            .prefillSeconds = outcome.prefillSeconds,
            .stopReason = endReasonName(outcome.reason),
            .memoryStartsAt = forgot ? turnIds.value(outcome.firstTurnInContext) : 0};
}

}  // namespace alcove
