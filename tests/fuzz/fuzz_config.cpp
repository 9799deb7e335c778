// config.json: any bytes lead to a configuration within its ranges or to an Error.
#include <cmath>
#include <cstdlib>

#include "engine/base/error.h"
#include "engine/checkpoint/config_reader.h"
#include "tests/fuzz/fuzz_file.h"
#include "tests/fuzz/growth.h"

using namespace alcove;

namespace {

void read(const std::uint8_t* data, std::size_t size) {
    static const fuzz::FuzzFolder folder("config.json");
    folder.input().write(data, size);
    try {
        const engine::DeclaredConfig config = engine::readConfig(folder.path());
        if (config.headCount == 0 || config.contextLength == 0 || !std::isfinite(config.ropeTheta) ||
            !(config.rmsNormEpsilon > 0) || config.eosTokens.empty()) {
            std::abort();
        }
    } catch (const engine::Error&) {  // the expected answer to nearly every input
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    return fuzz::tried(data, size, read);
}
