// The torch archive reader: any bytes lead to tensors inside the file or to an Error.
#include "engine/base/error.h"
#include "engine/checkpoint/torch_archive.h"
#include "tests/fuzz/fuzz_file.h"
#include "tests/fuzz/growth.h"

using namespace alcove;

namespace {

void read(const std::uint8_t* data, std::size_t size) {
    static const fuzz::FuzzFile file;
    file.write(data, size);
    const engine::MappedFile mapped(file.path());
    const fuzz::PoisonedTail tail(mapped);
    try {
        for (const engine::TensorView& tensor : engine::readTorchArchive(mapped)) {
            fuzz::touch(tensor);
        }
    } catch (const engine::Error&) {  // the expected answer to nearly every input
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    return fuzz::tried(data, size, read);
}
