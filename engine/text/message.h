// A message of a conversation.
#pragma once

#include <string>

namespace alcove::engine {

enum class Role { System, User, Assistant };

struct Message {
    Role role = Role::User;
    std::string text;  // UTF-8; invalid bytes become U+FFFD
};

}  // namespace alcove::engine
