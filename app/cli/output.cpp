#include "app/cli/output.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <unistd.h>

#include <nlohmann/json.hpp>

namespace alcove::cli {

void writeText(std::string_view text) {
    const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
    if (!written || std::fflush(stdout) != 0) {
        throw OutputError(std::string("The output could not be written: ") + std::strerror(errno) + ".");
    }
}

void writeJson(const nlohmann::ordered_json& value) {
    writeText(value.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
}

void writeTable(const std::vector<std::pair<std::string, std::string>>& rows) {
    std::size_t width = 0;
    for (const auto& [name, value] : rows) {
        width = std::max(width, name.size());
    }
    for (const auto& [name, value] : rows) {
        std::string line = name;
        line.append(width + 2 - name.size(), ' ').append(value).append("\n");
        writeText(line);
    }
}

void finishText(std::string_view text) {
    if (!text.ends_with('\n') && ::isatty(STDOUT_FILENO) == 1) {
        writeText("\n");
    }
}

}  // namespace alcove::cli
