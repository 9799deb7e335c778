// A tokenizer.model file, read and checked before SentencePiece itself sees it.
//
// SentencePiece trusts its model files: a damaged one can make it abort the process or read outside its
// tables. What passes here is a plain BPE model it handles safely.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace alcove::engine {

enum class PieceKind : std::uint8_t { Normal = 1, Unknown = 2, Control = 3, UserDefined = 4, Unused = 5, Byte = 6 };

struct VocabularyPiece {
    std::string text;
    PieceKind kind = PieceKind::Normal;
    unsigned char byte = 0;  // of a Byte piece
};

// The pieces of a serialised SentencePiece model (protobuf), in the order of their ids. Throws Error whose
// sentence begins with `fileName`: FileDamaged, or Unsupported for models that are not BPE or that rewrite
// text through a normalisation table (the LLaMA family has none).
[[nodiscard]] std::vector<VocabularyPiece> readVocabulary(std::string_view bytes, const std::string& fileName);

}  // namespace alcove::engine
