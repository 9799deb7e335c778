// alcove.json: any bytes lead to a template that there is or to an Error, and to a card within its limits.
#include <cmath>
#include <cstdlib>

#include <QString>

#include "app/checkpoints/checkpoint_card.h"
#include "app/checkpoints/file_path.h"
#include "engine/base/error.h"
#include "engine/text/template_selection.h"
#include "tests/fuzz/fuzz_file.h"
#include "tests/fuzz/growth.h"

using namespace alcove;

namespace {

void require(bool right) {
    if (!right) {
        std::abort();
    }
}

void read(const std::uint8_t* data, std::size_t size) {
    static const fuzz::FuzzFolder folder("alcove.json");
    folder.input().write(data, size);
    try {
        (void)engine::templateNamed(engine::selectTemplate(folder.path()).name);
    } catch (const engine::Error& error) {  // the expected answer to nearly every input
        require(error.code() == engine::ErrorCode::FileDamaged && std::string_view(error.what()).size() < 1000);
    }
    const CheckpointCard card = readCheckpointCard(fromPath(folder.path()));
    require(card.displayName.size() <= 60 && card.description.size() <= 300 && card.suggestions.size() <= 4);
    for (const QString& suggestion : card.suggestions) {
        require(!suggestion.isEmpty() && suggestion.size() <= 120);
    }
    require(!std::isnan(card.order));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    return fuzz::tried(data, size, read);
}
