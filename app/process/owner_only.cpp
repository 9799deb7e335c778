#include "app/process/owner_only.h"

#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <sys/stat.h>
#include <unistd.h>

#include <QFile>

namespace alcove {
namespace {

constexpr mode_t kOfOthers = 077;

bool mayRestrict(const struct stat& status) {
    return status.st_uid == ::geteuid() && (S_ISREG(status.st_mode) || S_ISDIR(status.st_mode)) &&
           !(S_ISDIR(status.st_mode) && (status.st_mode & S_ISVTX) != 0);
}

// An entry of the open folder.
void restrictEntry(int folder, const char* name) {
    struct stat status {};
    if (::fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && mayRestrict(status) &&
        (status.st_mode & kOfOthers) != 0) {
        static_cast<void>(::fchmodat(folder, name, status.st_mode & 07777 & ~kOfOthers, 0));
    }
}

}  // namespace

void keepFromOthers(const QString& path) {
    restrictEntry(AT_FDCWD, QFile::encodeName(path).constData());
}

void keepFolderFromOthers(const QString& folder) {
    const int descriptor =
        ::open(QFile::encodeName(folder).constData(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (descriptor < 0) {
        return;
    }
    const std::unique_ptr<DIR, int (*)(DIR*)> entries(::fdopendir(descriptor), &::closedir);
    struct stat status {};
    if (!entries || ::fstat(descriptor, &status) != 0 || !mayRestrict(status)) {
        return;
    }
    while (const dirent* entry = ::readdir(entries.get())) {
        if (std::strcmp(entry->d_name, "..") != 0) {  // "." is the folder itself
            restrictEntry(descriptor, entry->d_name);
        }
    }
}

}  // namespace alcove
