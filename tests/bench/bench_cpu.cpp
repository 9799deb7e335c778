// How fast the forward pass on the processor is, at a MobiLlama model's full shape with made-up weights.
//   bench_cpu [--type q4_0|q8_0|f16|bf16|f32] [--threads N] [--context N] [--kv f16|q8] [--depth N] [--repeat N]
//             [--attention plain|ahead|around] [--ffn plain|ahead|around] [--alternate] [--08b]
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <deque>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "engine/base/clock.h"
#include "engine/cpu/cpu_device.h"
#include "engine/cpu/cpu_forward_pass.h"

using namespace alcove::engine;

namespace {

// Fills tensors with random blocks. Scales are chosen so that activations neither vanish nor explode.
class MadeUp {
public:
    TensorView make(DType dtype, std::vector<std::uint64_t> shape) {
        std::uint64_t count = 1;
        for (const std::uint64_t size : shape) {
            count *= size;
        }
        std::vector<std::byte>& bytes = m_storage.emplace_back(storedBytes(dtype, count));
        for (std::size_t i = 0; i + 8 <= bytes.size(); i += 8) {
            m_state ^= m_state << 13U;
            m_state ^= m_state >> 7U;
            m_state ^= m_state << 17U;
            std::memcpy(bytes.data() + i, &m_state, 8);
        }
        const DTypeTraits& traits = dtypeTraits(dtype);
        for (std::size_t at = 0; at < bytes.size(); at += traits.blockBytes) {
            if (isQuantized(dtype)) {
                const std::uint16_t scale = dtype == DType::Q4_0 ? 0x1C00 : 0x0C00;  // 2^-8, 2^-12
                std::memcpy(bytes.data() + at, &scale, 2);
            } else {  // magnitudes around 2^-7
                std::byte& high = bytes[at + traits.blockBytes - 1];
                high = (high & std::byte{0x80}) | (dtype == DType::F16 ? std::byte{0x20} : std::byte{0x3C});
            }
        }
        return {.name = "made up", .dtype = dtype, .shape = std::move(shape), .bytes = bytes};
    }
    TensorView ones(std::uint64_t count) {
        std::vector<std::byte>& bytes = m_storage.emplace_back(count * sizeof(float));
        const std::vector<float> values(count, 1.0F);
        std::memcpy(bytes.data(), values.data(), bytes.size());
        return {.name = "ones", .dtype = DType::F32, .shape = {count}, .bytes = bytes};
    }
    void forget() { m_storage.clear(); }

private:
    std::uint64_t m_state = 88172645463325252U;
    std::deque<std::vector<std::byte>> m_storage;
};

ModelWeights weightsFor(const ModelConfig& config, DType dtype, MadeUp& madeUp) {
    ModelWeights weights;
    const std::uint64_t h = config.hiddenSize;
    const std::uint64_t f = config.ffnSize;
    weights.embedding = madeUp.make(dtype, {config.vocabSize, h});
    weights.head = madeUp.make(dtype, {config.vocabSize, h});
    weights.finalNorm = madeUp.ones(h);
    weights.feedForwards.push_back(
        {madeUp.make(dtype, {f, h}), madeUp.make(dtype, {f, h}), madeUp.make(dtype, {h, f})});
    for (std::uint32_t i = 0; i < config.layerCount; ++i) {
        const auto square = [&] { return madeUp.make(dtype, {h, h}); };
        weights.layers.push_back({madeUp.ones(h), square(), square(), square(), square(), madeUp.ones(h), 0});
    }
    return weights;
}

double secondsOf(const auto& action) {
    const Clock::time_point start = Clock::now();
    action();
    return secondsSince(start);
}

// VmRSS or VmHWM of this process, in MiB.
double residentMiB(const std::string& key) {
    std::ifstream file("/proc/self/status");
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with(key)) {
            return std::stod(line.substr(key.size() + 1)) / 1024;
        }
    }
    return 0;
}

cpu::Reading readingNamed(const std::string& name) {
    return name == "ahead" ? cpu::Reading::Ahead : name == "around" ? cpu::Reading::Around : cpu::Reading::Plain;
}

}  // namespace

int main(int argc, char** argv) {
    std::map<std::string, std::string> given;
    for (int i = 1; i < argc; ++i) {
        const std::string key = argv[i];
        const bool flag = key == "--alternate" || key == "--08b";
        given[key] = flag || i + 1 == argc ? "1" : argv[++i];
    }
    const auto value = [&given](const std::string& key, const std::string& otherwise) {
        const auto found = given.find(key);
        return found == given.end() ? otherwise : found->second;
    };
    ModelConfig config;
    const bool large = given.contains("--08b");
    config.hiddenSize = large ? 2560 : 2048;
    config.ffnSize = large ? 10240 : 5632;
    config.headDim = large ? 80 : 64;
    config.layerCount = 22;
    config.headCount = config.kvHeadCount = 32;
    config.vocabSize = 32000;
    config.contextLength = 2048;
    const std::map<std::string, DType> types = {
        {"q4_0", DType::Q4_0}, {"q8_0", DType::Q8_0}, {"f16", DType::F16}, {"bf16", DType::BF16}, {"f32", DType::F32}};
    CpuForwardPassOptions options;
    options.contextSize = static_cast<std::uint32_t>(std::stoul(value("--context", "2048")));
    options.threads = static_cast<unsigned>(std::stoul(value("--threads", "0")));
    options.kvType = value("--kv", "f16") == "q8" ? KvType::Q8 : KvType::F16;
    options.tuning.attention = readingNamed(value("--attention", ""));
    options.tuning.feedForward = readingNamed(value("--ffn", ""));
    if (given.contains("--attention") || given.contains("--ffn") || given.contains("--alternate")) {
        options.tuning.alternate = given.contains("--alternate");
    } else {
        options.tuning = {};
    }
    MadeUp madeUp;
    const double without = residentMiB("VmRSS:");
    std::unique_ptr<ForwardPass> pass;
    const ModelWeights weights = weightsFor(config, types.at(value("--type", "q4_0")), madeUp);
    const double loading = secondsOf([&] { pass = makeCpuForwardPass(config, weights, options); });
    madeUp.forget();

    const std::size_t prompt = 64;
    const std::size_t steps = 64;
    const auto depth = static_cast<std::uint32_t>(std::stoul(value("--depth", "0")));
    std::vector<float> logits(config.vocabSize);
    std::vector<TokenId> tokens(pass->chunkSize());
    const auto prefill = [&](std::uint32_t from, std::size_t count) {
        for (std::size_t at = 0; at < count; at += pass->chunkSize()) {
            const std::size_t n = std::min<std::size_t>(pass->chunkSize(), count - at);
            for (std::size_t i = 0; i < n; ++i) {
                tokens[i] = static_cast<TokenId>((at + i) * 7919 % config.vocabSize);
            }
            pass->evaluate(std::span(tokens).first(n), from + static_cast<std::uint32_t>(at),
                           at + n == count ? std::span(logits) : std::span<float>());
        }
    };
    prefill(0, depth + 1);
    std::printf("%s (%s)\n", cpuDevice().name.c_str(), cpuDevice().driver.c_str());
    std::printf("weights %.0f MiB, cache %.0f MiB, chunk %u, packed in %.2f s\n",
                static_cast<double>(pass->weightBytes()) / 1048576, static_cast<double>(pass->cacheBytes()) / 1048576,
                pass->chunkSize(), loading);
    std::vector<double> prefills;
    std::vector<double> decodes;
    const int repeats = std::stoi(value("--repeat", "5"));
    for (int run = 0; run < repeats; ++run) {
        prefills.push_back(static_cast<double>(prompt) / secondsOf([&] { prefill(depth, prompt); }));
        const double seconds = secondsOf([&] {
            for (std::size_t i = 0; i < steps; ++i) {
                pass->evaluate(std::span(tokens).first(1), static_cast<std::uint32_t>(depth + prompt + i), logits);
            }
        });
        decodes.push_back(static_cast<double>(steps) / seconds);
    }
    std::ranges::sort(prefills);
    std::ranges::sort(decodes);
    std::printf("prefill %zu at %u: best %.1f, median %.1f tok/s\n", prompt, depth, prefills.back(),
                prefills[prefills.size() / 2]);
    std::printf("decode %zu: best %.1f, median %.1f tok/s\n", steps, decodes.back(), decodes[decodes.size() / 2]);
    std::printf("resident %.0f MiB more than before the weights were made up\n", residentMiB("VmRSS:") - without);
    std::printf("read bandwidth %.1f GB/s\n", pass->measureReadBandwidth() / 1e9);
    return 0;
}
