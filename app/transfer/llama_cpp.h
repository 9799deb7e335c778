// The conversations of llama.cpp's web UI: {conv, messages}, or lines that are sessions and messages.
#pragma once

#include <optional>

#include "app/transfer/conversation_sink.h"
#include "app/transfer/json_values.h"

namespace alcove {

// {conv: {id, name, …}, messages: […]}
[[nodiscard]] bool isLlamaCpp(const JsonValue& item);
void readLlamaCpp(const JsonValue& item, const Where& where, ConversationSink& sink);

// Lines {harness, type: "session", …}, each followed by its {type: "message", message: {…}}.
class LlamaCppLines {
public:
    explicit LlamaCppLines(ConversationSink& sink) : m_sink(sink) {}
    [[nodiscard]] static bool isLine(const JsonValue& item);
    void take(JsonValue& line, const Where& where);
    // After the last line: the conversation that is open ends.
    void finish();

private:
    ConversationSink& m_sink;
    std::optional<JsonValue> m_session;
    JsonValue m_messages = JsonValue::array();
    Where m_where;
    std::size_t m_bytes = 0;  // of the messages, about
    int m_leftOut = 0;
    int m_lost = 0;  // messages without a session
};

}  // namespace alcove
