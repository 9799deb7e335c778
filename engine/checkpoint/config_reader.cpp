#include "engine/checkpoint/config_reader.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "engine/base/error.h"
#include "engine/files/file_errors.h"

namespace alcove::engine {

namespace {

using nlohmann::json;

// One configuration object with typed, range-checked access. A key that is absent or null counts as not given.
class Fields {
public:
    Fields(const std::filesystem::path& file, const json& object) : m_file(file), m_object(object) {}

    [[nodiscard]] const json* find(const char* key) const {
        const auto found = m_object.find(key);
        return found == m_object.end() || found->is_null() ? nullptr : &*found;
    }

    [[nodiscard]] std::optional<std::uint32_t> size(const char* key, std::uint32_t largest) const {
        const json* value = find(key);
        if (value == nullptr) {
            return std::nullopt;
        }
        if (!value->is_number_unsigned() || value->get<std::uint64_t>() < 1 || value->get<std::uint64_t>() > largest) {
            wrong(key, *value, {ALCOVE_TEXT("engine", "a whole number from 1 to %1"), largest});
        }
        return static_cast<std::uint32_t>(value->get<std::uint64_t>());
    }

    [[nodiscard]] std::uint32_t requiredSize(const char* key, std::uint32_t largest) const {
        const std::optional<std::uint32_t> value = size(key, largest);
        if (!value) {
            failDamaged(m_file, ALCOVE_TEXT("engine", "it does not give %1"), key);
        }
        return *value;
    }

    [[nodiscard]] std::optional<float> number(const char* key, double smallest, double largest) const {
        const json* value = find(key);
        if (value == nullptr) {
            return std::nullopt;
        }
        if (!value->is_number() || !(value->get<double>() >= smallest && value->get<double>() <= largest)) {
            wrong(key, *value, ALCOVE_TEXT("engine", "a number in its usual range"));
        }
        return static_cast<float>(value->get<double>());
    }

    [[nodiscard]] std::optional<bool> flag(const char* key) const {
        const json* value = find(key);
        if (value == nullptr) {
            return std::nullopt;
        }
        if (!value->is_boolean()) {
            wrong(key, *value, ALCOVE_TEXT("engine", "true or false"));
        }
        return value->get<bool>();
    }

    // One token id or a list of them.
    [[nodiscard]] std::vector<TokenId> tokens(const char* key) const {
        const json* value = find(key);
        if (value == nullptr) {
            return {};
        }
        constexpr std::size_t kMost = 256;
        if (!value->is_array()) {
            return {token(key, *value)};
        }
        if (value->size() > kMost) {
            wrong(key, *value, ALCOVE_TEXT("engine", "a short list of token ids"));
        }
        std::vector<TokenId> result;
        for (const json& id : *value) {
            result.push_back(token(key, id));
        }
        return result;
    }

    [[noreturn]] void wrong(const char* key, const json& value, const Sentence& wanted) const {
        failDamaged(m_file, ALCOVE_TEXT("engine", "%1 is %2, not %3"), key, shownValue(value), wanted);
    }

    [[noreturn]] void unsupported(const char* key, const json& value, const Sentence& wanted) const {
        failUnsupported(m_file, ALCOVE_TEXT("engine", "%1 is %2, and Alcove runs only models with %3"), key,
                        shownValue(value), wanted);
    }

private:
    [[nodiscard]] TokenId token(const char* key, const json& id) const {
        if (!id.is_number_unsigned() || id.get<std::uint64_t>() >= kMaxVocabSize) {
            wrong(key, id, ALCOVE_TEXT("engine", "a token id"));
        }
        return static_cast<TokenId>(id.get<std::uint64_t>());
    }

    const std::filesystem::path& m_file;
    const json& m_object;
};

// Not by the library's operator, which makes a value of the text and ends the program where there is no memory for it.
bool isText(const json& value, std::string_view text) {
    return value.is_string() && value.get_ref<const std::string&>() == text;
}

std::string readArchitecture(const Fields& fields) {
    const json* type = fields.find("model_type");
    if (type != nullptr && !isText(*type, "llama")) {
        fields.unsupported("model_type", *type, ALCOVE_TEXT("engine", "model_type \"llama\" (LLaMA and MobiLlama)"));
    }
    const json* list = fields.find("architectures");
    if (list == nullptr) {
        if (type == nullptr) {
            fields.wrong("architectures", json(), ALCOVE_TEXT("engine", "a list of names"));
        }
        return "LlamaForCausalLM";
    }
    if (!list->is_array() || list->empty() || !list->front().is_string()) {
        fields.wrong("architectures", *list, ALCOVE_TEXT("engine", "a list of names"));
    }
    const auto& name = list->front().get_ref<const std::string&>();
    constexpr std::array<std::string_view, 2> kKnown = {"LlamaForCausalLM", "MobiLlamaForCausalLM"};
    if (std::find(kKnown.begin(), kKnown.end(), name) == kKnown.end()) {
        fields.unsupported("architectures", *list, ALCOVE_TEXT("engine", "LlamaForCausalLM or MobiLlamaForCausalLM"));
    }
    return name;
}

// Variants of the architecture that would run and give wrong text if they were not refused.
void refuseVariants(const Fields& fields) {
    for (const char* key : {"rope_scaling", "rope_parameters"}) {
        if (const json* scaling = fields.find(key); scaling != nullptr) {
            fields.unsupported(key, *scaling, {ALCOVE_TEXT("engine", "plain rotary positions (%1 null)"), key});
        }
    }
    if (const json* act = fields.find("hidden_act"); act != nullptr && !isText(*act, "silu")) {
        fields.unsupported("hidden_act", *act, ALCOVE_TEXT("engine", "hidden_act \"silu\""));
    }
    for (const char* key : {"attention_bias", "mlp_bias"}) {
        if (const json* bias = fields.find(key); fields.flag(key).value_or(false)) {
            fields.unsupported(key, *bias, ALCOVE_TEXT("engine", "no biases"));
        }
    }
}

void addTokens(std::vector<TokenId>& list, const std::vector<TokenId>& more) {
    for (const TokenId token : more) {
        if (std::find(list.begin(), list.end(), token) == list.end()) {
            list.push_back(token);
        }
    }
}

}  // namespace

DeclaredConfig readConfig(const std::filesystem::path& folder) {
    const std::filesystem::path file = folder / "config.json";
    std::error_code ignored;
    if (!std::filesystem::exists(std::filesystem::symlink_status(file, ignored))) {
        throw Error(ErrorCode::FileMissing,
                    ALCOVE_TEXT("engine",
                                "%1 has no config.json, so it is not a checkpoint folder. Choose the folder that holds "
                                "config.json, tokenizer.model and the weights."),
                    folder);
    }
    const JsonDocument document = readJsonObject(file, kConfigLimits);
    const Fields fields(file, *document);

    DeclaredConfig config;
    config.source = file;
    config.architecture = readArchitecture(fields);
    refuseVariants(fields);
    config.hiddenSize = fields.size("hidden_size", kMaxHiddenSize);
    config.ffnSize = fields.size("intermediate_size", kMaxFfnSize);
    config.layerCount = fields.size("num_hidden_layers", kMaxLayerCount);
    config.headDim = fields.size("head_dim", kMaxHeadDim);
    config.vocabSize = fields.size("vocab_size", kMaxVocabSize);
    config.headCount = fields.requiredSize("num_attention_heads", kMaxHeadCount);
    config.contextLength = fields.requiredSize("max_position_embeddings", kMaxContextLength);
    config.tiedEmbedding = fields.flag("tie_word_embeddings");
    // Where a figure is absent, the architecture's default holds.
    config.rmsNormEpsilon = fields.number("rms_norm_eps", 1e-12, 1e-1).value_or(1e-6F);
    config.ropeTheta = fields.number("rope_theta", 1.0, 1e12).value_or(10000.0F);
    if (const std::vector<TokenId> bos = fields.tokens("bos_token_id"); !bos.empty()) {
        config.bosToken = bos.front();
    }
    addTokens(config.eosTokens, fields.tokens("eos_token_id"));

    const std::filesystem::path generationFile = folder / "generation_config.json";
    if (std::filesystem::exists(std::filesystem::symlink_status(generationFile, ignored))) {
        const JsonDocument generation = readJsonObject(generationFile, kConfigLimits);
        addTokens(config.eosTokens, Fields(generationFile, *generation).tokens("eos_token_id"));
    }
    if (config.eosTokens.empty()) {
        config.eosTokens.push_back(2);
    }
    return config;
}

}  // namespace alcove::engine
