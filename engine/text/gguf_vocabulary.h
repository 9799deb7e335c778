// The vocabulary in a GGUF file's metadata ("tokenizer.ggml.…"), as SentencePiece has it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "engine/checkpoint/gguf.h"
#include "engine/checkpoint/model_config.h"
#include "engine/text/sentencepiece_model.h"

namespace alcove::engine {

struct GgufVocabulary {
    Vocabulary vocabulary;
    std::vector<std::pair<TokenId, std::string>> addedTokens;  // names of ids beyond the pieces
};

// Throws Error{Unsupported} for vocabularies that are not SentencePiece BPE ("llama"), Error{FileDamaged} for lists
// that do not belong together. What else must hold of a vocabulary, readVocabulary checks on its serialised form.
[[nodiscard]] GgufVocabulary readGgufVocabulary(const GgufFile& gguf);

// The same without reading the tokens: whether there is a vocabulary of this kind, and its lists belong together. For a
// look at a file that may be large.
void checkGgufVocabulary(const GgufFile& gguf);

}  // namespace alcove::engine
