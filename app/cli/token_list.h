// Token ids as they are typed.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "engine/checkpoint/model_config.h"

namespace alcove::cli {

// Decimal numbers separated by spaces or commas, at least one; nothing if `text` is anything else.
[[nodiscard]] std::optional<std::vector<engine::TokenId>> parseTokenList(std::string_view text);

}  // namespace alcove::cli
