// ChatGPT's export: conversations.json, or conversations-000.json and so on.
//
// A conversation is {id, title, create_time, update_time, current_node, mapping: {id: {message, parent, children}}}, a
// message {author: {role}, create_time, content: {content_type, …}, status, metadata}.
#pragma once

#include "app/transfer/conversation_sink.h"
#include "app/transfer/json_values.h"

namespace alcove {

[[nodiscard]] bool isChatGpt(const JsonValue& item);
void readChatGpt(const JsonValue& item, const Where& where, ConversationSink& sink);

}  // namespace alcove
