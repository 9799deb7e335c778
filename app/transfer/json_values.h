// Values out of JSON that somebody else wrote: what is not there, or is of another type, is empty.
#pragma once

#include <QDateTime>
#include <QString>
#include <nlohmann/json.hpp>

namespace alcove {

using JsonValue = nlohmann::json;

// Null: it is not there.
[[nodiscard]] const JsonValue* memberOf(const JsonValue& object, const char* key);
// An empty array, object or text, as it is asked for, where there is none.
[[nodiscard]] const JsonValue& arrayIn(const JsonValue& object, const char* key);
[[nodiscard]] const JsonValue& objectIn(const JsonValue& object, const char* key);
[[nodiscard]] QString textIn(const JsonValue& object, const char* key);
[[nodiscard]] bool flagIn(const JsonValue& object, const char* key);
[[nodiscard]] double numberIn(const JsonValue& object, const char* key);  // 0
[[nodiscard]] QString asText(const JsonValue& value);                     // of a text; of a whole number its digits
// Times since 1970 in UTC; not valid where there is none or it is absurd. Also in ISO 8601.
[[nodiscard]] QDateTime secondsIn(const JsonValue& object, const char* key);
[[nodiscard]] QDateTime millisecondsIn(const JsonValue& object, const char* key);

}  // namespace alcove
