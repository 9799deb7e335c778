// Open WebUI's export of all chats: {id, chat: {title, history: {currentId, messages: {id: {…}}}}, pinned, …}, or, in
// older ones, what is in `chat` alone.
#pragma once

#include "app/transfer/conversation_sink.h"
#include "app/transfer/json_values.h"

namespace alcove {

[[nodiscard]] bool isOpenWebui(const JsonValue& item);
void readOpenWebui(const JsonValue& item, const Where& where, ConversationSink& sink);

}  // namespace alcove
