// Chat templates: any name is compared with any pattern, and any text is put into a prompt, in work that grows as they
// do; no text opens a turn of its own.
#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "engine/text/chat_template.h"
#include "engine/text/template_selection.h"
#include "tests/fuzz/work_count.h"

using namespace alcove;

namespace {

constexpr std::size_t kSmallest = std::size_t{1} << 10U;  // bytes of what is measured: repeats of the input
constexpr std::size_t kLargest = std::size_t{64} << 10U;  // of an input

std::string repeated(const std::string& text) {
    std::string result;
    while (result.size() < kSmallest) {
        result += text;
    }
    return result;
}

// Position by position of name and pattern: slow, and plainly right.
bool fits(std::string_view name, std::string_view pattern) {
    const auto lowered = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    std::vector<bool> reached(name.size() + 1);
    reached[0] = true;
    for (const char wanted : pattern) {
        std::vector<bool> next(name.size() + 1);
        for (std::size_t i = 0; i <= name.size(); ++i) {
            if (wanted == '*') {
                next[i] = reached[i] || (i > 0 && next[i - 1]);
            } else {
                next[i] = i > 0 && reached[i - 1] && lowered(name[i - 1]) == lowered(wanted);
            }
        }
        reached = next;
    }
    return reached[name.size()];
}

void require(bool right) {
    if (!right) {
        std::abort();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) {
        return 0;
    }
    constexpr std::size_t kLongestPattern = 16;
    const std::string input(reinterpret_cast<const char*>(data), std::min(size, kLargest));
    const std::string name = input.substr(1);
    const std::string pattern = name.substr(0, data[0] % kLongestPattern);
    require(engine::fitsPattern(name, pattern) == fits(name, pattern));
    const std::string longName = repeated(name);
    for (const engine::ChatTemplate& chatTemplate : engine::builtInTemplates()) {
        for (const std::string& known : chatTemplate.checkpoints) {
            require(engine::fitsPattern(name, known) == fits(name, known));
            fuzz::requireGrowth(longName, [&](const std::string& text) { (void)engine::fitsPattern(text, known); });
        }
        const auto render = [&](const std::string& text) {
            const std::vector<engine::Message> messages = {{engine::Role::User, text}};
            return engine::renderPrompt(chatTemplate, messages, 0, false);
        };
        const std::string without = render({});
        const auto count = [](const std::string& text, const std::string& marker) {
            std::size_t found = 0;
            for (std::size_t at = text.find(marker); at != std::string::npos; at = text.find(marker, at + 1)) {
                ++found;
            }
            return found;
        };
        const std::string prompt = render(name);
        for (const auto& [marker, instead] : chatTemplate.neutralise) {
            require(count(prompt, marker) == count(without, marker));
        }
        fuzz::requireGrowth(longName, [&](const std::string& text) { (void)render(text); });
    }
    return 0;
}
