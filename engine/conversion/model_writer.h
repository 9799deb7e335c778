// Writes a checkpoint as one GGUF file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

#include "engine/base/cancellation.h"
#include "engine/checkpoint/checkpoint.h"
#include "engine/text/template_selection.h"
#include "engine/text/tokenizer.h"

namespace alcove::engine {

enum class GgufReader {
    Alcove,    // each distinct feed-forward block once, rotary heads as the Hub has them; llama.cpp refuses it
    LlamaCpp,  // a feed-forward block in every layer, rows of query and key in llama.cpp's order
};

struct ModelWriteOptions {
    GgufReader reader = GgufReader::Alcove;
    DType dtype = DType::Q4_0;  // F32, F16, Q8_0 or Q4_0, of all matrices; those whose rows are no whole number of
                                // blocks become F16. Norms are F32.
    bool overwrite = false;
    std::function<void(std::uint64_t done, std::uint64_t total)> progress;  // bytes; on the calling thread
    Cancellation cancel{};
};

// Returns the file's size. Needs a few megabytes of memory whatever the model's size. On any error nothing is left at
// `path` that was not there before. Throws Error{InvalidRequest, FileUnwritable} as NewFile does, Error{NotFinite} for
// weights that are not finite or too large for the type, and Error{Cancelled}.
std::uint64_t writeModel(const Checkpoint& checkpoint, const Tokenizer& tokenizer, const TemplateSelection& selection,
                         const std::filesystem::path& path, const ModelWriteOptions& options);

}  // namespace alcove::engine
