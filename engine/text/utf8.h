// Checking and mending UTF-8 (RFC 3629, Unicode 15 table 3-7).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace alcove::engine {

inline constexpr std::string_view kReplacementCharacter = "\xEF\xBF\xBD";  // U+FFFD

enum class Utf8Scan {
    Whole,    // a character
    Damaged,  // a maximal subpart of an ill-formed sequence: one U+FFFD stands for it
    CutOff,   // the text ends inside what may still become a character
};

struct Utf8Step {
    Utf8Scan kind = Utf8Scan::Whole;
    std::size_t length = 0;  // bytes it takes, at least 1
};

// What `bytes` (not empty) begins with.
[[nodiscard]] Utf8Step scanUtf8(std::string_view bytes);

[[nodiscard]] bool isValidUtf8(std::string_view bytes);

// `bytes` with one U+FFFD in place of each maximal subpart of an ill-formed sequence, as the Unicode
// Standard recommends (section 3.9). Valid text comes back unchanged.
[[nodiscard]] std::string repairUtf8(std::string_view bytes);

}  // namespace alcove::engine
