#include "engine/files/small_file.h"

#include <fstream>

#include "engine/base/error.h"

namespace alcove::engine {

std::string readSmallFile(const std::filesystem::path& path, std::uint64_t limit) {
    std::error_code failure;
    const std::filesystem::file_status status = std::filesystem::status(path, failure);
    if (status.type() == std::filesystem::file_type::not_found) {
        throw Error(ErrorCode::FileMissing, path.parent_path().string() + " lacks " + path.filename().string() +
                                                ". Download that file into the folder.");
    }
    if (failure || status.type() != std::filesystem::file_type::regular) {
        throw Error(ErrorCode::FileUnreadable, path.string() + " is not a file that can be read" +
                                                   (failure ? ": " + failure.message() : std::string()) + ".");
    }
    const std::uintmax_t size = std::filesystem::file_size(path, failure);
    if (!failure && size > limit) {
        throw Error(ErrorCode::FileDamaged, path.string() + " is " + std::to_string(size) +
                                                " bytes long; a file of this kind has at most " +
                                                std::to_string(limit) + ".");
    }
    std::ifstream file(path, std::ios::binary);
    std::string bytes(failure ? 0 : static_cast<std::size_t>(size), '\0');
    file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    if (failure || !file || static_cast<std::uintmax_t>(file.gcount()) != size) {
        throw Error(ErrorCode::FileUnreadable, path.string() + " could not be read.");
    }
    return bytes;
}

}  // namespace alcove::engine
