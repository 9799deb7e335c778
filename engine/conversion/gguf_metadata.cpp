#include "engine/conversion/gguf_metadata.h"

#include <algorithm>
#include <optional>

#include "engine/checkpoint/gguf_model.h"
#include "engine/conversion/jinja_template.h"
#include "engine/text/sentencepiece_model.h"

namespace alcove::engine {

namespace {

// llama.cpp's number for "mostly this type".
std::uint32_t fileType(DType dtype) {
    switch (dtype) {
        case DType::F32:
            return 0;
        case DType::Q4_0:
            return 2;
        case DType::Q8_0:
            return 7;
        default:
            return 1;  // F16
    }
}

void writeVocabulary(GgufHeader& header, const ModelConfig& config, const Tokenizer& tokenizer) {
    const Vocabulary& vocabulary = tokenizer.vocabulary();
    std::vector<std::string> texts;
    std::vector<float> scores;
    std::vector<std::int32_t> kinds;
    std::optional<std::uint32_t> unknown;
    for (const VocabularyPiece& piece : vocabulary.pieces) {
        if (piece.kind == PieceKind::Unknown) {
            unknown = static_cast<std::uint32_t>(texts.size());
        }
        texts.push_back(piece.text);
        scores.push_back(piece.score);
        kinds.push_back(static_cast<std::int32_t>(piece.kind));
    }
    // Every row of the embedding needs a token of its own.
    constexpr float kNeverMerged = -10000;
    for (std::size_t id = texts.size(); id < config.vocabSize; ++id) {
        texts.push_back("[PAD" + std::to_string(id) + "]");
        scores.push_back(kNeverMerged);
        kinds.push_back(static_cast<std::int32_t>(PieceKind::Unused));
    }
    for (const auto& [id, name] : tokenizer.addedTokens()) {
        const auto place = static_cast<std::size_t>(id);
        if (place >= vocabulary.pieces.size() && std::find(texts.begin(), texts.end(), name) == texts.end()) {
            texts[place] = name;
            kinds[place] = static_cast<std::int32_t>(PieceKind::Control);
        }
    }
    header.text("tokenizer.ggml.model", "llama");
    header.text("tokenizer.ggml.pre", "default");
    header.texts("tokenizer.ggml.tokens", texts);
    header.reals("tokenizer.ggml.scores", scores);
    header.signedNumbers("tokenizer.ggml.token_type", kinds);
    header.number("tokenizer.ggml.bos_token_id", static_cast<std::uint32_t>(config.bosToken));
    header.number("tokenizer.ggml.eos_token_id", static_cast<std::uint32_t>(config.eosTokens.front()));
    if (unknown) {
        header.number("tokenizer.ggml.unknown_token_id", *unknown);
    }
    header.flag("tokenizer.ggml.add_bos_token", true);
    header.flag("tokenizer.ggml.add_eos_token", false);
    header.flag("tokenizer.ggml.add_space_prefix", vocabulary.addSpacePrefix);
    header.flag("tokenizer.ggml.remove_extra_whitespaces", vocabulary.removeExtraSpaces);
    header.number(alcove_key::kPieces, static_cast<std::uint32_t>(vocabulary.pieces.size()));
}

// For each layer the first one that uses the same feed-forward block.
std::vector<std::uint32_t> feedForwardKeepers(const ModelWeights& weights) {
    std::vector<std::uint32_t> result;
    for (const LayerWeights& layer : weights.layers) {
        const auto first = std::find_if(weights.layers.begin(), weights.layers.end(), [&](const LayerWeights& other) {
            return other.feedForward == layer.feedForward;
        });
        result.push_back(static_cast<std::uint32_t>(first - weights.layers.begin()));
    }
    return result;
}

}  // namespace

void writeMetadata(GgufHeader& header, const Checkpoint& checkpoint, const Tokenizer& tokenizer,
                   const TemplateSelection& selection, const ModelWriteOptions& options) {
    const ModelConfig& config = checkpoint.config();
    const bool forLlama = options.reader == GgufReader::LlamaCpp;
    header.text("general.architecture", forLlama ? "llama" : alcove_key::kOwnArchitecture);
    header.text("general.type", "model");
    header.text("general.name", checkpoint.name());
    header.number("general.file_type", fileType(options.dtype));
    if (isQuantized(options.dtype)) {
        header.number("general.quantization_version", 2);
    }
    header.number("llama.block_count", config.layerCount);
    header.number("llama.context_length", config.contextLength);
    header.number("llama.embedding_length", config.hiddenSize);
    header.number("llama.feed_forward_length", config.ffnSize);
    header.number("llama.attention.head_count", config.headCount);
    header.number("llama.attention.head_count_kv", config.kvHeadCount);
    header.number("llama.attention.key_length", config.headDim);
    header.number("llama.attention.value_length", config.headDim);
    header.real("llama.attention.layer_norm_rms_epsilon", config.rmsNormEpsilon);
    header.real("llama.rope.freq_base", config.ropeTheta);
    header.number("llama.rope.dimension_count", config.headDim);
    header.number("llama.vocab_size", config.vocabSize);
    writeVocabulary(header, config, tokenizer);
    header.text("tokenizer.chat_template", jinjaTemplate(templateNamed(selection.name), selection.workedExample));

    header.text(alcove_key::kArchitecture, config.architecture);
    std::vector<std::uint32_t> ends;
    for (const TokenId token : config.eosTokens) {
        ends.push_back(static_cast<std::uint32_t>(token));
    }
    header.numbers(alcove_key::kEndTokens, ends);
    header.text(alcove_key::kChatTemplate, selection.name);
    header.flag(alcove_key::kWorkedExample, selection.workedExample);
    if (!forLlama) {
        header.text(alcove_key::kRopeLayout, kHalfRope);
        header.numbers(alcove_key::kFeedForwardOfLayer, feedForwardKeepers(checkpoint.weights()));
    }
}

}  // namespace alcove::engine
