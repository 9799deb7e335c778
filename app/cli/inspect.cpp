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
using engine::Sentence;
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

Sentence sharingSentence(Sharing sharing, std::size_t blocks, std::uint32_t layers) {
    switch (sharing) {
        case Sharing::SameStorage:
            return {ALCOVE_TEXT("engine", "one block shared by all %1 layers (many names on one storage)"), layers};
        case Sharing::EqualContent:
            return {
                ALCOVE_TEXT("engine", "one block shared by all %1 layers (stored more than once, with equal content)"),
                layers};
        case Sharing::SingleName:
            return {ALCOVE_TEXT("engine", "one block shared by all %1 layers (named by one layer only)"), layers};
        case Sharing::Mixed:
            return {ALCOVE_TEXT("engine", "%1 blocks for %2 layers"), blocks, layers};
        case Sharing::None:
            break;
    }
    return {ALCOVE_TEXT("engine", "one block for each of %1 layers"), layers};
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
        {ALCOVE_TEXT("engine", "Name"), Sentence::verbatim(checkpoint.name())},
        {ALCOVE_TEXT("engine", "Architecture"), Sentence::verbatim(c.architecture)},
        {ALCOVE_TEXT("engine", "Layers"), Sentence::verbatim(std::to_string(c.layerCount))},
        {ALCOVE_TEXT("engine", "Hidden size"), Sentence::verbatim(std::to_string(c.hiddenSize))},
        {ALCOVE_TEXT("engine", "Feed-forward"),
         Sentence::sequence(
             {Sentence::verbatim(std::to_string(c.ffnSize) + ", "),
              sharingSentence(checkpoint.sharing(), checkpoint.weights().feedForwards.size(), c.layerCount)})},
        {ALCOVE_TEXT("engine", "Heads"),
         {ALCOVE_TEXT("engine", "%1 of %2 dimensions, %3 for keys and values"), c.headCount, c.headDim, c.kvHeadCount}},
        {ALCOVE_TEXT("engine", "Context"), {ALCOVE_TEXT("engine", "%1 positions"), c.contextLength}},
        {ALCOVE_TEXT("engine", "Vocabulary"),
         {checkpoint.weights().tiedEmbedding ? ALCOVE_TEXT("engine", "%1 tokens, output matrix tied to the embedding")
                                             : ALCOVE_TEXT("engine", "%1 tokens, output matrix of its own"),
          c.vocabSize}},
        {ALCOVE_TEXT("engine", "Parameters"),
         {ALCOVE_TEXT("engine", "%1 unique, %2 as stored"), valueCount(checkpoint.uniqueParameters()),
          valueCount(checkpoint.storedParameters())}},
        {ALCOVE_TEXT("engine", "Weights"),
         {ALCOVE_TEXT("engine", "%1, %2, %3 on disk, %4 in use"), checkpoint.format(), dtypeList(checkpoint),
          byteCount(checkpoint.fileBytes()), byteCount(checkpoint.uniqueBytes())}},
        {ALCOVE_TEXT("engine", "Tokenizer"), {ALCOVE_TEXT("engine", "SentencePiece BPE, %1 pieces"), tokenizer.size()}},
        {ALCOVE_TEXT("engine", "Chat template"),
         choice.workedExample ? Sentence(ALCOVE_TEXT("engine", "%1 with its worked example"), choice.name)
                              : Sentence::verbatim(choice.name)},
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
