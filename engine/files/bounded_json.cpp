#include "engine/files/bounded_json.h"

#include <string>
#include <unordered_set>
#include <vector>

#include "engine/files/file_errors.h"
#include "engine/files/mapped_file.h"

namespace alcove::engine {

namespace {

using nlohmann::json;

// Follows the parser from event to event and throws as soon as a limit is passed.
class Watch {
public:
    Watch(const std::filesystem::path& file, const JsonLimits& limits) : m_file(file), m_limits(limits) {}

    void see(json::parse_event_t event, const json& parsed) {
        switch (event) {
            case json::parse_event_t::object_start:
            case json::parse_event_t::array_start:
                count();
                m_keys.emplace_back();
                if (m_keys.size() > m_limits.depth) {
                    failDamaged(m_file, ALCOVE_TEXT("engine", "its JSON is nested too deeply"));
                }
                break;
            case json::parse_event_t::object_end:
            case json::parse_event_t::array_end:
                m_keys.pop_back();
                break;
            case json::parse_event_t::key: {
                count();
                const auto& key = parsed.get_ref<const std::string&>();
                if (!m_keys.back().insert(key).second) {
                    failDamaged(m_file, ALCOVE_TEXT("engine", "its JSON gives \"%1\" twice"), shown(key));
                }
                break;
            }
            case json::parse_event_t::value:
                count();
                break;
        }
    }

private:
    void count() {
        if (++m_values > m_limits.values) {
            failDamaged(m_file, ALCOVE_TEXT("engine", "its JSON holds too many values"));
        }
    }

    const std::filesystem::path& m_file;
    const JsonLimits& m_limits;
    std::size_t m_values = 0;
    std::vector<std::unordered_set<std::string>> m_keys;  // of each open object
};

}  // namespace

json parseJsonObject(std::string_view text, const std::filesystem::path& file, const JsonLimits& limits) {
    if (text.size() > limits.bytes) {
        failDamaged(file, ALCOVE_TEXT("engine", "its JSON is larger than %1 bytes"), limits.bytes);
    }
    Watch watch(file, limits);
    json result;
    try {
        result = json::parse(text.begin(), text.end(), [&watch](int, json::parse_event_t event, json& parsed) {
            watch.see(event, parsed);
            return true;
        });
    } catch (const json::parse_error& failure) {
        failDamaged(file, ALCOVE_TEXT("engine", "its JSON is malformed at byte %1"), failure.byte);
    } catch (const json::exception&) {
        failDamaged(file, ALCOVE_TEXT("engine", "its JSON holds a number that is out of range"));
    }
    if (!result.is_object()) {
        failDamaged(file, ALCOVE_TEXT("engine", "its JSON is not an object"));
    }
    return result;
}

json readJsonObject(const std::filesystem::path& file, const JsonLimits& limits) {
    const MappedFile mapped(file);
    return parseJsonObject(mapped.text(), file, limits);
}

}  // namespace alcove::engine
