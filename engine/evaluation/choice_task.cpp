#include "engine/evaluation/choice_task.h"

#include <algorithm>
#include <optional>
#include <unordered_set>

#include <nlohmann/json.hpp>

#include "engine/base/error.h"
#include "engine/evaluation/given_file.h"

namespace alcove::engine {

namespace {

using nlohmann::json;

constexpr int kDeepest = 16;
constexpr std::size_t kMostChoices = 1024;
constexpr std::string_view kBlank = " \t\r\n\v\f";

bool isBlank(std::string_view text) {
    return text.find_first_not_of(kBlank) == std::string_view::npos;
}

// One line of a task, read into an item; every failure names the line.
class Line {
public:
    Line(const std::filesystem::path& file, std::size_t number) : m_file(file), m_number(number) {}

    [[noreturn]] void fail(const std::string& what) const {
        throw Error(ErrorCode::FileDamaged,
                    m_file.string() + ", line " + std::to_string(m_number) + ": " + what + ". Nothing was evaluated.");
    }

    [[nodiscard]] ChoiceItem read(std::string_view text) const {
        if (text.size() > kTaskLineLimit) {
            fail("it is longer than " + std::to_string(kTaskLineLimit) + " bytes");
        }
        const json object = parse(text);
        if (!object.is_object()) {
            fail("it is not a JSON object");
        }
        ChoiceItem item;
        item.line = m_number;
        item.context = member(object, "context", "a string", &json::is_string).get<std::string>();
        const json& choices = member(object, "choices", "an array of strings", &json::is_array);
        if (choices.size() < 2 || choices.size() > kMostChoices) {
            fail("\"choices\" has " + std::to_string(choices.size()) + " entries; there must be 2 to " +
                 std::to_string(kMostChoices));
        }
        for (const json& choice : choices) {
            if (!choice.is_string()) {
                fail("choice " + std::to_string(item.choices.size()) + " is not a string");
            }
            item.choices.push_back(choice.get<std::string>());
            if (isBlank(item.choices.back())) {
                fail("choice " + std::to_string(item.choices.size() - 1) + " is blank");
            }
        }
        const json& answer = member(object, "answer", "a whole number", &json::is_number_integer);
        if (!answer.is_number_unsigned() || answer.get<std::uint64_t>() >= item.choices.size()) {
            fail("\"answer\" is " + answer.dump() + "; the choices are numbered from 0 to " +
                 std::to_string(item.choices.size() - 1));
        }
        item.answer = answer.get<std::size_t>();
        return item;
    }

private:
    [[nodiscard]] json parse(std::string_view text) const {
        std::vector<std::unordered_set<std::string>> keys;  // of each open object
        const auto watch = [&](int, json::parse_event_t event, json& parsed) {
            if (event == json::parse_event_t::object_start || event == json::parse_event_t::array_start) {
                keys.emplace_back();
                if (keys.size() > kDeepest) {
                    fail("its JSON is nested too deeply");
                }
            } else if (event == json::parse_event_t::object_end || event == json::parse_event_t::array_end) {
                keys.pop_back();
            } else if (event == json::parse_event_t::key &&
                       !keys.back().insert(parsed.get_ref<const std::string&>()).second) {
                fail("it gives " + parsed.dump(-1, ' ', true) + " twice");
            }
            return true;
        };
        try {
            return json::parse(text.begin(), text.end(), watch);
        } catch (const json::parse_error& failure) {
            fail("its JSON is malformed at byte " + std::to_string(failure.byte));
        } catch (const json::exception&) {
            fail("its JSON holds a number that is out of range");
        }
    }

    [[nodiscard]] const json& member(const json& object, const char* key, const char* kind,
                                     bool (json::*isKind)() const noexcept) const {
        const auto found = object.find(key);
        if (found == object.end()) {
            fail("it has no \"" + std::string(key) + "\"");
        }
        if (!((*found).*isKind)()) {
            fail("\"" + std::string(key) + "\" is not " + kind);
        }
        return *found;
    }

    const std::filesystem::path& m_file;
    std::size_t m_number;
};

}  // namespace

std::vector<ChoiceItem> parseChoiceTask(std::string_view text, const std::filesystem::path& file) {
    std::vector<ChoiceItem> items;
    for (std::size_t number = 1; !text.empty(); ++number) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (!isBlank(line)) {
            items.push_back(Line(file, number).read(line));
        }
    }
    if (items.empty()) {
        throw Error(ErrorCode::FileDamaged, file.string() +
                                                " holds no item: it must have lines such as "
                                                "{\"context\": \"The sky is\", \"choices\": [\" blue.\", "
                                                "\" made of cheese.\"], \"answer\": 0}.");
    }
    return items;
}

std::vector<ChoiceItem> readChoiceTask(const std::filesystem::path& file) {
    return parseChoiceTask(readGivenFile(file, kTaskFileLimit), file);
}

}  // namespace alcove::engine
