// Alcove's own JSON (SCHEMA.md): written piece by piece, and read.
#pragma once

#include <functional>

#include "app/transfer/conversation_sink.h"
#include "app/transfer/json_values.h"

namespace alcove {

// Gets UTF-8; may throw.
using WriteText = std::function<void(const QByteArray& text)>;

class OwnJsonWriter {
public:
    explicit OwnJsonWriter(WriteText write) : m_write(std::move(write)) {}
    void begin();
    void add(const ConversationRecord& conversation);
    void end(const QList<FolderRecord>& folders);

private:
    WriteText m_write;
    bool m_first = true;
};

// An element of "conversations".
[[nodiscard]] bool isOwnConversation(const JsonValue& item);
void readOwnConversation(JsonValue& item, const Where& where, ConversationSink& sink);
// The object around them.
[[nodiscard]] bool isOwnExport(const JsonValue& item);
void readOwnFolders(const JsonValue& item, const Where& where, ConversationSink& sink);

}  // namespace alcove
