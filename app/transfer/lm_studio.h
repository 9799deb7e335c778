// LM Studio's conversations: one *.conversation.json each.
//
// {name, createdAt, systemPrompt, messages: [{versions: [{type, role, content | steps}], currentlySelected}]}. The
// versions of a message follow the version of the one before it that is selected.
#pragma once

#include "app/transfer/conversation_sink.h"
#include "app/transfer/json_values.h"

namespace alcove {

[[nodiscard]] bool isLmStudio(const JsonValue& item);
// `fileName` begins with the conversation's id. `folder`: names of the folders that the file is in.
void readLmStudio(const JsonValue& item, const QString& fileName, const QStringList& folder, const Where& where,
                  ConversationSink& sink);

}  // namespace alcove
