// The files of resources/templates/, compiled into the library.
#pragma once

#include <span>
#include <string_view>

namespace alcove::engine {

// The text of each file, in the order of their names.
[[nodiscard]] std::span<const std::string_view> embeddedTemplates();

}  // namespace alcove::engine
