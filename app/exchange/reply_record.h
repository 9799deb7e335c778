// What the history keeps of how a reply was made, the same for the window and the terminal.
#pragma once

#include <QtCore/QList>
#include <QtCore/QString>

#include "app/history/records.h"
#include "app/session/backend.h"

namespace alcove {

// As ReplyStatistics::stopReason has it: "endOfText", "stopString", "maxTokens", "contextFull", "cancelled".
[[nodiscard]] QString endReasonName(EndReason reason);

// As ReplySettings::sampling has it.
[[nodiscard]] QString samplingToJson(const SamplingSettings& sampling);

// What samplingToJson() made; what is missing in it is as in `otherwise`.
[[nodiscard]] SamplingSettings samplingFromJson(const QString& json, const SamplingSettings& otherwise);

// A reply that did not come to its end: it can be gone on with.
[[nodiscard]] bool canGoOn(const Message& reply);

// An empty reply of `checkpoint`, not in the history yet.
[[nodiscard]] Message emptyReply(qint64 conversationId, const LoadedCheckpoint& checkpoint,
                                 const SamplingSettings& sampling);

// `turnIds` are the messages of the request's turns.
[[nodiscard]] ReplyStatistics statisticsOf(const GenerationOutcome& outcome, const QList<qint64>& turnIds,
                                           int contextSize);

}  // namespace alcove
