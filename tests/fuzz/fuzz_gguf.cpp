// A GGUF file: any bytes lead to tensors inside the file, a checkpoint and a tokenizer that work, or to an Error.
#include <cstdlib>
#include <limits>

#include "engine/base/error.h"
#include "engine/checkpoint/checkpoint.h"
#include "engine/text/tokenizer.h"
#include "tests/fuzz/fuzz_file.h"
#include "tests/fuzz/growth.h"

using namespace alcove;

namespace {

void read(const std::uint8_t* data, std::size_t size) {
    static const fuzz::FuzzFolder folder("input.gguf");
    folder.input().write(data, size);
    const std::filesystem::path path = folder.path() / "input.gguf";
    try {
        const engine::Checkpoint checkpoint = engine::Checkpoint::open(path);
        const engine::ModelWeights& weights = checkpoint.weights();
        fuzz::touch(weights.embedding);
        fuzz::touch(weights.head);
        for (const engine::LayerWeights& layer : weights.layers) {
            fuzz::touch(layer.query);
            fuzz::touch(layer.key);
            fuzz::touch(weights.feedForwards.at(layer.feedForward).down);
        }
        if (checkpoint.uniqueBytes() > size) {
            std::abort();
        }
    } catch (const engine::Error&) {  // the expected answer to nearly every input
    }
    try {
        const auto anySize = static_cast<std::uint32_t>(std::numeric_limits<engine::TokenId>::max());
        const engine::Tokenizer tokenizer = engine::Tokenizer::open(path, anySize);
        (void)tokenizer.decode(tokenizer.encode("Once upon a time\n\xF0\x9F\xA6\x99 </s>"));
    } catch (const engine::Error&) {
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    return fuzz::tried(data, size, read);
}
