#include "engine/conversion/jinja_template.h"

#include <nlohmann/json.hpp>

namespace alcove::engine {

namespace {

// `text` in quotes: Jinja reads the escapes that JSON writes.
std::string quoted(const std::string& text) {
    return nlohmann::json(text).dump();
}

std::string output(const std::string& expression) {
    return expression == "\"\"" ? "" : "{{ " + expression + " }}";
}

// `format` with the value of the expression `text` in it.
std::string expression(const TextFormat& format, const std::string& text) {
    return output(quoted(format.before)) + output(text) + output(quoted(format.after));
}

}  // namespace

std::string jinjaTemplate(const ChatTemplate& chatTemplate, bool withExample) {
    const std::string separator = output(quoted(chatTemplate.separator));
    const std::string content = "message['content']";
    const bool hasSystem = !chatTemplate.system.empty();
    const bool hasExample = withExample && !chatTemplate.example.empty();

    std::string result = "{% if messages[0]['role'] == 'system' %}";
    result += expression(chatTemplate.systemFormat, "messages[0]['content']");
    result += hasSystem ? "{% else %}" + expression(chatTemplate.systemFormat, quoted(chatTemplate.system)) : "";
    result += "{% endif %}";
    if (hasExample) {
        for (const Message& message : chatTemplate.example) {
            const bool user = message.role == Role::User;
            const bool preceded = hasSystem || &message != &chatTemplate.example.front();
            result += user && preceded ? separator : "";
            result += expression(user ? chatTemplate.userFormat : chatTemplate.assistantFormat, quoted(message.text));
        }
    }
    result += "{% for message in messages %}{% if message['role'] == 'user' %}";
    result += hasSystem || hasExample || separator.empty() ? separator
                                                           : "{% if not loop.first %}" + separator + "{% endif %}";
    result += expression(chatTemplate.userFormat, content);
    result += "{% elif message['role'] == 'assistant' %}";
    result += expression(chatTemplate.assistantFormat, content + (chatTemplate.trimReply ? " | trim" : ""));
    result += "{% endif %}{% endfor %}";
    const std::string reply = output(quoted(chatTemplate.replyFormat));
    result += reply.empty() ? "" : "{% if add_generation_prompt %}" + reply + "{% endif %}";
    return result;
}

}  // namespace alcove::engine
