// The metadata of a written GGUF file.
#pragma once

#include "engine/conversion/gguf_header.h"
#include "engine/conversion/model_writer.h"

namespace alcove::engine {

// Everything that llama.cpp asks for, and the keys of Alcove's own (engine/checkpoint/gguf_model.h).
void writeMetadata(GgufHeader& header, const Checkpoint& checkpoint, const Tokenizer& tokenizer,
                   const TemplateSelection& selection, const ModelWriteOptions& options);

}  // namespace alcove::engine
