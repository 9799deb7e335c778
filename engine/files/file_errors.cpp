#include "engine/files/file_errors.h"

#include "engine/base/error.h"

namespace alcove::engine {

std::string shown(std::string_view text) {
    constexpr std::size_t kLongest = 120;
    std::string result(text.substr(0, kLongest));
    for (char& c : result) {
        if (c < ' ' || c > '~') {
            c = '?';
        }
    }
    if (text.size() > kLongest) {
        result += "...";
    }
    return result;
}

std::string shown(std::span<const std::uint64_t> shape) {
    std::string result = "[";
    for (std::size_t i = 0; i < shape.size(); ++i) {
        result += (i == 0 ? "" : ", ") + std::to_string(shape[i]);
    }
    return result + "]";
}

void failDamaged(const std::filesystem::path& file, const Sentence& detail) {
    throw Error(ErrorCode::FileDamaged, ALCOVE_TEXT("engine", "%1 is damaged: %2. Download it again."), file, detail);
}

void failUnsupported(const std::filesystem::path& file, const Sentence& detail) {
    throw Error(ErrorCode::Unsupported, ALCOVE_TEXT("engine", "%1 cannot be used: %2."), file, detail);
}

}  // namespace alcove::engine
