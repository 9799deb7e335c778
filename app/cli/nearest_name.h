// What somebody meant who typed a name that does not exist.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace alcove::cli {

// The one of `names` that begins with `typed`, if only one does, or else the one that the fewest letters added, left
// out or changed make of it; empty: none is near.
[[nodiscard]] std::string nearestName(std::string_view typed, const std::vector<std::string>& names);

}  // namespace alcove::cli
