// A GGUF file of the "llama" architecture, in the terms of the other formats: Hub names and half-split rotary heads.
//
// llama.cpp rotates neighbouring pairs of a head, the Hub's models value i with value i + hd/2, and llama.cpp's
// converter reorders the rows of query and key to match. Alcove puts them back, unless the file states with
// "alcove.rope_layout" = "half" that they never were reordered.
//
// A file that keeps a shared feed-forward block once states with "alcove.feed_forward_of_layer" (a number for each
// layer) under which layer's names the block of a layer lies.
#pragma once

#include "engine/base/cancellation.h"
#include "engine/checkpoint/config_reader.h"
#include "engine/checkpoint/gguf.h"
#include "engine/checkpoint/tensor_table.h"

namespace alcove::engine {

// Keys of Alcove's own.
namespace alcove_key {
// "general.architecture" of a file that Alcove wrote for itself: metadata and names are those of "llama", but other
// programs would run it wrongly, so it has an architecture name that they refuse.
inline constexpr const char* kOwnArchitecture = "alcove";
inline constexpr const char* kRopeLayout = "alcove.rope_layout";                    // "half"
inline constexpr const char* kFeedForwardOfLayer = "alcove.feed_forward_of_layer";  // u32 list
inline constexpr const char* kArchitecture = "alcove.architecture";                 // as in config.json
inline constexpr const char* kEndTokens = "alcove.eos_token_ids";                   // u32 list
inline constexpr const char* kPieces = "alcove.tokenizer_pieces";                   // u32: tokens that are pieces
inline constexpr const char* kChatTemplate = "alcove.chat_template";                // a built-in template's name
inline constexpr const char* kWorkedExample = "alcove.worked_example";              // bool
}  // namespace alcove_key

inline constexpr const char* kHalfRope = "half";

// How llama.cpp's order of a head's rows maps to the Hub's: row `row` of a head of `headDim` is its row `result` there.
[[nodiscard]] constexpr std::uint64_t interleavedRow(std::uint64_t row, std::uint64_t headDim) {
    return row < headDim / 2 ? 2 * row : 2 * (row - headDim / 2) + 1;
}

// The name in a GGUF file of a tensor with the Hub's name `name`, and the reverse; empty: there is none.
[[nodiscard]] std::string ggufName(const std::string& name);
[[nodiscard]] std::string hubName(const std::string& name);

// Throws Error{Unsupported} for other architectures and variants, Error{FileDamaged} for figures out of range.
[[nodiscard]] DeclaredConfig declaredBy(const GgufFile& gguf);

// Maps and reads the file. Rows that must be reordered are copied, everything else stays where it is.
struct GgufModel {
    DeclaredConfig config;
    TensorTable table;
};
[[nodiscard]] GgufModel readGgufModel(const std::filesystem::path& path, const Cancellation& cancel = {});

}  // namespace alcove::engine
