// What the standard library throws where memory is short, as an Error.
#pragma once

#include <filesystem>
#include <new>

#include "engine/base/error.h"

namespace alcove::engine {

// What `work`, which reads `file`, returns. Throws Error{OutOfMemory} in place of std::bad_alloc.
template <typename Work>
auto withMemoryToRead(const std::filesystem::path& file, const Work& work) {
    try {
        return work();
    } catch (const std::bad_alloc&) {
        throw Error(ErrorCode::OutOfMemory,
                    ALCOVE_TEXT("engine",
                                "There is not enough free memory to read %1. Close other programs, or choose "
                                "a smaller model."),
                    file);
    }
}

}  // namespace alcove::engine
