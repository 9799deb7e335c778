// A checkpoint, opened and understood: a folder in the Hub's layout, or a GGUF file.
//
// Reads config.json and the weights (model.safetensors, sharded safetensors, pytorch_model.bin or
// sharded .bin), or one GGUF file that holds everything, checks every shape, and finds which feed-forward blocks are
// one and the same (MobiLlama, arXiv 2402.16840: every layer holds the same MLP). Weights stay in the mapped files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/cancellation.h"
#include "engine/checkpoint/model_config.h"
#include "engine/checkpoint/tensor.h"

namespace alcove::engine {

struct FeedForwardWeights {
    TensorView gate;  // [f, h]
    TensorView up;    // [f, h]
    TensorView down;  // [h, f]
};

struct LayerWeights {
    TensorView attentionNorm;     // [h]        input_layernorm
    TensorView query;             // [heads * hd, h]
    TensorView key;               // [kvHeads * hd, h]
    TensorView value;             // [kvHeads * hd, h]
    TensorView output;            // [h, heads * hd]
    TensorView feedForwardNorm;   // [h]        post_attention_layernorm
    std::size_t feedForward = 0;  // index into ModelWeights::feedForwards
};

// Each distinct piece of weights exactly once.
struct ModelWeights {
    TensorView embedding;  // [vocab, h]
    std::vector<LayerWeights> layers;
    std::vector<FeedForwardWeights> feedForwards;  // size 1: the block is shared by every layer
    TensorView finalNorm;                          // [h]
    TensorView head;                               // [vocab, h]; the same bytes as `embedding` when tied
    bool tiedEmbedding = false;
};

// How the file stores shared blocks, for `inspect`.
enum class Sharing {
    None,          // one block per layer
    SameStorage,   // many names on one storage
    EqualContent,  // several tensors with equal bytes
    SingleName,    // only one layer names the block
    Mixed,         // some layers share and some do not
};

class Checkpoint {
public:
    // `path` is the folder (or a file inside it), a GGUF file, or a folder with one GGUF file in it. Reads headers, and
    // the bytes of repeated feed-forward blocks to compare them. Throws Error with a sentence that names the file at
    // fault, and Error{Cancelled}.
    [[nodiscard]] static Checkpoint open(const std::filesystem::path& path, const Cancellation& cancel = {});

    Checkpoint(Checkpoint&&) noexcept;
    Checkpoint& operator=(Checkpoint&&) noexcept;
    ~Checkpoint();

    [[nodiscard]] const std::filesystem::path& location() const;  // the folder, or the GGUF file
    [[nodiscard]] const std::string& name() const;                // its name, for people
    [[nodiscard]] const ModelConfig& config() const;
    [[nodiscard]] const ModelWeights& weights() const;  // views valid while this object lives
    [[nodiscard]] Sharing sharing() const;

    [[nodiscard]] std::uint64_t uniqueParameters() const;  // shared and tied values counted once
    [[nodiscard]] std::uint64_t storedParameters() const;  // values that the weight files hold
    [[nodiscard]] std::uint64_t uniqueBytes() const;       // bytes the engine keeps, in the file's dtypes
    [[nodiscard]] std::uint64_t fileBytes() const;         // size of the weight files
    [[nodiscard]] const std::string& format() const;       // e.g. "safetensors", "torch archive, 2 shards", "GGUF"
    [[nodiscard]] std::vector<DType> dtypes() const;       // those that occur, each once

    // Gives the memory behind the weights back to the system. For when a device holds them; the views stay valid,
    // and reading them reads the files again.
    void releasePages() const;

    // To be called when weights were read, before what came of them is used. Throws Error{FileUnreadable} if a file of
    // theirs changed since it was opened, or could not be read to its end (zeros were read in place of the rest).
    void requireUnchanged() const;

    // Each distinct tensor of the model once.
    [[nodiscard]] const std::vector<TensorView>& tensors() const;

private:
    struct Impl;
    explicit Checkpoint(std::unique_ptr<Impl> impl);
    static std::unique_ptr<Impl> openedImpl(const std::filesystem::path& path, const Cancellation& cancel);
    std::unique_ptr<Impl> m_impl;
};

}  // namespace alcove::engine
