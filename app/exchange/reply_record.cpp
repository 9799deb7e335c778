#include "app/exchange/reply_record.h"

#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>

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
