#include "app/cli/nearest_name.h"

#include <algorithm>
#include <numeric>

namespace alcove::cli {

namespace {

constexpr std::size_t kLongestTyped = 40;  // beyond, no command is near

// Letters that are added, left out or changed (Levenshtein), by rows of the table.
std::size_t changesBetween(std::string_view from, std::string_view to) {
    std::vector<std::size_t> row(to.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < from.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < to.size(); ++j) {
            const std::size_t changed = diagonal + (from[i] == to[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({row[j] + 1, row[j + 1] + 1, changed});
        }
    }
    return row.back();
}

}  // namespace

std::string nearestName(std::string_view typed, const std::vector<std::string>& names) {
    if (typed.empty() || typed.size() > kLongestTyped) {
        return {};
    }
    const auto begins = [typed](const std::string& name) { return name.starts_with(typed); };
    if (std::count_if(names.begin(), names.end(), begins) == 1) {
        return *std::find_if(names.begin(), names.end(), begins);
    }
    std::string nearest;
    std::size_t fewest = std::max<std::size_t>(1, typed.size() / 3) + 1;
    for (const std::string& name : names) {
        if (const std::size_t changes = changesBetween(typed, name); changes < fewest) {
            fewest = changes;
            nearest = name;
        }
    }
    return nearest;
}

}  // namespace alcove::cli
