// Which checkpoint is meant where a person may leave it out.
#pragma once

#include <string>

namespace alcove::cli {

// `request` itself if such a path exists; else the checkpoint in the library whose folder or display name
// that is (case does not matter), else `request` as it is. For an empty one, the checkpoint that the window would
// choose. Throws engine::Error{FileMissing} that tells where to put a checkpoint if there is none; `argument` is how it
// can be named instead. Touches no file but to read.
[[nodiscard]] std::string chosenCheckpoint(const std::string& request, const std::string& argument);

}  // namespace alcove::cli
