#include "engine/files/small_file.h"

#include <fstream>

#include "engine/base/error.h"

namespace alcove::engine {

std::string readSmallFile(const std::filesystem::path& path, std::uint64_t limit) {
    std::error_code failure;
    const std::filesystem::file_status status = std::filesystem::status(path, failure);
    if (status.type() == std::filesystem::file_type::not_found) {
        throw Error(ErrorCode::FileMissing, ALCOVE_TEXT("engine", "%1 has no %2. Download that file into the folder."),
                    path.parent_path(), path.filename());
    }
    if (failure || status.type() != std::filesystem::file_type::regular) {
        throw failure
            ? Error(ErrorCode::FileUnreadable, ALCOVE_TEXT("engine", "%1 is not a file that can be read: %2."), path,
                    failure.message())
            : Error(ErrorCode::FileUnreadable, ALCOVE_TEXT("engine", "%1 is not a file that can be read."), path);
    }
    const std::uintmax_t size = std::filesystem::file_size(path, failure);
    if (!failure && size > limit) {
        throw Error(ErrorCode::FileDamaged,
                    ALCOVE_TEXT("engine", "%1 is %2 bytes long; a file of this kind has at most %3."), path, size,
                    limit);
    }
    std::ifstream file(path, std::ios::binary);
    std::string bytes(failure ? 0 : static_cast<std::size_t>(size), '\0');
    file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    if (failure || !file || static_cast<std::uintmax_t>(file.gcount()) != size) {
        throw Error(ErrorCode::FileUnreadable, ALCOVE_TEXT("engine", "%1 could not be read."), path);
    }
    return bytes;
}

}  // namespace alcove::engine
