// added_tokens.json beside a small tokenizer: any bytes lead to names of tokens that the model has, or to an Error.
#include <cstdlib>
#include <fstream>

#include "engine/base/error.h"
#include "engine/text/sentencepiece_model.h"
#include "engine/text/tokenizer.h"
#include "tests/fuzz/fuzz_file.h"
#include "tests/fuzz/growth.h"

using namespace alcove;

namespace {

constexpr std::uint32_t kTokens = 520;  // of the model; the tokenizer has four

bool writeTokenizer(const std::filesystem::path& path) {
    engine::Vocabulary vocabulary;
    vocabulary.pieces = {{.text = "<unk>", .kind = engine::PieceKind::Unknown},
                         {.text = "<s>", .kind = engine::PieceKind::Control},
                         {.text = "</s>", .kind = engine::PieceKind::Control},
                         {.text = "a"}};
    std::ofstream file(path, std::ios::binary);
    return (file << engine::writeVocabulary(vocabulary)).flush().good();
}

void read(const std::uint8_t* data, std::size_t size) {
    static const fuzz::FuzzFolder folder("added_tokens.json");
    static const bool complete = writeTokenizer(folder.path() / "tokenizer.model");
    folder.input().write(data, size);
    try {
        const engine::Tokenizer tokenizer = engine::Tokenizer::open(folder.path(), kTokens);
        for (const auto& [id, name] : tokenizer.addedTokens()) {
            if (id < 0 || static_cast<std::uint32_t>(id) >= kTokens) {
                std::abort();
            }
        }
    } catch (const engine::Error& error) {  // the expected answer to nearly every input
        if (!complete || std::string_view(error.what()).size() > 1000) {
            std::abort();
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    return fuzz::tried(data, size, read);
}
