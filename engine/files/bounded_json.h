// The reader of JSON that fits into memory, within limits, for every JSON that comes from outside the program; what is
// larger is for streamed_json.h.
//
// The parser keeps its own stack, but copying, comparing and writing a document are recursive, so its depth is limited
// while it is read. tests/checks/readers.sh sees to it that nothing but these two parses JSON.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "engine/base/sentence.h"

namespace alcove::engine {

struct JsonLimits {
    std::size_t bytes;
    std::size_t depth;   // of nested arrays and objects
    std::size_t values;  // keys and values together, which bounds the memory a document can ask for
    std::size_t text;    // bytes of a key or a string, and blanks one after another
};

// What was read. Move-only. The library's own destructor allocates memory for each array and object, and ends the
// program where there is none; this one does not.
class JsonDocument {
public:
    explicit JsonDocument(nlohmann::json value);
    JsonDocument(JsonDocument&&) noexcept;
    JsonDocument& operator=(JsonDocument&&) noexcept;
    ~JsonDocument();

    [[nodiscard]] const nlohmann::json& operator*() const { return *m_value; }
    [[nodiscard]] const nlohmann::json* operator->() const { return m_value.get(); }
    // For whoever builds the document, or takes texts out of it to keep them.
    [[nodiscard]] nlohmann::json& edit() { return *m_value; }

private:
    std::unique_ptr<nlohmann::json> m_value;
};

// Gets what is wrong, as a clause without a full stop; must throw.
using JsonFailure = std::function<void(const Sentence& clause)>;

// Parses a document whose outermost value is an object. Calls `fail` if it is no JSON, exceeds a limit, or gives a key
// twice.
[[nodiscard]] JsonDocument parseJsonObject(std::string_view text, const JsonLimits& limits, const JsonFailure& fail);

// The same; throws Error{FileDamaged} naming `file`.
[[nodiscard]] JsonDocument parseJsonObject(std::string_view text, const std::filesystem::path& file,
                                           const JsonLimits& limits);

// The same for a whole file. Throws also as readSmallFile does.
[[nodiscard]] JsonDocument readJsonObject(const std::filesystem::path& file, const JsonLimits& limits);

// The value written as JSON, made fit for a sentence as shown() makes texts. Of a parsed document.
[[nodiscard]] std::string shownValue(const nlohmann::json& value);

}  // namespace alcove::engine
