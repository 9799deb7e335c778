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
    float score = 0;         // pieces of higher scores are merged first
    unsigned char byte = 0;  // of a Byte piece
};

struct Vocabulary {
    std::vector<VocabularyPiece> pieces;  // in the order of their ids
    bool byteFallback = false;            // text without pieces of its own becomes Byte pieces
    bool addSpacePrefix = true;           // a space goes before the text
    bool removeExtraSpaces = true;        // runs of spaces become one
};

// What a serialised SentencePiece model (protobuf) holds. Throws Error whose
// sentence begins with `fileName`: FileDamaged, or Unsupported for models that are not BPE or that rewrite
// text through a normalisation table (the LLaMA family has none).
[[nodiscard]] Vocabulary readVocabulary(std::string_view bytes, const std::string& fileName);

// The reverse: a serialised BPE model that encodes as the one the vocabulary was read from.
[[nodiscard]] std::string writeVocabulary(const Vocabulary& vocabulary);

}  // namespace alcove::engine
