#include "engine/checkpoint/resolve.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>
#include <string>
#include <string_view>

#include "engine/base/error.h"
#include "engine/checkpoint/equal_tensors.h"
#include "engine/checkpoint/sharing.h"
#include "engine/files/file_errors.h"

namespace alcove::engine {

namespace {

constexpr std::string_view kLayers = "model.layers.";
constexpr const char* kEmbedding = "model.embed_tokens.weight";
constexpr const char* kHead = "lm_head.weight";

// The layer number in "model.layers.N.…", if it is one.
std::optional<std::uint32_t> layerOf(std::string_view name) {
    if (!name.starts_with(kLayers)) {
        return std::nullopt;
    }
    const std::string_view rest = name.substr(kLayers.size());
    std::uint32_t layer = 0;
    const auto [end, failure] = std::from_chars(rest.data(), rest.data() + rest.size(), layer);
    if (failure != std::errc() || end == rest.data() + rest.size() || *end != '.' || layer >= kMaxLayerCount) {
        return std::nullopt;
    }
    return layer;
}

// Tables of rotary angles that older files carry along; they are computed, not learnt.
bool isIgnored(std::string_view name) {
    return name.ends_with(".rotary_emb.inv_freq");
}

class Resolver {
public:
    Resolver(const TensorTable& table, const DeclaredConfig& declared, const Cancellation& cancel)
        : m_table(table), m_declared(declared), m_cancel(cancel) {}

    ResolvedModel resolve() {
        refuseBiases();
        copyConstants();
        resolveEmbedding();
        countLayers();
        for (std::uint32_t layer = 0; layer < m_model.config.layerCount; ++layer) {
            m_model.weights.layers.push_back(resolveAttention(layer));
        }
        resolveFeedForwards();
        m_model.weights.finalNorm = take("model.norm.weight", {m_hidden});
        resolveHead();
        refuseUnknown();
        checkTokens();
        return std::move(m_model);
    }

private:
    [[nodiscard]] static std::string layerName(std::uint32_t layer, const char* rest) {
        return std::string(kLayers) + std::to_string(layer) + "." + rest;
    }

    [[noreturn]] void failMissing(const std::string& name) const {
        throw Error(ErrorCode::FileDamaged,
                    ALCOVE_TEXT("engine", "%1 is incomplete: its weights lack %2. Download the checkpoint again."),
                    m_table.folder, name);
    }

    [[noreturn]] void failContradiction(const std::string& key, std::uint64_t figure, const TensorView& tensor) const {
        throw Error(
            ErrorCode::FileDamaged,
            ALCOVE_TEXT(
                "engine",
                "%1 says %2 %3, but %4 has shape %5. Config and weights do not belong together; download both again."),
            m_declared.source, key, figure, shown(tensor.name), shown(tensor.shape));
    }

    void refuseBiases() const {
        for (const auto& [name, tensor] : m_table.tensors) {
            if (name.ends_with(".bias")) {
                failUnsupported(m_table.fileOf(tensor),
                                ALCOVE_TEXT("engine", "it holds %1, and Alcove runs only models without biases"),
                                shown(name));
            }
        }
    }

    void copyConstants() {
        ModelConfig& config = m_model.config;
        config.architecture = m_declared.architecture;
        config.headCount = m_declared.headCount;
        config.contextLength = m_declared.contextLength;
        config.rmsNormEpsilon = m_declared.rmsNormEpsilon;
        config.ropeTheta = m_declared.ropeTheta;
        config.bosToken = m_declared.bosToken;
        config.eosTokens = m_declared.eosTokens;
    }

    const TensorView* find(const std::string& name) {
        const auto found = m_table.tensors.find(name);
        if (found == m_table.tensors.end()) {
            return nullptr;
        }
        m_taken.insert(name);
        return &found->second.view;
    }

    const TensorView& takeMatrix(const std::string& name) {
        const TensorView* tensor = find(name);
        if (tensor == nullptr) {
            failMissing(name);
        }
        if (tensor->shape.size() != 2 || tensor->shape[0] == 0 || tensor->shape[1] == 0) {
            failDamaged(m_table.folder, ALCOVE_TEXT("engine", "%1 has shape %2, which is no matrix"), name,
                        shown(tensor->shape));
        }
        return *tensor;
    }

    void requireShape(const TensorView& tensor, const std::vector<std::uint64_t>& shape) const {
        if (tensor.shape != shape) {
            failDamaged(m_table.folder,
                        ALCOVE_TEXT("engine", "%1 has shape %2 where %3 fits the other tensors and what %4 says"),
                        shown(tensor.name), shown(tensor.shape), shown(shape), m_declared.source.filename());
        }
    }

    const TensorView& take(const std::string& name, const std::vector<std::uint64_t>& shape) {
        const TensorView* tensor = find(name);
        if (tensor == nullptr) {
            failMissing(name);
        }
        requireShape(*tensor, shape);
        return *tensor;
    }

    // A size that a tensor decides: within limits, and equal to the figure of the config if it has one.
    std::uint32_t decide(const TensorView& tensor, std::uint64_t size, std::uint32_t largest, const char* key,
                         const std::optional<std::uint32_t>& declared) const {
        if (declared && *declared != size) {
            failContradiction(key, *declared, tensor);
        }
        if (size > largest) {
            failUnsupported(m_table.folder, ALCOVE_TEXT("engine", "%1 has shape %2, larger than Alcove takes"),
                            shown(tensor.name), shown(tensor.shape));
        }
        return static_cast<std::uint32_t>(size);
    }

    void resolveEmbedding() {
        ModelConfig& config = m_model.config;
        const TensorView& embedding = takeMatrix(kEmbedding);
        config.vocabSize = decide(embedding, embedding.shape[0], kMaxVocabSize, "vocab_size", m_declared.vocabSize);
        config.hiddenSize = decide(embedding, embedding.shape[1], kMaxHiddenSize, "hidden_size", m_declared.hiddenSize);
        m_hidden = config.hiddenSize;
        m_model.weights.embedding = embedding;
    }

    void countLayers() {
        std::uint32_t count = 0;
        for (const auto& [name, tensor] : m_table.tensors) {
            if (const std::optional<std::uint32_t> layer = layerOf(name); layer) {
                count = std::max(count, *layer + 1);
            }
        }
        if (count == 0) {
            failMissing(layerName(0, "self_attn.q_proj.weight"));
        }
        if (m_declared.layerCount && *m_declared.layerCount != count) {
            throw Error(ErrorCode::FileDamaged,
                        ALCOVE_TEXT("engine",
                                    "%1 says num_hidden_layers %2, but the weights hold layers 0 to %3. Config and "
                                    "weights do not belong together; download both again."),
                        m_declared.source, *m_declared.layerCount, count - 1);
        }
        m_model.config.layerCount = count;
    }

    // The first layer decides the sizes of heads; the others must be like it.
    void resolveHeads(const TensorView& query, const TensorView& key) {
        ModelConfig& config = m_model.config;
        if (query.shape[0] % config.headCount != 0 || query.shape[0] / config.headCount % 2 != 0) {
            failContradiction("num_attention_heads", config.headCount, query);
        }
        config.headDim = decide(query, query.shape[0] / config.headCount, kMaxHeadDim, "head_dim", m_declared.headDim);
        const std::uint64_t kvHeads = key.shape[0] / config.headDim;
        if (key.shape[0] % config.headDim != 0 || kvHeads > config.headCount || config.headCount % kvHeads != 0) {
            failContradiction("num_attention_heads", config.headCount, key);
        }
        config.kvHeadCount = static_cast<std::uint32_t>(kvHeads);
    }

    LayerWeights resolveAttention(std::uint32_t layer) {
        const std::string queryName = layerName(layer, "self_attn.q_proj.weight");
        const std::string keyName = layerName(layer, "self_attn.k_proj.weight");
        if (layer == 0) {
            resolveHeads(takeMatrix(queryName), takeMatrix(keyName));
        }
        const ModelConfig& config = m_model.config;
        const std::uint64_t queryRows = std::uint64_t{config.headCount} * config.headDim;
        const std::uint64_t keyRows = std::uint64_t{config.kvHeadCount} * config.headDim;
        LayerWeights weights;
        weights.attentionNorm = take(layerName(layer, "input_layernorm.weight"), {m_hidden});
        weights.query = take(queryName, {queryRows, m_hidden});
        weights.key = take(keyName, {keyRows, m_hidden});
        weights.value = take(layerName(layer, "self_attn.v_proj.weight"), {keyRows, m_hidden});
        weights.output = take(layerName(layer, "self_attn.o_proj.weight"), {m_hidden, queryRows});
        weights.feedForwardNorm = take(layerName(layer, "post_attention_layernorm.weight"), {m_hidden});
        return weights;
    }

    void resolveFeedForwards() {
        std::vector<NamedFeedForward> named;
        for (std::uint32_t layer = 0; layer < m_model.config.layerCount; ++layer) {
            named.push_back({find(layerName(layer, "mlp.gate_proj.weight")),
                             find(layerName(layer, "mlp.up_proj.weight")),
                             find(layerName(layer, "mlp.down_proj.weight"))});
        }
        FeedForwards found = shareFeedForwards(named, m_cancel);
        if (found.missing) {
            const auto [layer, projection] = *found.missing;
            failMissing(
                layerName(static_cast<std::uint32_t>(layer), projection == Projection::Gate ? "mlp.gate_proj.weight"
                                                             : projection == Projection::Up ? "mlp.up_proj.weight"
                                                                                            : "mlp.down_proj.weight"));
        }
        const TensorView& gate = found.blocks.front().gate;
        if (gate.shape.size() != 2 || gate.shape[0] == 0) {
            failDamaged(m_table.folder, ALCOVE_TEXT("engine", "%1 has shape %2, which is no matrix"), shown(gate.name),
                        shown(gate.shape));
        }
        const std::uint32_t ffn = decide(gate, gate.shape[0], kMaxFfnSize, "intermediate_size", m_declared.ffnSize);
        m_model.config.ffnSize = ffn;
        for (const FeedForwardWeights& block : found.blocks) {
            requireShape(block.gate, {ffn, m_hidden});
            requireShape(block.up, {ffn, m_hidden});
            requireShape(block.down, {m_hidden, ffn});
        }
        for (std::size_t layer = 0; layer < m_model.weights.layers.size(); ++layer) {
            m_model.weights.layers[layer].feedForward = found.blockOfLayer[layer];
        }
        m_model.weights.feedForwards = std::move(found.blocks);
        m_model.sharing = found.sharing;
    }

    void resolveHead() {
        ModelWeights& weights = m_model.weights;
        const TensorView* head = find(kHead);
        if (head == nullptr) {
            if (m_declared.tiedEmbedding == false) {
                failMissing(std::string(kHead) + " (config.json says tie_word_embeddings false)");
            }
        } else {
            requireShape(*head, weights.embedding.shape);
        }
        weights.tiedEmbedding = head == nullptr || sameContent(*head, weights.embedding, m_cancel);
        if (!weights.tiedEmbedding && m_declared.tiedEmbedding == true) {
            failDamaged(m_table.folder,
                        ALCOVE_TEXT("engine", "config.json says tie_word_embeddings true, but %1 differs from %2"),
                        kHead, kEmbedding);
        }
        weights.head = weights.tiedEmbedding ? weights.embedding : *head;
    }

    void refuseUnknown() const {
        for (const auto& [name, tensor] : m_table.tensors) {
            if (!isIgnored(name) && !m_taken.contains(name)) {
                failUnsupported(m_table.fileOf(tensor),
                                ALCOVE_TEXT("engine", "it holds %1, which is no part of a LLaMA or MobiLlama model"),
                                shown(name));
            }
        }
    }

    void checkTokens() const {
        const ModelConfig& config = m_model.config;
        std::vector<TokenId> tokens = config.eosTokens;
        tokens.push_back(config.bosToken);
        for (const TokenId token : tokens) {
            if (static_cast<std::uint32_t>(token) >= config.vocabSize) {
                failContradiction("bos_token_id or eos_token_id", static_cast<std::uint64_t>(token),
                                  m_model.weights.embedding);
            }
        }
    }

    const TensorTable& m_table;
    const DeclaredConfig& m_declared;
    ResolvedModel m_model;
    const Cancellation& m_cancel;
    std::uint64_t m_hidden = 0;
    std::set<std::string> m_taken;
};

}  // namespace

ResolvedModel resolveModel(const TensorTable& table, const DeclaredConfig& declared, const Cancellation& cancel) {
    return Resolver(table, declared, cancel).resolve();
}

}  // namespace alcove::engine
