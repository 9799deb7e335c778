// Reads conversations of any format that is known, which it tells by their content.
#pragma once

#include <QStringList>

#include "app/transfer/conversation_sink.h"
#include "app/transfer/input_file.h"
#include "engine/base/cancellation.h"

namespace alcove {

// Everything in `paths`: files, folders with files, ZIP archives with files. Throws as forEachInput does, and what the
// sink throws. What was handed over by then stays so.
void readConversations(const QStringList& paths, ConversationSink& sink, const engine::Cancellation& cancel);

// One stream; whether it is of a format that is known. If not, and the file was chosen by itself, it is passed over.
bool readStream(const InputFile& file, InputStream& stream, ConversationSink& sink);

}  // namespace alcove
