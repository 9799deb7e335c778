#include "engine/checkpoint/checkpoint.h"

#include <set>
#include <utility>

#include "engine/base/error.h"
#include "engine/base/memory_error.h"
#include "engine/checkpoint/config_reader.h"
#include "engine/checkpoint/gguf_model.h"
#include "engine/checkpoint/location.h"
#include "engine/checkpoint/model_files.h"
#include "engine/checkpoint/resolve.h"
#include "engine/checkpoint/tensor_table.h"

namespace alcove::engine {

struct Checkpoint::Impl {
    std::filesystem::path location;
    std::string name;
    std::string format;
    TensorTable table;  // owns the mappings that the views of `model` point into
    ResolvedModel model;
    std::vector<TensorView> uniqueTensors;
};

namespace {

// Tensors of the model, each place in the files once.
std::vector<TensorView> distinctTensors(const ModelWeights& weights) {
    std::vector<TensorView> result;
    std::set<const std::byte*> seen;
    const auto add = [&](const TensorView& tensor) {
        if (seen.insert(tensor.bytes.data()).second) {
            result.push_back(tensor);
        }
    };
    add(weights.embedding);
    for (const LayerWeights& layer : weights.layers) {
        for (const TensorView* tensor :
             {&layer.attentionNorm, &layer.query, &layer.key, &layer.value, &layer.output, &layer.feedForwardNorm}) {
            add(*tensor);
        }
    }
    for (const FeedForwardWeights& block : weights.feedForwards) {
        add(block.gate);
        add(block.up);
        add(block.down);
    }
    add(weights.finalNorm);
    add(weights.head);
    return result;
}

std::uint64_t values(const TensorView& tensor) {
    return tensor.bytes.size() / dtypeTraits(tensor.dtype).blockBytes * dtypeTraits(tensor.dtype).blockElements;
}

std::string describeFormat(const ModelFiles& files) {
    std::string result = files.format == WeightFormat::Safetensors ? "safetensors" : "torch archive";
    if (files.weights.size() > 1) {
        result += ", " + std::to_string(files.weights.size()) + " shards";
    }
    return result;
}

}  // namespace

Checkpoint Checkpoint::open(const std::filesystem::path& path, const Cancellation& cancel) {
    return withMemoryToRead(path, [&] { return Checkpoint(openedImpl(path, cancel)); });
}

std::unique_ptr<Checkpoint::Impl> Checkpoint::openedImpl(const std::filesystem::path& path,
                                                         const Cancellation& cancel) {
    auto impl = std::make_unique<Impl>();
    impl->location = locateCheckpoint(path);
    impl->name = nameOfLocation(impl->location);
    DeclaredConfig config;
    if (isGgufName(impl->location) && std::filesystem::is_regular_file(impl->location)) {
        GgufModel model = readGgufModel(impl->location, cancel);
        impl->format = "GGUF";
        impl->table = std::move(model.table);
        config = std::move(model.config);
    } else {
        config = readConfig(impl->location);
        const ModelFiles files = findModelFiles(impl->location);
        impl->format = describeFormat(files);
        impl->table = readTensors(impl->location, files);
    }
    try {
        impl->model = resolveModel(impl->table, config, cancel);
    } catch (const Error&) {
        impl->table.requireUnchanged();  // comparing blocks reads them
        throw;
    }
    impl->table.requireUnchanged();
    impl->uniqueTensors = distinctTensors(impl->model.weights);
    // Most of what was read to compare blocks are equal tensors, which are not read again.
    impl->table.releasePages();
    return impl;
}

Checkpoint::Checkpoint(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {
}
Checkpoint::Checkpoint(Checkpoint&&) noexcept = default;
Checkpoint& Checkpoint::operator=(Checkpoint&&) noexcept = default;
Checkpoint::~Checkpoint() = default;

const std::filesystem::path& Checkpoint::location() const {
    return m_impl->location;
}

const std::string& Checkpoint::name() const {
    return m_impl->name;
}

const ModelConfig& Checkpoint::config() const {
    return m_impl->model.config;
}

const ModelWeights& Checkpoint::weights() const {
    return m_impl->model.weights;
}

Sharing Checkpoint::sharing() const {
    return m_impl->model.sharing;
}

std::uint64_t Checkpoint::uniqueParameters() const {
    std::uint64_t count = 0;
    for (const TensorView& tensor : m_impl->uniqueTensors) {
        count += values(tensor);
    }
    return count;
}

std::uint64_t Checkpoint::storedParameters() const {
    std::uint64_t count = 0;
    std::set<const std::byte*> seen;
    for (const auto& [name, tensor] : m_impl->table.tensors) {
        if (seen.insert(tensor.view.bytes.data()).second) {
            count += values(tensor.view);
        }
    }
    return count;
}

std::uint64_t Checkpoint::uniqueBytes() const {
    std::uint64_t bytes = 0;
    for (const TensorView& tensor : m_impl->uniqueTensors) {
        bytes += tensor.bytes.size();
    }
    return bytes;
}

std::uint64_t Checkpoint::fileBytes() const {
    std::uint64_t bytes = 0;
    for (const MappedFile& file : m_impl->table.files) {
        bytes += file.bytes().size();
    }
    return bytes;
}

const std::string& Checkpoint::format() const {
    return m_impl->format;
}

std::vector<DType> Checkpoint::dtypes() const {
    std::set<DType> found;
    for (const TensorView& tensor : m_impl->uniqueTensors) {
        found.insert(tensor.dtype);
    }
    return {found.begin(), found.end()};
}

void Checkpoint::requireUnchanged() const {
    m_impl->table.requireUnchanged();
}

const std::vector<TensorView>& Checkpoint::tensors() const {
    return m_impl->uniqueTensors;
}

void Checkpoint::releasePages() const {
    m_impl->table.releasePages();
}

}  // namespace alcove::engine
