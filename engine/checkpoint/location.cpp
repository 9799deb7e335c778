#include "engine/checkpoint/location.h"

#include <algorithm>
#include <cerrno>
#include <dirent.h>
#include <string>
#include <system_error>

#include "engine/base/error.h"

namespace alcove::engine {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostEntries = 10'000;  // of a folder

// Not std::filesystem::directory_iterator, which ends the program where memory runs out.
class Folder {
public:
    explicit Folder(const fs::path& path)
        : m_stream(::opendir(path.c_str())), m_error(m_stream == nullptr ? errno : 0) {}
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() {
        if (m_stream != nullptr) {
            ::closedir(m_stream);
        }
    }

    [[nodiscard]] int error() const { return m_error; }

    // The name of the next entry; null: there is none left.
    [[nodiscard]] const char* next() {
        const dirent* const entry = m_stream == nullptr ? nullptr : ::readdir(m_stream);  // NOLINT: a stream of its own
        return entry == nullptr ? nullptr : entry->d_name;
    }

private:
    DIR* m_stream;
    int m_error;
};

void requireReadable(const fs::path& folder) {
    if (const int error = Folder(folder).error(); error != 0) {
        throw Error(ErrorCode::FileUnreadable,
                    ALCOVE_TEXT("engine", "%1 cannot be read: %2. Check the folder and its permissions."), folder,
                    std::generic_category().message(error));
    }
}

}  // namespace

bool isGgufName(const fs::path& path) {
    std::string ending = path.extension().string();
    std::transform(ending.begin(), ending.end(), ending.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return ending == ".gguf";
}

std::vector<fs::path> ggufFilesIn(const fs::path& folder) {
    std::vector<fs::path> result;
    Folder entries(folder);
    std::size_t seen = 0;
    for (const char* name = entries.next(); name != nullptr && seen < kMostEntries; name = entries.next(), ++seen) {
        std::error_code ignored;
        if (name[0] != '.' && isGgufName(name) && fs::is_regular_file(folder / name, ignored)) {
            result.push_back(folder / name);
        }
    }
    std::sort(result.begin(), result.end());
    return result;
}

fs::path locateCheckpoint(const fs::path& path) {
    std::error_code failure;
    fs::path location = fs::absolute(path, failure).lexically_normal();
    const fs::file_status status = fs::status(location, failure);
    if (status.type() == fs::file_type::not_found) {
        throw Error(ErrorCode::FileMissing,
                    ALCOVE_TEXT("engine", "%1 is not there. Choose a folder that holds a checkpoint, or a GGUF file."),
                    path);
    }
    if (status.type() == fs::file_type::none) {
        throw Error(ErrorCode::FileUnreadable, ALCOVE_TEXT("engine", "%1 cannot be read: %2. Check its permissions."),
                    path, failure.message());
    }
    if (!fs::is_directory(status)) {
        if (isGgufName(location)) {
            return location;
        }
        location = location.parent_path();
    }
    if (!location.has_filename()) {
        location = location.parent_path();  // "…/name/" → "…/name"
    }
    requireReadable(location);
    if (fs::exists(fs::symlink_status(location / "config.json", failure))) {
        return location;
    }
    const std::vector<fs::path> files = ggufFilesIn(location);
    if (files.size() > 1) {
        throw Error(ErrorCode::InvalidRequest,
                    ALCOVE_TEXT("engine", "%1 holds %2 GGUF files, %3 among them. Choose one of the files."), location,
                    files.size(), files.front().filename());
    }
    return files.empty() ? location : files.front();
}

fs::path folderOfLocation(const fs::path& location) {
    return isGgufName(location) && !fs::is_directory(location) ? location.parent_path() : location;
}

std::string nameOfLocation(const fs::path& location) {
    return isGgufName(location) && !fs::is_directory(location) ? location.stem().string()
                                                               : location.filename().string();
}

}  // namespace alcove::engine
