// What the menu of checkpoints looks at in a GGUF file: any bytes lead to an Error or to facts, and nothing that a file
// only claims is allocated.
#include <cstdlib>

#include "engine/base/error.h"
#include "engine/checkpoint/gguf_model.h"
#include "engine/text/gguf_vocabulary.h"
#include "engine/text/template_selection.h"
#include "tests/fuzz/fuzz_file.h"
#include "tests/fuzz/growth.h"

using namespace alcove;

namespace {

void look(const std::filesystem::path& path) {
    const engine::MappedFile file(path);
    file.unchangedAfter([&file] {
        const engine::GgufFile gguf(file);
        const engine::DeclaredConfig config = engine::declaredBy(gguf);
        if (config.headCount == 0 || config.contextLength == 0 || config.eosTokens.empty()) {
            std::abort();
        }
        engine::checkGgufVocabulary(gguf);
    });
    (void)engine::selectTemplate(path);
}

const fuzz::FuzzFolder& listed() {
    static const fuzz::FuzzFolder folder("input.gguf");
    return folder;
}

void lookOnce() {
    try {
        look(listed().path() / "input.gguf");
    } catch (const engine::Error&) {  // the expected answer to nearly every input
    }
}

void read(const std::uint8_t* data, std::size_t size) {
    listed().input().write(data, size);
    lookOnce();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::uint64_t kHole = std::uint64_t{1} << 30U;
    constexpr std::uint64_t kMostAllocated = std::uint64_t{16} << 20U;
    fuzz::tried(data, size, read);
    // The same file with a hole at its end, in which whatever it claims may lie.
    listed().input().write(data, size);
    listed().input().extend(kHole);
    const std::uint64_t before = fuzz::allocatedSoFar();
    lookOnce();
    if (fuzz::allocatedSoFar() - before > kMostAllocated + 8 * size) {
        std::abort();
    }
    return 0;
}
