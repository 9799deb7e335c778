// Which chat template belongs to a checkpoint.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "engine/files/bounded_json.h"
#include "engine/text/chat_template.h"

namespace alcove::engine {

// Of alcove.json.
inline constexpr JsonLimits kCardLimits = {.bytes = 1 << 16, .depth = 8, .values = 1000, .text = 1 << 14};

struct TemplateSelection {
    std::string name;
    bool workedExample = false;
};

// The template for the checkpoint at `location` (a folder or a GGUF file), in this order:
// 1. `alcove.json` in the folder (of the file): {"chat_template": "NAME", "worked_example": false}, both optional (its
//    other members are read by app/checkpoints/checkpoint_card.h);
// 2. the one that Alcove wrote into a GGUF file;
// 3. a template whose patterns fit the folder's or GGUF file's name, the last part of "_name_or_path" in config.json,
//    or the name that a GGUF file gives, up to 255 bytes of it: a longer one fits no pattern;
// 4. "plain".
// Throws Error{FileDamaged, FileUnreadable} for an alcove.json that cannot be understood or names a template
// that does not exist.
[[nodiscard]] TemplateSelection selectTemplate(const std::filesystem::path& location);

// Whether `name` fits `pattern`, in which each "*" stands for anything; ASCII case does not matter. The work grows as
// name.size() * pattern.size() at most, whatever is in them.
[[nodiscard]] bool fitsPattern(std::string_view name, std::string_view pattern);

}  // namespace alcove::engine
