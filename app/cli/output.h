// What alcove-cli writes to standard output: exactly the text, or JSON.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace alcove::cli {

// Writing to standard output failed; the message is a sentence.
class OutputError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// Each function writes through at once and throws OutputError where that fails.
void writeText(std::string_view text);
void writeJson(const nlohmann::ordered_json& value);  // one line; invalid UTF-8 becomes U+FFFD

// Lines "name   value" with the values in one column.
void writeTable(const std::vector<std::pair<std::string, std::string>>& rows);

// After a text that is printed exactly: on a terminal a line break if it does not end in one, so that the
// prompt of the shell stands on a line of its own. Nothing where the output goes to a file or a pipe.
void finishText(std::string_view text);

}  // namespace alcove::cli
