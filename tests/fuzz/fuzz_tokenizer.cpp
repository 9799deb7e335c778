// tokenizer.model: any bytes lead to a tokenizer that works or to an Error.
#include "engine/base/error.h"
#include "engine/text/tokenizer.h"
#include "tests/fuzz/fuzz_file.h"
#include "tests/fuzz/growth.h"

using namespace alcove;

namespace {

void read(const std::uint8_t* data, std::size_t size) {
    static const fuzz::FuzzFolder folder("tokenizer.model");
    folder.input().write(data, size);
    try {
        const engine::Tokenizer tokenizer = engine::Tokenizer::open(folder.path(), 512);
        const std::vector<engine::TokenId> tokens = tokenizer.encode("Once upon a time\n\xF0\x9F\xA6\x99 \xFF </s>");
        for (const engine::TokenId token : tokens) {
            (void)tokenizer.tokenBytes(token);
            (void)tokenizer.piece(token);
        }
        (void)tokenizer.decode(tokens);
    } catch (const engine::Error&) {  // the expected answer to nearly every input
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    return fuzz::tried(data, size, read);
}
