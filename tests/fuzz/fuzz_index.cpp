// The index of shards: any bytes lead to files of this very folder or to an Error.
#include <cstdlib>

#include "engine/base/error.h"
#include "engine/checkpoint/model_files.h"
#include "tests/fuzz/fuzz_file.h"
#include "tests/fuzz/growth.h"

using namespace alcove;

namespace {

void read(const std::uint8_t* data, std::size_t size) {
    static const fuzz::FuzzFolder folder("model.safetensors.index.json");
    folder.input().write(data, size);
    try {
        const engine::ModelFiles files = engine::findModelFiles(folder.path());
        for (const std::filesystem::path& file : files.weights) {
            if (file.parent_path() != folder.path()) {
                std::abort();
            }
        }
        for (const auto& [tensor, position] : files.indexed) {
            if (position >= files.weights.size()) {
                std::abort();
            }
        }
    } catch (const engine::Error&) {  // the expected answer to nearly every input
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    return fuzz::tried(data, size, read);
}
