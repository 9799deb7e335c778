// What is remembered of checkpoints: any bytes lead to facts, which are written again as they were, or to none.
#include <cstdlib>

#include <QString>

#include "app/checkpoints/checkpoint_facts.h"
#include "app/checkpoints/file_path.h"
#include "tests/fuzz/fuzz_file.h"
#include "tests/fuzz/growth.h"

using namespace alcove;

namespace {

// The seed has facts about it.
const QString kFolder = QStringLiteral("/");

void read(const std::uint8_t* data, std::size_t size) {
    static const fuzz::FuzzFile file;
    file.write(data, size);
    const CheckpointFactsCache cache(fromPath(file.path()));
    const std::optional<CheckpointFacts> facts = cache.find(kFolder);
    if (facts && facts->fileBytes < 0) {
        std::abort();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    return fuzz::tried(data, size, read);
}
