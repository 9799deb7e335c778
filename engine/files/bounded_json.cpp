#include "engine/files/bounded_json.h"

#include <set>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "engine/files/file_errors.h"
#include "engine/files/small_file.h"

namespace alcove::engine {

namespace {

using nlohmann::json;

// Follows the parser from event to event, and fails as soon as a limit is passed.
class Watch {
public:
    Watch(const JsonLimits& limits, const JsonFailure& fail) : m_limits(limits), m_fail(fail) {}

    void see(json::parse_event_t event, const json& parsed) {
        switch (event) {
            case json::parse_event_t::object_start:
            case json::parse_event_t::array_start:
                count();
                m_keys.emplace_back();
                if (m_keys.size() > m_limits.depth) {
                    m_fail(ALCOVE_TEXT("engine", "its JSON is nested too deeply"));
                }
                break;
            case json::parse_event_t::object_end:
            case json::parse_event_t::array_end:
                m_keys.pop_back();
                break;
            case json::parse_event_t::key: {
                count();
                limitText(parsed);
                const auto& key = parsed.get_ref<const std::string&>();
                if (!m_keys.back().insert(key).second) {
                    m_fail({ALCOVE_TEXT("engine", "its JSON gives \"%1\" twice"), shown(key)});
                }
                break;
            }
            case json::parse_event_t::value:
                count();
                limitText(parsed);
                break;
        }
    }

private:
    void count() {
        if (++m_values > m_limits.values) {
            m_fail(ALCOVE_TEXT("engine", "its JSON holds too many values"));
        }
    }

    void limitText(const json& parsed) const {
        if (parsed.is_string() && parsed.get_ref<const std::string&>().size() > m_limits.text) {
            m_fail({ALCOVE_TEXT("engine", "its JSON holds a text of more than %1 bytes"), m_limits.text});
        }
    }

    const JsonLimits& m_limits;
    const JsonFailure& m_fail;
    std::size_t m_values = 0;
    std::vector<std::set<std::string>> m_keys;  // of each open object; sorted: a hash can be made to collide
};

// Recursive: the depth of what is read is limited.
void empty(json& value) {
    if (value.is_structured()) {
        for (json& part : value) {
            empty(part);
        }
        value.clear();
    }
}

}  // namespace

JsonDocument::JsonDocument(json value) : m_value(std::make_unique<json>(std::move(value))) {
}
JsonDocument::JsonDocument(JsonDocument&&) noexcept = default;
JsonDocument& JsonDocument::operator=(JsonDocument&&) noexcept = default;

JsonDocument::~JsonDocument() {
    if (m_value) {
        empty(*m_value);
    }
}

JsonDocument parseJsonObject(std::string_view text, const JsonLimits& limits, const JsonFailure& fail) {
    if (text.size() > limits.bytes) {
        fail({ALCOVE_TEXT("engine", "its JSON is larger than %1 bytes"), limits.bytes});
    }
    // The parser keeps blanks until the next token, and writes them out eightfold into what it says of a mistake.
    std::size_t blanks = 0;
    for (const char c : text) {
        blanks = c == ' ' || c == '\t' || c == '\n' || c == '\r' ? blanks + 1 : 0;
        if (blanks > limits.text) {
            fail({ALCOVE_TEXT("engine", "its JSON holds more than %1 blanks one after another"), limits.text});
        }
    }
    Watch watch(limits, fail);
    JsonDocument document{json()};
    try {
        document =
            JsonDocument(json::parse(text.begin(), text.end(), [&watch](int, json::parse_event_t event, json& parsed) {
                watch.see(event, parsed);
                return true;
            }));
    } catch (const json::parse_error& failure) {
        fail({ALCOVE_TEXT("engine", "its JSON is malformed at byte %1"), failure.byte});
    } catch (const json::exception&) {
        fail(ALCOVE_TEXT("engine", "its JSON holds a number that is out of range"));
    }
    if (!document->is_object()) {
        fail(ALCOVE_TEXT("engine", "its JSON is not an object"));
    }
    return document;
}

JsonDocument parseJsonObject(std::string_view text, const std::filesystem::path& file, const JsonLimits& limits) {
    return parseJsonObject(text, limits, [&file](const Sentence& clause) { failDamaged(file, clause); });
}

JsonDocument readJsonObject(const std::filesystem::path& file, const JsonLimits& limits) {
    return parseJsonObject(readSmallFile(file, limits.bytes), file, limits);
}

std::string shownValue(const json& value) {
    return shown(value.dump(-1, ' ', true, json::error_handler_t::replace));
}

}  // namespace alcove::engine
