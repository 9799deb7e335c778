// GPT4All's chats: one file each, written with QDataStream (Qt_6_2), versions 0 to 12.
//
// The magic number, the version, the creation date (s), id, name, user name, model, from version 3 on collections;
// below 11 the state of the model, which is skipped; then the messages, one after the other.
#pragma once

#include <string_view>

#include "app/transfer/conversation_sink.h"
#include "engine/files/streamed_json.h"

namespace alcove {

// By the first bytes of a file, kGpt4AllHead of them or all there are.
constexpr std::size_t kGpt4AllHead = 64;
[[nodiscard]] bool isGpt4All(std::string_view head);
void readGpt4All(engine::ByteSource& source, const Where& where, ConversationSink& sink);

}  // namespace alcove
