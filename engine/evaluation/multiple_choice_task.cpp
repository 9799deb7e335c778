#include "engine/evaluation/multiple_choice_task.h"

#include <algorithm>
#include <optional>

#include <nlohmann/json.hpp>

#include "engine/base/error.h"
#include "engine/evaluation/given_file.h"
#include "engine/files/bounded_json.h"

namespace alcove::engine {

namespace {

using nlohmann::json;

constexpr JsonLimits kLineLimits = {.bytes = kTaskLineLimit, .depth = 16, .values = 10'000, .text = kTaskLineLimit};
constexpr std::size_t kMostChoices = 1024;
constexpr std::string_view kBlank = " \t\r\n\v\f";

bool isBlank(std::string_view text) {
    return text.find_first_not_of(kBlank) == std::string_view::npos;
}

// One line of a task, read into an item; every failure names the line.
class Line {
public:
    Line(const std::filesystem::path& file, std::size_t number) : m_file(file), m_number(number) {}

    template <typename... Arguments>
    [[noreturn]] void fail(TranslatableText what, const Arguments&... arguments) const {
        failWith(Sentence(what, arguments...));
    }

    [[nodiscard]] MultipleChoiceItem read(std::string_view text) const {
        const JsonDocument document =
            parseJsonObject(text, kLineLimits, [this](const Sentence& clause) { failWith(clause); });
        const json& object = *document;
        MultipleChoiceItem item;
        item.line = m_number;
        item.context =
            member(object, "context", ALCOVE_TEXT("engine", "a string"), &json::is_string).get<std::string>();
        const json& choices = member(object, "choices", ALCOVE_TEXT("engine", "an array of strings"), &json::is_array);
        if (choices.size() < 2 || choices.size() > kMostChoices) {
            fail(ALCOVE_TEXT("engine", "\"choices\" has %1 entries; there must be 2 to %2"), choices.size(),
                 kMostChoices);
        }
        for (const json& choice : choices) {
            if (!choice.is_string()) {
                fail(ALCOVE_TEXT("engine", "choice %1 is not a string"), item.choices.size());
            }
            item.choices.push_back(choice.get<std::string>());
            if (isBlank(item.choices.back())) {
                fail(ALCOVE_TEXT("engine", "choice %1 is blank"), item.choices.size() - 1);
            }
        }
        const json& answer =
            member(object, "answer", ALCOVE_TEXT("engine", "a whole number"), &json::is_number_integer);
        if (!answer.is_number_unsigned() || answer.get<std::uint64_t>() >= item.choices.size()) {
            fail(ALCOVE_TEXT("engine", "\"answer\" is %1; the choices are numbered from 0 to %2"), shownValue(answer),
                 item.choices.size() - 1);
        }
        item.answer = answer.get<std::size_t>();
        return item;
    }

private:
    [[noreturn]] void failWith(const Sentence& clause) const {
        throw Error(ErrorCode::FileDamaged, ALCOVE_TEXT("engine", "%1, line %2: %3. Nothing was evaluated."), m_file,
                    m_number, clause);
    }

    [[nodiscard]] const json& member(const json& object, const char* key, TranslatableText kind,
                                     bool (json::*isKind)() const noexcept) const {
        const auto found = object.find(key);
        if (found == object.end()) {
            fail(ALCOVE_TEXT("engine", "it has no \"%1\""), key);
        }
        if (!((*found).*isKind)()) {
            fail(ALCOVE_TEXT("engine", "\"%1\" is not %2"), key, kind);
        }
        return *found;
    }

    const std::filesystem::path& m_file;
    std::size_t m_number;
};

}  // namespace

std::vector<MultipleChoiceItem> parseMultipleChoiceTask(std::string_view text, const std::filesystem::path& file) {
    std::vector<MultipleChoiceItem> items;
    for (std::size_t number = 1; !text.empty(); ++number) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (!isBlank(line)) {
            items.push_back(Line(file, number).read(line));
        }
    }
    if (items.empty()) {
        throw Error(ErrorCode::FileDamaged,
                    ALCOVE_TEXT("engine",
                                "%1 holds no item: it must have lines such as {\"context\": \"The sky is\", "
                                "\"choices\": [\" blue.\", \" made of cheese.\"], \"answer\": 0}."),
                    file);
    }
    return items;
}

std::vector<MultipleChoiceItem> readMultipleChoiceTask(const std::filesystem::path& file) {
    return parseMultipleChoiceTask(readGivenFile(file, kTaskFileLimit), file);
}

}  // namespace alcove::engine
