#include "engine/conversion/model_writer.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "engine/base/error.h"
#include "engine/checkpoint/fine_quantization.h"
#include "engine/checkpoint/finite.h"
#include "engine/checkpoint/gguf_model.h"
#include "engine/checkpoint/quantization.h"
#include "engine/conversion/gguf_header.h"
#include "engine/conversion/gguf_metadata.h"
#include "engine/files/file_errors.h"
#include "engine/files/new_file.h"

namespace alcove::engine {

namespace {

constexpr std::size_t kValuesAtOnce = 1 << 18;
constexpr TranslatableText kWritingStopped = ALCOVE_TEXT("engine", "Writing was cancelled. No file was left behind.");

struct PlannedTensor {
    const TensorView* source = nullptr;
    std::string name;
    DType dtype = DType::F32;
    std::uint64_t headDim = 0;  // not 0: rows of each head in llama.cpp's order
};

DType storageOf(const TensorView& tensor, DType wanted) {
    if (tensor.shape.size() == 1) {
        return DType::F32;
    }
    return tensor.shape.back() % dtypeTraits(wanted).blockElements == 0 ? wanted : DType::F16;
}

std::vector<PlannedTensor> plan(const Checkpoint& checkpoint, const ModelWriteOptions& options) {
    const ModelWeights& weights = checkpoint.weights();
    const bool forLlama = options.reader == GgufReader::LlamaCpp;
    const std::uint64_t headDim = forLlama ? checkpoint.config().headDim : 0;
    std::vector<PlannedTensor> result;
    const auto add = [&](const std::string& hub, const TensorView& tensor, std::uint64_t reorder = 0) {
        result.push_back({&tensor, ggufName(hub), storageOf(tensor, options.dtype), reorder});
    };
    add("model.embed_tokens.weight", weights.embedding);
    std::vector<bool> written(weights.feedForwards.size());
    for (std::size_t i = 0; i < weights.layers.size(); ++i) {
        const LayerWeights& layer = weights.layers[i];
        const std::string prefix = "model.layers." + std::to_string(i) + ".";
        add(prefix + "input_layernorm.weight", layer.attentionNorm);
        add(prefix + "self_attn.q_proj.weight", layer.query, headDim);
        add(prefix + "self_attn.k_proj.weight", layer.key, headDim);
        add(prefix + "self_attn.v_proj.weight", layer.value);
        add(prefix + "self_attn.o_proj.weight", layer.output);
        add(prefix + "post_attention_layernorm.weight", layer.feedForwardNorm);
        if (forLlama || !written[layer.feedForward]) {
            const FeedForwardWeights& block = weights.feedForwards[layer.feedForward];
            add(prefix + "mlp.gate_proj.weight", block.gate);
            add(prefix + "mlp.up_proj.weight", block.up);
            add(prefix + "mlp.down_proj.weight", block.down);
            written[layer.feedForward] = true;
        }
    }
    add("model.norm.weight", weights.finalNorm);
    if (!weights.tiedEmbedding) {
        add("lm_head.weight", weights.head);
    }
    return result;
}

// The largest magnitude that a type holds without an infinite value or scale.
float largestValue(DType dtype) {
    constexpr float kLargestHalf = 65504;
    switch (dtype) {
        case DType::F16:
            return kLargestHalf;
        case DType::Q8_0:
            return kLargestHalf * 127;
        case DType::Q4_0:
            return kLargestHalf * 8;
        default:
            return INFINITY;
    }
}

class Writer {
public:
    Writer(const ModelWriteOptions& options, NewFile& file, std::uint64_t total)
        : m_options(options), m_file(file), m_total(total) {}

    void append(std::span<const std::byte> bytes) {
        m_file.append(bytes);
        step();
    }

    void write(const PlannedTensor& tensor) {
        const TensorView& source = *tensor.source;
        requireFinite(source, m_options.cancel);
        const std::uint64_t columns = source.shape.back();
        const std::uint64_t rows = source.shape.size() == 1 ? 1 : source.shape[0];
        const std::uint64_t rowsAtOnce = std::clamp<std::uint64_t>(kValuesAtOnce / columns, 1, rows);
        for (std::uint64_t row = 0; row < rows; row += rowsAtOnce) {
            writeRows(tensor, row, std::min(rowsAtOnce, rows - row));
        }
        m_blocks.assign(ggufPadded(m_file.written()) - m_file.written(), std::byte{0});
        append(m_blocks);
    }

private:
    void writeRows(const PlannedTensor& tensor, std::uint64_t first, std::uint64_t count) {
        const TensorView& source = *tensor.source;
        const std::uint64_t columns = source.shape.back();
        const std::uint64_t sourceRow = storedBytes(source.dtype, columns);
        const std::uint64_t targetRow = storedBytes(tensor.dtype, columns);
        m_blocks.resize(count * targetRow);
        m_values.resize(columns);
        for (std::uint64_t i = 0; i < count; ++i) {
            const auto from = source.bytes.subspan(rowToWrite(first + i, tensor.headDim) * sourceRow, sourceRow);
            const auto to = std::span(m_blocks).subspan(i * targetRow, targetRow);
            if (source.dtype == tensor.dtype) {
                std::copy(from.begin(), from.end(), to.begin());
                continue;
            }
            dequantize(source.dtype, from, m_values);
            requireRange(source, tensor.dtype);
            quantizeFinely(tensor.dtype, m_values, to);
        }
        append(m_blocks);
    }

    // Which row of the source is row `row` of the file.
    static std::uint64_t rowToWrite(std::uint64_t row, std::uint64_t headDim) {
        if (headDim == 0) {
            return row;
        }
        const std::uint64_t within = row % headDim;
        return row - within + within / 2 + (within % 2 == 0 ? 0 : headDim / 2);
    }

    void requireRange(const TensorView& source, DType dtype) const {
        const float largest = largestValue(dtype);
        if (std::any_of(m_values.begin(), m_values.end(), [&](float value) { return std::fabs(value) > largest; })) {
            throw Error(ErrorCode::NotFinite,
                        ALCOVE_TEXT("engine", "%1 holds values too large for %2. Choose another type."),
                        shown(source.name), dtypeName(dtype));
        }
    }

    void step() const {
        m_options.cancel.check(kWritingStopped);
        if (m_options.progress) {
            m_options.progress(m_file.written(), m_total);
        }
    }

    const ModelWriteOptions& m_options;
    NewFile& m_file;
    std::uint64_t m_total;
    std::vector<float> m_values;
    std::vector<std::byte> m_blocks;
};

}  // namespace

std::uint64_t writeModel(const Checkpoint& checkpoint, const Tokenizer& tokenizer, const TemplateSelection& selection,
                         const std::filesystem::path& path, const ModelWriteOptions& options) {
    const std::vector<PlannedTensor> tensors = plan(checkpoint, options);
    GgufHeader header;
    writeMetadata(header, checkpoint, tokenizer, selection, options);
    for (const PlannedTensor& tensor : tensors) {
        header.tensor(tensor.name, tensor.dtype, tensor.source->shape);
    }
    const std::string beginning = header.bytes();
    const std::uint64_t total = beginning.size() + header.dataBytes();
    NewFile file(path, total, options.overwrite);
    Writer writer(options, file, total);
    writer.append(std::as_bytes(std::span(beginning)));
    for (const PlannedTensor& tensor : tensors) {
        writer.write(tensor);
        checkpoint.requireUnchanged();
        checkpoint.releasePages();  // what is written need not stay in memory
    }
    file.commit();
    return total;
}

}  // namespace alcove::engine
