// The pickle machine by itself: inside an archive the checksum would keep nearly every input from it.
#include <vector>

#include "engine/base/error.h"
#include "engine/checkpoint/pickle.h"
#include "tests/fuzz/growth.h"

using namespace alcove;

namespace {

void read(const std::uint8_t* data, std::size_t size) {
    try {
        (void)engine::readStateDict(std::as_bytes(std::span(data, size)), "data.pkl");
    } catch (const engine::Error&) {  // the expected answer to nearly every input
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    return fuzz::tried(data, size, read);
}
