// A whole checkpoint around any model.safetensors: names, shapes and sharing, resolved or refused.
#include <cstdlib>
#include <fstream>

#include "engine/base/error.h"
#include "engine/checkpoint/checkpoint.h"
#include "tests/fuzz/fuzz_file.h"
#include "tests/fuzz/growth.h"

using namespace alcove;

namespace {

// Of the model in tests/fuzz/seeds.
constexpr const char* kConfig = R"({"architectures": ["MobiLlamaForCausalLM"], "model_type": "llama",
    "num_attention_heads": 2, "max_position_embeddings": 16})";

const fuzz::FuzzFolder& checkpointFolder() {
    static const fuzz::FuzzFolder folder("model.safetensors");
    static const bool written = (std::ofstream(folder.path() / "config.json") << kConfig).good();
    if (!written) {
        std::abort();
    }
    return folder;
}

void read(const std::uint8_t* data, std::size_t size) {
    const fuzz::FuzzFolder& folder = checkpointFolder();
    folder.input().write(data, size);
    try {
        const engine::Checkpoint checkpoint = engine::Checkpoint::open(folder.path());
        const engine::ModelWeights& weights = checkpoint.weights();
        fuzz::touch(weights.embedding);
        fuzz::touch(weights.head);
        for (const engine::LayerWeights& layer : weights.layers) {
            fuzz::touch(layer.query);
            fuzz::touch(weights.feedForwards.at(layer.feedForward).down);
        }
        if (checkpoint.uniqueBytes() > size) {
            std::abort();
        }
    } catch (const engine::Error&) {  // the expected answer to nearly every input
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    return fuzz::tried(data, size, read);
}
