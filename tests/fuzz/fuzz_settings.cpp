// settings.ini: any bytes lead to settings within their ranges, which are the same when they are written and read
// again.
#include <cstdlib>
#include <fstream>

#include <QSettings>

#include "app/checkpoints/file_path.h"
#include "app/settings/settings.h"
#include "tests/fuzz/fuzz_file.h"
#include "tests/fuzz/growth.h"

using namespace alcove;

namespace {

void read(const std::uint8_t* data, std::size_t size) {
    static const fuzz::FuzzFolder folder("unused");
    const std::filesystem::path path = folder.path() / "settings.ini";
    // A new file each time: Qt remembers what it read of one that seems unchanged.
    std::filesystem::remove(path);
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
    Settings settings = SettingsFile(fromPath(path)).load();
    if (settings != withinRange(settings)) {
        std::abort();
    }
    std::filesystem::remove(path);
    if (!SettingsFile(fromPath(path)).save(settings).isEmpty() || SettingsFile(fromPath(path)).load() != settings) {
        std::abort();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    return fuzz::tried(data, size, read);
}
