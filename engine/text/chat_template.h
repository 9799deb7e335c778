// How a conversation becomes the text that a model continues.
//
// Templates are data: the files of resources/templates/, built into the library. Their fields:
//   name, description   for people; the name is what alcove.json refers to
//   kind                "chat" or "base"
//   checkpoints         patterns of checkpoint names it belongs to ("*" matches anything; case does not matter)
//   system              the system line, unless the conversation brings its own
//   formats             of the system line, a user's and an assistant's message ("{text}" stands for it), and
//                       what comes before the reply that is to be generated
//   separator           put before each user's message that something precedes
//   stop                strings that end a reply: whole markers of a turn, since "###" alone may begin a heading
//   trim_reply          replies are shown without white space at both ends
//   neutralise          markers of the format that somebody may have typed, and the shorter text put in their
//                       place, so that a message can never open a turn of its own
//   example             a worked exchange that may be put before the first turn; off by default
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/text/message.h"

namespace alcove::engine {

// What stands before and after a message's text: "{text}" of the template file marks the place.
struct TextFormat {
    std::string before;
    std::string after;
};

struct ChatTemplate {
    std::string name;
    std::string description;
    bool chat = false;  // kind "chat": the model answers; otherwise it continues
    std::vector<std::string> checkpoints;
    std::string system;
    TextFormat systemFormat;
    TextFormat userFormat;
    TextFormat assistantFormat;
    std::string replyFormat;
    std::string separator;
    std::vector<std::string> stopStrings;
    bool trimReply = false;
    std::vector<std::pair<std::string, std::string>> neutralise;  // marker, what stands in its place
    std::vector<Message> example;
};

// Reads one template file. Throws Error{FileDamaged} that names the field at fault.
[[nodiscard]] ChatTemplate parseChatTemplate(std::string_view json);

// All templates of this build, by name; read once. Any thread.
[[nodiscard]] const std::vector<ChatTemplate>& builtInTemplates();

// One of them. Throws Error{InvalidRequest} that lists the names there are.
[[nodiscard]] const ChatTemplate& templateNamed(std::string_view name);

// The prompt (without <s>) that makes the model write the reply to the last of `messages`, leaving out
// the messages before `firstMessage`. A system message can only be messages[0]; it is kept whatever
// `firstMessage` is. Throws Error{InvalidRequest} if `messages` is empty, does not end in a user's message
// or has a system message elsewhere.
[[nodiscard]] std::string renderPrompt(const ChatTemplate& chatTemplate, std::span<const Message> messages,
                                       std::size_t firstMessage, bool withExample);

}  // namespace alcove::engine
