#include <memory>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "app/cli/commands.h"
#include "app/cli/numbers.h"
#include "app/cli/options.h"
#include "app/cli/output.h"
#include "engine/checkpoint/checkpoint.h"
#include "engine/text/template_selection.h"
#include "engine/text/tokenizer.h"

namespace alcove::cli {

namespace {

using engine::Checkpoint;
using engine::ModelConfig;
using engine::Sharing;

const char* sharingKey(Sharing sharing) {
    switch (sharing) {
        case Sharing::SameStorage:
            return "same_storage";
        case Sharing::EqualContent:
            return "equal_content";
        case Sharing::SingleName:
            return "single_name";
        case Sharing::Mixed:
            return "mixed";
        case Sharing::None:
            break;
    }
    return "none";
}

std::string sharingSentence(Sharing sharing, std::size_t blocks, std::uint32_t layers) {
    const std::string all = "one block shared by all " + std::to_string(layers) + " layers";
    switch (sharing) {
        case Sharing::SameStorage:
            return all + " (many names on one storage)";
        case Sharing::EqualContent:
            return all + " (stored more than once, with equal content)";
        case Sharing::SingleName:
            return all + " (named by one layer only)";
        case Sharing::Mixed:
            return std::to_string(blocks) + " blocks for " + std::to_string(layers) + " layers";
        case Sharing::None:
            break;
    }
    return "one block for each of " + std::to_string(layers) + " layers";
}

std::string dtypeList(const Checkpoint& checkpoint) {
    std::string result;
    for (const engine::DType dtype : checkpoint.dtypes()) {
        result += (result.empty() ? "" : ", ") + std::string(engine::dtypeName(dtype));
    }
    return result;
}

void printText(const Checkpoint& checkpoint, const engine::Tokenizer& tokenizer,
               const engine::TemplateSelection& choice) {
    const ModelConfig& c = checkpoint.config();
    writeTable({
        {"Name", checkpoint.name()},
        {"Architecture", c.architecture},
        {"Layers", std::to_string(c.layerCount)},
        {"Hidden size", std::to_string(c.hiddenSize)},
        {"Feed-forward",
         std::to_string(c.ffnSize) + ", " +
             sharingSentence(checkpoint.sharing(), checkpoint.weights().feedForwards.size(), c.layerCount)},
        {"Heads", std::to_string(c.headCount) + " of " + std::to_string(c.headDim) + " dimensions, " +
                      std::to_string(c.kvHeadCount) + " for keys and values"},
        {"Context", std::to_string(c.contextLength) + " positions"},
        {"Vocabulary", std::to_string(c.vocabSize) + " tokens, output matrix " +
                           (checkpoint.weights().tiedEmbedding ? "tied to the embedding" : "of its own")},
        {"Parameters", valueCount(checkpoint.uniqueParameters()) + " unique, " +
                           valueCount(checkpoint.storedParameters()) + " as stored"},
        {"Weights", checkpoint.format() + ", " + dtypeList(checkpoint) + ", " + byteCount(checkpoint.fileBytes()) +
                        " on disk, " + byteCount(checkpoint.uniqueBytes()) + " in use"},
        {"Tokenizer", "SentencePiece BPE, " + std::to_string(tokenizer.size()) + " pieces"},
        {"Chat template", choice.name + (choice.workedExample ? " with its worked example" : "")},
    });
}

void printJson(const Checkpoint& checkpoint, const engine::Tokenizer& tokenizer,
               const engine::TemplateSelection& choice) {
    const ModelConfig& c = checkpoint.config();
    nlohmann::ordered_json dtypes = nlohmann::ordered_json::array();
    for (const engine::DType dtype : checkpoint.dtypes()) {
        dtypes.push_back(engine::dtypeName(dtype));
    }
    writeJson({
        {"name", checkpoint.name()},
        {"path", checkpoint.location().string()},
        {"architecture", c.architecture},
        {"layers", c.layerCount},
        {"hidden_size", c.hiddenSize},
        {"ffn_size", c.ffnSize},
        {"heads", c.headCount},
        {"kv_heads", c.kvHeadCount},
        {"head_dim", c.headDim},
        {"vocab_size", c.vocabSize},
        {"context_length", c.contextLength},
        {"rms_norm_epsilon", shortest(c.rmsNormEpsilon)},
        {"rope_theta", shortest(c.ropeTheta)},
        {"bos_token", c.bosToken},
        {"eos_tokens", c.eosTokens},
        {"parameters_unique", checkpoint.uniqueParameters()},
        {"parameters_stored", checkpoint.storedParameters()},
        {"sharing", sharingKey(checkpoint.sharing())},
        {"shared_ffn", c.layerCount > 1 && checkpoint.weights().feedForwards.size() == 1},
        {"ffn_blocks", checkpoint.weights().feedForwards.size()},
        {"tied_embedding", checkpoint.weights().tiedEmbedding},
        {"format", checkpoint.format()},
        {"dtypes", dtypes},
        {"file_bytes", checkpoint.fileBytes()},
        {"unique_bytes", checkpoint.uniqueBytes()},
        {"tokenizer", {{"kind", "sentencepiece-bpe"}, {"pieces", tokenizer.size()}}},
        {"chat_template", choice.name},
        {"worked_example", choice.workedExample},
    });
}

}  // namespace

void addInspect(CLI::App& app, Command& chosen) {
    struct InspectArguments {
        std::string checkpoint;
        bool json = false;
    };
    CLI::App* command = app.add_subcommand("inspect", "Show what a checkpoint is made of (needs no Vulkan device)");
    const auto arguments = std::make_shared<InspectArguments>();
    addCheckpoint(*command, arguments->checkpoint);
    addJson(*command, arguments->json);
    command->callback([arguments, &chosen] {
        chosen = [arguments] {
            const Checkpoint checkpoint = Checkpoint::open(arguments->checkpoint);
            const engine::Tokenizer tokenizer =
                engine::Tokenizer::open(checkpoint.location(), checkpoint.config().vocabSize);
            const engine::TemplateSelection choice = engine::selectTemplate(checkpoint.location());
            (arguments->json ? printJson : printText)(checkpoint, tokenizer, choice);
            return 0;
        };
    });
}

}  // namespace alcove::cli
