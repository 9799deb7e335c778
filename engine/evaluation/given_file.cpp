#include "engine/evaluation/given_file.h"

#include "engine/base/error.h"
#include "engine/files/small_file.h"

namespace alcove::engine {

std::string readGivenFile(const std::filesystem::path& file, std::uint64_t limit) {
    std::error_code failure;
    if (std::filesystem::status(file, failure).type() == std::filesystem::file_type::not_found) {
        throw Error(ErrorCode::FileMissing, ALCOVE_TEXT("engine", "There is no file %1."), file);
    }
    return readSmallFile(file, limit);
}

}  // namespace alcove::engine
