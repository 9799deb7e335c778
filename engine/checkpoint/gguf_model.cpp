#include "engine/checkpoint/gguf_model.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/error.h"
#include "engine/base/host_memory.h"
#include "engine/base/size_text.h"
#include "engine/files/file_errors.h"

namespace alcove::engine {

namespace {

struct NamePair {
    std::string_view hub;
    std::string_view gguf;
};

constexpr std::array<NamePair, 3> kWhole = {{{"model.embed_tokens.weight", "token_embd.weight"},
                                             {"model.norm.weight", "output_norm.weight"},
                                             {"lm_head.weight", "output.weight"}}};
constexpr std::array<NamePair, 9> kInLayer = {{{"input_layernorm.weight", "attn_norm.weight"},
                                               {"self_attn.q_proj.weight", "attn_q.weight"},
                                               {"self_attn.k_proj.weight", "attn_k.weight"},
                                               {"self_attn.v_proj.weight", "attn_v.weight"},
                                               {"self_attn.o_proj.weight", "attn_output.weight"},
                                               {"post_attention_layernorm.weight", "ffn_norm.weight"},
                                               {"mlp.gate_proj.weight", "ffn_gate.weight"},
                                               {"mlp.up_proj.weight", "ffn_up.weight"},
                                               {"mlp.down_proj.weight", "ffn_down.weight"}}};
constexpr NamePair kLayerNames = {"model.layers.", "blk."};

std::string translated(std::string_view name, std::string_view NamePair::*from, std::string_view NamePair::*to) {
    for (const NamePair& pair : kWhole) {
        if (name == pair.*from) {
            return std::string(pair.*to);
        }
    }
    if (!name.starts_with(kLayerNames.*from)) {
        return {};
    }
    const std::string_view rest = name.substr((kLayerNames.*from).size());
    const std::size_t digits = rest.find('.');
    if (digits == std::string_view::npos) {
        return {};
    }
    for (const NamePair& pair : kInLayer) {
        if (rest.substr(digits + 1) == pair.*from) {
            return std::string(kLayerNames.*to).append(rest.substr(0, digits + 1)).append(pair.*to);
        }
    }
    return {};
}

class Declaration {
public:
    explicit Declaration(const GgufFile& gguf) : m_gguf(gguf) {}

    DeclaredConfig read() {
        refuseVariants();
        DeclaredConfig config;
        config.source = m_gguf.path();
        config.architecture = architecture();
        config.hiddenSize = size("llama.embedding_length", kMaxHiddenSize);
        config.ffnSize = size("llama.feed_forward_length", kMaxFfnSize);
        config.layerCount = size("llama.block_count", kMaxLayerCount);
        config.vocabSize = size("llama.vocab_size", kMaxVocabSize);
        config.headDim = headDim();
        config.headCount = required("llama.attention.head_count", kMaxHeadCount);
        config.contextLength = required("llama.context_length", kMaxContextLength);
        config.rmsNormEpsilon = real("llama.attention.layer_norm_rms_epsilon", 1e-12, 1e-1).value_or(1e-6F);
        config.ropeTheta = real("llama.rope.freq_base", 1.0, 1e12).value_or(10000.0F);
        config.bosToken = token("tokenizer.ggml.bos_token_id").value_or(1);
        config.eosTokens = endTokens();
        return config;
    }

private:
    void refuseVariants() const {
        const std::string_view architecture = m_gguf.text("general.architecture").value_or("");
        if (architecture != "llama" && architecture != alcove_key::kOwnArchitecture) {
            failUnsupported(
                m_gguf.path(),
                ALCOVE_TEXT("engine", "its architecture is \"%1\", and Alcove runs \"llama\" (LLaMA and MobiLlama)"),
                shown(architecture));
        }
        if (m_gguf.number("split.count").value_or(1) > 1) {
            failUnsupported(
                m_gguf.path(),
                ALCOVE_TEXT("engine", "it is one of several parts; llama-gguf-split --merge makes one file of them"));
        }
        const std::string_view scaling = m_gguf.text("llama.rope.scaling.type").value_or("none");
        const double factor = m_gguf.real("llama.rope.scaling.factor").value_or(1);
        const double linear = m_gguf.real("llama.rope.scale_linear").value_or(1);
        if ((scaling != "none" && factor != 1) || linear != 1 || (scaling != "none" && scaling != "linear")) {
            failUnsupported(
                m_gguf.path(),
                ALCOVE_TEXT("engine", "it scales rotary positions (%1), and Alcove runs only models that do not"),
                shown(scaling));
        }
        if (m_gguf.number("llama.expert_count").value_or(0) > 0) {
            failUnsupported(m_gguf.path(), ALCOVE_TEXT("engine", "it is a mixture of experts"));
        }
        for (const char* key : {"llama.logit_scale", "llama.residual_scale", "llama.embedding_scale",
                                "llama.attention.scale", "llama.attention.sliding_window"}) {
            if (m_gguf.has(key)) {
                failUnsupported(m_gguf.path(), ALCOVE_TEXT("engine", "it gives %1, which no plain LLaMA model has"),
                                key);
            }
        }
        if (!m_gguf.flag("llama.attention.causal").value_or(true)) {
            failUnsupported(m_gguf.path(), ALCOVE_TEXT("engine", "its attention is not causal"));
        }
    }

    [[nodiscard]] std::string architecture() const {
        const std::string_view name = m_gguf.text(alcove_key::kArchitecture).value_or("LlamaForCausalLM");
        if (name != "LlamaForCausalLM" && name != "MobiLlamaForCausalLM") {
            failUnsupported(m_gguf.path(), ALCOVE_TEXT("engine", "its architecture is \"%1\""), shown(name));
        }
        return std::string(name);
    }

    [[nodiscard]] std::optional<std::uint32_t> size(const char* key, std::uint32_t largest) const {
        const std::optional<std::uint64_t> value = m_gguf.number(key);
        if (value && (*value < 1 || *value > largest)) {
            failDamaged(m_gguf.path(), ALCOVE_TEXT("engine", "%1 is %2, not a whole number from 1 to %3"), key, *value,
                        largest);
        }
        return value ? std::optional(static_cast<std::uint32_t>(*value)) : std::nullopt;
    }

    [[nodiscard]] std::uint32_t required(const char* key, std::uint32_t largest) const {
        const std::optional<std::uint32_t> value = size(key, largest);
        if (!value) {
            failDamaged(m_gguf.path(), ALCOVE_TEXT("engine", "it does not give %1"), key);
        }
        return *value;
    }

    [[nodiscard]] std::optional<float> real(const char* key, double smallest, double largest) const {
        const std::optional<double> value = m_gguf.real(key);
        if (value && !(*value >= smallest && *value <= largest)) {
            failDamaged(m_gguf.path(), ALCOVE_TEXT("engine", "%1 is not a number in its usual range"), key);
        }
        return value ? std::optional(static_cast<float>(*value)) : std::nullopt;
    }

    // Keys, values and what is rotated must be of one size: a head's.
    [[nodiscard]] std::optional<std::uint32_t> headDim() const {
        std::optional<std::uint32_t> result;
        for (const char* key :
             {"llama.rope.dimension_count", "llama.attention.key_length", "llama.attention.value_length"}) {
            const std::optional<std::uint32_t> given = size(key, kMaxHeadDim);
            if (given && result && *given != *result) {
                failUnsupported(
                    m_gguf.path(),
                    ALCOVE_TEXT("engine", "%1 is %2, and Alcove runs only models that rotate whole heads of one size"),
                    key, *given);
            }
            result = given ? given : result;
        }
        return result;
    }

    [[nodiscard]] TokenId checkedToken(const char* key, std::uint64_t id) const {
        if (id >= kMaxVocabSize) {
            failDamaged(m_gguf.path(), ALCOVE_TEXT("engine", "%1 is %2, not a token id"), key, id);
        }
        return static_cast<TokenId>(id);
    }

    [[nodiscard]] std::optional<TokenId> token(const char* key) const {
        const std::optional<std::uint64_t> id = m_gguf.number(key);
        return id ? std::optional(checkedToken(key, *id)) : std::nullopt;
    }

    [[nodiscard]] std::vector<TokenId> endTokens() const {
        std::vector<TokenId> result;
        const auto add = [&result](TokenId id) {
            if (std::find(result.begin(), result.end(), id) == result.end()) {
                result.push_back(id);
            }
        };
        constexpr std::uint64_t kMostEndTokens = 256;
        for (const std::int64_t id :
             m_gguf.integers(alcove_key::kEndTokens, kMostEndTokens).value_or(std::vector<std::int64_t>())) {
            add(checkedToken(alcove_key::kEndTokens, static_cast<std::uint64_t>(id)));
        }
        for (const char* key : {"tokenizer.ggml.eos_token_id", "tokenizer.ggml.eot_token_id"}) {
            if (const std::optional<TokenId> id = token(key)) {
                add(*id);
            }
        }
        if (result.empty()) {
            result.push_back(2);
        }
        return result;
    }

    const GgufFile& m_gguf;
};

std::string layerName(std::uint64_t layer, std::string_view rest) {
    return std::string(kLayerNames.hub) + std::to_string(layer) + "." + std::string(rest);
}

// Shapes that do not fit are left for resolveModel to refuse.
bool canStraighten(const TensorView& view, std::uint64_t headDim) {
    return view.shape.size() == 2 && headDim != 0 && headDim % 2 == 0 && view.shape[0] % headDim == 0;
}

// Rows of a head in the order of pairs, put back into that of halves.
void straighten(TensorTable& table, TensorView& view, std::uint64_t headDim) {
    const std::uint64_t rows = view.shape[0];
    const std::uint64_t rowBytes = rows == 0 ? 0 : view.bytes.size() / rows;
    std::vector<std::byte>& copy = table.reordered.emplace_back(view.bytes.size());
    for (std::uint64_t row = 0; row < rows && rowBytes != 0; ++row) {
        const std::uint64_t from = row / headDim * headDim + interleavedRow(row % headDim, headDim);
        std::memcpy(copy.data() + row * rowBytes, view.bytes.data() + from * rowBytes, rowBytes);
    }
    view.bytes = copy;
}

void straightenHeads(TensorTable& table, const DeclaredConfig& config, const Cancellation& cancel) {
    const auto first = table.tensors.find(layerName(0, "self_attn.q_proj.weight"));
    if (first == table.tensors.end() || first->second.view.shape.size() != 2) {
        return;
    }
    const std::uint64_t headDim = first->second.view.shape[0] / config.headCount;
    std::vector<TensorView*> rotated;
    std::uint64_t bytes = 0;  // no two tensors overlap, so the file's size bounds it
    for (auto& [name, tensor] : table.tensors) {
        if ((name.ends_with(".self_attn.q_proj.weight") || name.ends_with(".self_attn.k_proj.weight")) &&
            canStraighten(tensor.view, headDim)) {
            rotated.push_back(&tensor.view);
            bytes += tensor.view.bytes.size();
        }
    }
    // A file may claim far more than there is on its disk.
    if (const std::optional<std::uint64_t> available = hostMemoryAvailable(); available && bytes > *available) {
        throw Error(ErrorCode::OutOfMemory,
                    ALCOVE_TEXT("engine",
                                "Opening %1 takes %2 of memory, and %3 is free. Close other programs, or "
                                "choose a smaller model."),
                    table.folder, sizeText(bytes), sizeText(*available));
    }
    for (TensorView* view : rotated) {
        cancel.check(ALCOVE_TEXT("engine", "Opening the model was cancelled."));
        straighten(table, *view, headDim);
    }
}

// Gives layers that use the feed-forward block of another its tensors under their own names.
void nameFeedForwards(TensorTable& table, const GgufFile& gguf) {
    const std::optional<std::vector<std::int64_t>> keepers =
        gguf.integers(alcove_key::kFeedForwardOfLayer, kMaxLayerCount + 1);
    if (!keepers) {
        return;
    }
    if (keepers->size() > kMaxLayerCount) {
        failDamaged(gguf.path(), ALCOVE_TEXT("engine", "%1 is too long"), alcove_key::kFeedForwardOfLayer);
    }
    for (std::size_t layer = 0; layer < keepers->size(); ++layer) {
        const std::int64_t keeper = (*keepers)[layer];
        if (keeper < 0 || static_cast<std::size_t>(keeper) >= keepers->size()) {
            failDamaged(gguf.path(), ALCOVE_TEXT("engine", "%1 names a layer that there is not"),
                        alcove_key::kFeedForwardOfLayer);
        }
        for (const char* rest : {"mlp.gate_proj.weight", "mlp.up_proj.weight", "mlp.down_proj.weight"}) {
            const auto kept = table.tensors.find(layerName(static_cast<std::uint64_t>(keeper), rest));
            if (kept != table.tensors.end()) {
                table.tensors.emplace(layerName(layer, rest), kept->second);
            }
        }
    }
}

}  // namespace

std::string ggufName(const std::string& name) {
    return translated(name, &NamePair::hub, &NamePair::gguf);
}

std::string hubName(const std::string& name) {
    return translated(name, &NamePair::gguf, &NamePair::hub);
}

DeclaredConfig declaredBy(const GgufFile& gguf) {
    return Declaration(gguf).read();
}

GgufModel readGgufModel(const std::filesystem::path& path, const Cancellation& cancel) {
    GgufModel model;
    model.table.folder = path;
    const MappedFile& file = model.table.files.emplace_back(path);
    file.unchangedAfter([&] {
        const GgufFile gguf(file);
        model.config = declaredBy(gguf);
        for (const TensorView& view : gguf.tensors()) {
            const std::string name = hubName(view.name);
            model.table.tensors.emplace(name.empty() ? view.name : name, StoredTensor{view, 0});
        }
        const std::string_view layout = gguf.text(alcove_key::kRopeLayout).value_or("");
        if (layout.empty()) {
            straightenHeads(model.table, model.config, cancel);
        } else if (layout != kHalfRope) {
            failUnsupported(path, ALCOVE_TEXT("engine", "%1 is \"%2\""), alcove_key::kRopeLayout, shown(layout));
        }
        nameFeedForwards(model.table, gguf);
    });
    return model;
}

}  // namespace alcove::engine
