// The checkpoint that an argument of the command line names, or that is taken where it is left out.
#pragma once

#include <string>

namespace alcove::cli {

// The path of a checkpoint: `request` itself if such a path exists; else the checkpoint in the library whose folder or
// display name that is (case does not matter), else `request` as it is. For an empty one, the checkpoint that the
// window would choose. Throws engine::Error{FileMissing} that says where to put a checkpoint if there is none, and that
// it can be named with `argument` instead. Changes no file.
[[nodiscard]] std::string checkpointNamed(const std::string& request, const std::string& argument);

}  // namespace alcove::cli
