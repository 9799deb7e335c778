#include "app/cli/numbers.h"

#include <array>
#include <charconv>

#include "app/checkpoints/checkpoint_facts.h"

namespace alcove::cli {

std::string decimal(double value, int digits) {
    std::array<char, 400> text = {};  // the largest double has 309 digits before the point
    const auto [end, failure] =
        std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed, digits);
    return {text.data(), end};
}

double shortest(float value) {
    std::array<char, 64> text = {};
    const auto [end, failure] = std::to_chars(text.data(), text.data() + text.size(), value);
    double result = value;
    std::from_chars(text.data(), end, result);
    return result;
}

std::string byteCount(std::uint64_t bytes) {
    return bytesText(static_cast<qint64>(bytes)).toStdString();
}

std::string valueCount(std::uint64_t values) {
    return parametersText(values).toStdString();
}

}  // namespace alcove::cli
