// Multiple-choice tasks as files.
//
// A task is JSON Lines: UTF-8, one object a line, blank lines between them skipped.
//
//     {"context": "The sky is", "choices": [" blue.", " made of cheese."], "answer": 0}
//
// "context"  a string, what comes before every choice; may be empty
// "choices"  at least 2 strings, at most 1024. Each is appended to the context exactly as it is given, so it usually
//            begins with the space that separates them; none may be blank
// "answer"   the number of the right choice, counted from 0
//
// Other keys are ignored. HellaSwag, ARC, PIQA and WinoGrande fit as they are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace alcove::engine {

struct MultipleChoiceItem {
    std::size_t line = 0;  // in the file, from 1
    std::string context;
    std::vector<std::string> choices;
    std::size_t answer = 0;
};

inline constexpr std::uint64_t kTaskFileLimit = 256ULL << 20U;  // bytes
inline constexpr std::size_t kTaskLineLimit = 1U << 20U;

// The items of a task; `file` names it in errors. Throws Error{FileDamaged} naming the first malformed line and what
// is wrong with it, or that there is no item at all.
[[nodiscard]] std::vector<MultipleChoiceItem> parseMultipleChoiceTask(std::string_view text,
                                                                      const std::filesystem::path& file);

// Throws also as readGivenFile does.
[[nodiscard]] std::vector<MultipleChoiceItem> readMultipleChoiceTask(const std::filesystem::path& file);

}  // namespace alcove::engine
