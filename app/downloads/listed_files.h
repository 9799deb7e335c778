// Lists of files as they are kept in files of ours.
#pragma once

#include <optional>

#include <QList>
#include <nlohmann/json_fwd.hpp>

#include "app/fetch/messages/messages.h"

namespace alcove {

// [{"name": …, "size": …, "sha256": …}, …]
[[nodiscard]] nlohmann::json jsonOfFiles(const QList<ListedFile>& files);
// None if it is anything else, or names a file that is not right in its folder.
[[nodiscard]] std::optional<QList<ListedFile>> filesInJson(const nlohmann::json& array);

}  // namespace alcove
