#include "app/exchange/reply_in_progress.h"

#include <QtCore/QJsonObject>

namespace alcove {

namespace {

QJsonObject toJson(const SamplingSettings& sampling) {
    return {{"temperature", sampling.temperature},
            {"topK", sampling.topK},
            {"topP", sampling.topP},
            {"minP", sampling.minP},
            {"repetitionPenalty", sampling.repetitionPenalty},
            {"maxTokens", sampling.maxTokens},
            {"seed", sampling.seed}};
}

QString nameOf(EndReason reason) {
    switch (reason) {
        case EndReason::EndOfText:
            return "endOfText";
        case EndReason::MaxTokens:
            return "maxTokens";
        case EndReason::ContextFull:
            return "contextFull";
        case EndReason::Stopped:
            return "cancelled";
    }
    Q_UNREACHABLE();
}

}  // namespace

Message emptyReply(qint64 conversationId, const LoadedCheckpoint& checkpoint, const SamplingSettings& sampling) {
    Message reply;
    reply.conversationId = conversationId;
    reply.author = Author::Assistant;
    reply.status = MessageStatus::Writing;
    reply.createdAt = QDateTime::currentDateTimeUtc();
    reply.settings = {.checkpointName = checkpoint.name,
                      .checkpointPath = checkpoint.path,
                      .device = checkpoint.deviceName,
                      .sampling = toJson(sampling)};
    return reply;
}

ReplyStatistics statisticsOf(const GenerationOutcome& outcome, const QList<qint64>& turnIds, int contextSize) {
    // Where nothing was read, the context tells nothing of what the model saw.
    const bool forgot = outcome.contextUsed > 0 && outcome.firstTurnInContext > 0;
    return {.promptTokens = outcome.promptTokens,
            .reusedTokens = outcome.reusedTokens,
            .generatedTokens = outcome.generatedTokens,
            .contextUsed = outcome.contextUsed,
            .contextSize = contextSize,
            .tokensPerSecond = outcome.tokensPerSecond,
            .prefillSeconds = outcome.prefillSeconds,
            .stopReason = nameOf(outcome.reason),
            .memoryStartsAt = forgot ? turnIds.value(outcome.firstTurnInContext) : 0};
}

}  // namespace alcove
