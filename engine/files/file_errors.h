// Errors about checkpoint files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "engine/base/sentence.h"

namespace alcove::engine {

// Text from an outside file made fit for a sentence: at most 120 bytes of it, control and non-ASCII bytes as '?'.
[[nodiscard]] std::string shown(std::string_view text);

// "[512, 64]".
[[nodiscard]] std::string shown(std::span<const std::uint64_t> shape);

// Throws Error{FileDamaged}: "FILE is damaged: DETAIL. Download it again." `detail` is a clause without a full stop.
[[noreturn]] void failDamaged(const std::filesystem::path& file, const Sentence& detail);

// Throws Error{Unsupported}: "FILE cannot be used: DETAIL." `detail` is a clause without a full stop.
[[noreturn]] void failUnsupported(const std::filesystem::path& file, const Sentence& detail);

// The same with the literal of the clause and its arguments.
template <typename... Arguments>
[[noreturn]] void failDamaged(const std::filesystem::path& file, TranslatableText detail,
                              const Arguments&... arguments) {
    failDamaged(file, Sentence(detail, arguments...));
}
template <typename... Arguments>
[[noreturn]] void failUnsupported(const std::filesystem::path& file, TranslatableText detail,
                                  const Arguments&... arguments) {
    failUnsupported(file, Sentence(detail, arguments...));
}

}  // namespace alcove::engine
