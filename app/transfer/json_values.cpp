#include "app/transfer/json_values.h"

#include <cmath>

namespace alcove {
namespace {

constexpr double kMillisecondsPerSecond = 1000;
constexpr double kLatest = 253402300799000;  // the end of the year 9999

QDateTime timeOf(const JsonValue* value, double factor) {
    if (value != nullptr && value->is_number()) {
        const double milliseconds = value->get<double>() * factor;
        if (milliseconds > 0 && milliseconds <= kLatest) {
            return QDateTime::fromMSecsSinceEpoch(std::llround(milliseconds), Qt::UTC);
        }
    } else if (value != nullptr && value->is_string()) {
        constexpr std::size_t kLongest = 40;
        const auto& text = value->get_ref<const std::string&>();
        if (text.size() <= kLongest) {
            const QDateTime time = QDateTime::fromString(QString::fromStdString(text), Qt::ISODateWithMs);
            return time.isValid() ? time.toUTC() : QDateTime();
        }
    }
    return {};
}

}  // namespace

const JsonValue* memberOf(const JsonValue& object, const char* key) {
    if (!object.is_object()) {
        return nullptr;
    }
    const auto found = object.find(key);
    return found == object.end() ? nullptr : &*found;
}

const JsonValue& arrayIn(const JsonValue& object, const char* key) {
    static const JsonValue kNone = JsonValue::array();
    const JsonValue* const found = memberOf(object, key);
    return found != nullptr && found->is_array() ? *found : kNone;
}

const JsonValue& objectIn(const JsonValue& object, const char* key) {
    static const JsonValue kNone = JsonValue::object();
    const JsonValue* const found = memberOf(object, key);
    return found != nullptr && found->is_object() ? *found : kNone;
}

QString textIn(const JsonValue& object, const char* key) {
    const JsonValue* const found = memberOf(object, key);
    return found != nullptr && found->is_string() ? QString::fromStdString(found->get_ref<const std::string&>())
                                                  : QString();
}

bool flagIn(const JsonValue& object, const char* key) {
    const JsonValue* const found = memberOf(object, key);
    return found != nullptr && found->is_boolean() && found->get<bool>();
}

double numberIn(const JsonValue& object, const char* key) {
    const JsonValue* const found = memberOf(object, key);
    const double value = found != nullptr && found->is_number() ? found->get<double>() : 0;
    return std::isfinite(value) ? value : 0;
}

QString asText(const JsonValue& value) {
    if (value.is_string()) {
        return QString::fromStdString(value.get_ref<const std::string&>());
    }
    return value.is_number_integer() ? QString::number(value.get<qint64>()) : QString();
}

QDateTime secondsIn(const JsonValue& object, const char* key) {
    return timeOf(memberOf(object, key), kMillisecondsPerSecond);
}

QDateTime millisecondsIn(const JsonValue& object, const char* key) {
    return timeOf(memberOf(object, key), 1);
}

}  // namespace alcove
