// The reply that the engine is making, and what the history keeps of how it was made.
#pragma once

#include <QtCore/QList>

#include "app/history/records.h"
#include "app/session/backend.h"

namespace alcove {

struct ReplyInProgress {
    quint64 requestId = 0;
    Message reply;          // as far as it has come
    QList<qint64> turnIds;  // the message of each turn of the request
    double readingProgress = 0;
    double tokensPerSecond = 0;
    bool writing = false;
    bool stopping = false;
};

// An empty reply of `checkpoint`, not in the history yet.
[[nodiscard]] Message emptyReply(qint64 conversationId, const LoadedCheckpoint& checkpoint,
                                 const SamplingSettings& sampling);

// `turnIds` are the messages of the request's turns.
[[nodiscard]] ReplyStatistics statisticsOf(const GenerationOutcome& outcome, const QList<qint64>& turnIds,
                                           int contextSize);

}  // namespace alcove
