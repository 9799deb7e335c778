#include "engine/text/chat_template.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "engine/base/error.h"
#include "engine/files/bounded_json.h"
#include "engine/files/file_errors.h"
#include "engine/text/embedded_templates.h"
#include "engine/text/utf8.h"

namespace alcove::engine {

namespace {

constexpr JsonLimits kTemplateLimits = {.bytes = 1 << 20, .depth = 8, .values = 10'000, .text = 1 << 16};

[[noreturn]] void failTemplate(const Sentence& detail) {
    throw Error(ErrorCode::FileDamaged, ALCOVE_TEXT("engine", "A chat template is damaged: %1."), detail);
}

// `text` with no marker of the format in it. Character by character, what completes a marker is taken back and what
// stands in its place comes next, since it may complete another one with what is before or after it. Each replacement
// is shorter than its marker, so there are at most as many as characters, and the work grows as the text does.
std::string neutralised(const ChatTemplate& chatTemplate, std::string_view original) {
    std::string text = repairUtf8(original);
    if (chatTemplate.neutralise.empty()) {
        return text;
    }
    std::string result;
    result.reserve(text.size());
    std::string next;  // goes before what is left of the text; its last character first
    for (std::size_t at = 0; at < text.size() || !next.empty();) {
        if (next.empty()) {
            result += text[at++];
        } else {
            result += next.back();
            next.pop_back();
        }
        for (const auto& [marker, instead] : chatTemplate.neutralise) {
            if (result.ends_with(marker)) {
                result.resize(result.size() - marker.size());
                next.append(instead.rbegin(), instead.rend());
                break;
            }
        }
    }
    return result;
}

std::string filled(const TextFormat& format, const std::string& text) {
    return format.before + text + format.after;
}

void append(std::string& prompt, const ChatTemplate& chatTemplate, const Message& message) {
    const std::string text = neutralised(chatTemplate, message.text);
    if (message.role == Role::User) {
        if (!prompt.empty()) {
            prompt += chatTemplate.separator;
        }
        prompt += filled(chatTemplate.userFormat, text);
    } else {
        prompt += filled(chatTemplate.assistantFormat, text);
    }
}

TextFormat formatField(const nlohmann::json& formats, const char* name) {
    constexpr std::string_view kPlaceholder = "{text}";
    const auto format = formats.at(name).get<std::string>();
    const std::size_t at = format.find(kPlaceholder);
    if (at == std::string::npos) {
        throw Error(ErrorCode::FileDamaged,
                    ALCOVE_TEXT("engine", "The format \"%1\" of a chat template has no {text} in it."), name);
    }
    return {format.substr(0, at), format.substr(at + kPlaceholder.size())};
}

}  // namespace

ChatTemplate parseChatTemplate(std::string_view json) {
    try {
        const JsonDocument document = parseJsonObject(json, kTemplateLimits, failTemplate);
        const nlohmann::json& root = *document;
        ChatTemplate result;
        result.name = root.at("name").get<std::string>();
        result.description = root.at("description").get<std::string>();
        result.chat = root.at("kind").get<std::string>() == "chat";
        result.checkpoints = root.at("checkpoints").get<std::vector<std::string>>();
        result.system = root.at("system").get<std::string>();
        const nlohmann::json& formats = root.at("formats");
        result.systemFormat = formatField(formats, "system");
        result.userFormat = formatField(formats, "user");
        result.assistantFormat = formatField(formats, "assistant");
        result.replyFormat = formats.at("reply").get<std::string>();
        result.separator = root.at("separator").get<std::string>();
        result.stopStrings = root.at("stop").get<std::vector<std::string>>();
        result.trimReply = root.at("trim_reply").get<bool>();
        for (const nlohmann::json& rule : root.at("neutralise")) {
            auto marker = rule.at("marker").get<std::string>();
            auto instead = rule.at("instead").get<std::string>();
            if (instead.size() >= marker.size()) {
                throw Error(
                    ErrorCode::FileDamaged,
                    ALCOVE_TEXT("engine", "What stands in place of \"%1\" in a chat template must be shorter than it."),
                    shown(marker));
            }
            result.neutralise.emplace_back(std::move(marker), std::move(instead));
        }
        for (const nlohmann::json& message : root.at("example")) {
            const bool user = message.contains("user");
            result.example.push_back(
                {user ? Role::User : Role::Assistant, message.at(user ? "user" : "assistant").get<std::string>()});
        }
        return result;
    } catch (const nlohmann::json::exception& failure) {
        failTemplate(Sentence::verbatim(shown(failure.what())));
    }
}

const std::vector<ChatTemplate>& builtInTemplates() {
    static const std::vector<ChatTemplate> templates = [] {
        std::vector<ChatTemplate> result;
        for (const std::string_view text : embeddedTemplates()) {
            result.push_back(parseChatTemplate(text));
        }
        return result;
    }();
    return templates;
}

const ChatTemplate& templateNamed(std::string_view name) {
    std::string names;
    for (const ChatTemplate& candidate : builtInTemplates()) {
        if (candidate.name == name) {
            return candidate;
        }
        names += (names.empty() ? "" : ", ") + candidate.name;
    }
    throw Error(ErrorCode::InvalidRequest,
                ALCOVE_TEXT("engine", "There is no chat template called \"%1\". There are: %2."), shown(name), names);
}

std::string renderPrompt(const ChatTemplate& chatTemplate, std::span<const Message> messages, std::size_t firstMessage,
                         bool withExample) {
    if (messages.empty() || messages.back().role != Role::User) {
        throw Error(ErrorCode::InvalidRequest,
                    ALCOVE_TEXT("engine", "A conversation must end in a user's message to be answered."));
    }
    const bool ownSystem = messages.front().role == Role::System;
    const std::string& system = ownSystem ? messages.front().text : chatTemplate.system;
    std::string prompt;
    if (!system.empty()) {
        prompt = filled(chatTemplate.systemFormat, neutralised(chatTemplate, system));
    }
    if (withExample) {
        for (const Message& message : chatTemplate.example) {
            append(prompt, chatTemplate, message);
        }
    }
    for (std::size_t i = std::max<std::size_t>(firstMessage, ownSystem ? 1 : 0); i < messages.size(); ++i) {
        if (messages[i].role == Role::System) {
            throw Error(ErrorCode::InvalidRequest,
                        ALCOVE_TEXT("engine", "Only the first message of a conversation can be a system message."));
        }
        append(prompt, chatTemplate, messages[i]);
    }
    return prompt + chatTemplate.replyFormat;
}

}  // namespace alcove::engine
