// How fast a device reads a prompt with each form of its kernels (engine/vulkan/tuning/tuning.h), at MobiLlama-0.5B's
// widths.
//   bench_prompts [--type q4_0|q8_0|f16] [--tokens N] [--dot] [--device NAME]
// A software driver is taken for a graphics card: its own kernels are not among these.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <string>

#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/devices/device_list.h"
#include "engine/model/example_model.h"
#include "engine/vulkan/driver/device.h"
#include "engine/vulkan/network/vulkan_forward_pass.h"
#include "engine/vulkan/tuning/tuning_store.h"

using namespace alcove::engine;
using namespace alcove::engine::vulkan;

namespace {

constexpr int kRepeats = 5;

void takeForCard(PhysicalDevice& device) {
    device.info.kind = DeviceKind::IntegratedGpu;
}

ModelConfig exampleConfig() {
    ModelConfig config;
    config.hiddenSize = 2048;
    config.ffnSize = 5632;
    config.layerCount = 2;
    config.headCount = 32;
    config.kvHeadCount = 4;
    config.headDim = 64;
    config.vocabSize = 512;
    config.contextLength = 512;
    return config;
}

// Of the shortest of a few chunks of `tokens`.
double secondsOf(ForwardPass& pass, const std::vector<TokenId>& tokens) {
    double least = std::numeric_limits<double>::infinity();
    std::vector<float> logits(512);
    for (int i = 0; i <= kRepeats; ++i) {
        const Clock::time_point begin = Clock::now();
        pass.evaluate(tokens, 0, logits);
        least = std::min(least, secondsSince(begin));
    }
    return least;
}

void bench(const DeviceInfo& device, DType dtype, std::size_t tokenCount, bool dot) {
    const std::filesystem::path folder = std::filesystem::temp_directory_path() / "alcove-bench-prompts";
    const ExampleModel example = makeExampleModel(exampleConfig(), dtype);
    const PhysicalDevice card = Device(device, {.hooks = {.adjustPhysical = takeForCard}}).physical();
    std::vector<TokenId> tokens;
    for (std::size_t i = 0; i < tokenCount; ++i) {
        tokens.push_back(static_cast<TokenId>(i * 37 % 512));
    }
    std::printf("%s, %s, a chunk of %zu tokens, two layers\n", device.name.c_str(), dtypeName(dtype), tokenCount);
    KernelSelection selection = plainSelection(card);
    selection.variant = dot ? Variant::Dot : Variant::Plain;
    for (const PromptForm form : {PromptForm::Streamed, PromptForm::Tiled, PromptForm::Matrix}) {
        selection.prompt = form;
        if (!isAllowed(selection, card.features)) {
            std::printf("%-50s not offered\n", describe(selection).c_str());
            continue;
        }
        static_cast<void>(TuningStore(card, folder)
                              .remember(tuningSubject(example.config, dtype), {.best = selection, .trials = {}}));
        const std::unique_ptr<ForwardPass> pass =
            makeVulkanForwardPass(device, example.config, example.weights,
                                  {.contextSize = example.config.contextLength,
                                   .submissionSeconds = 1000,
                                   .pipelineCacheFolder = folder,
                                   .device = {.hooks = {.adjustPhysical = takeForCard}}});
        std::printf("%-50s %8.2f ms\n", pass->kernels().c_str(), 1000 * secondsOf(*pass, tokens));
    }
    std::filesystem::remove_all(folder);
}

}  // namespace

int main(int argc, char** argv) {
    DType dtype = DType::Q4_0;
    std::size_t tokens = 128;
    bool dot = false;
    std::string wanted;
    for (int i = 1; i < argc; ++i) {
        const std::string option = argv[i];
        const std::string value = i + 1 < argc ? argv[i + 1] : "";
        if (option == "--dot") {
            dot = true;
            continue;
        }
        if (option == "--type") {
            dtype = value == "f16" ? DType::F16 : value == "q8_0" ? DType::Q8_0 : DType::Q4_0;
        } else if (option == "--tokens") {
            tokens = std::clamp<std::size_t>(std::strtoul(value.c_str(), nullptr, 10), 9, 128);
        } else if (option == "--device") {
            wanted = value;
        } else {
            std::fprintf(stderr, "unknown option %s\n", option.c_str());
            return 2;
        }
        ++i;
    }
    try {
        for (const DeviceInfo& device : listDevices()) {
            if (device.usable && device.kind != DeviceKind::Processor &&
                device.name.find(wanted) != std::string::npos) {
                bench(device, dtype, tokens, dot);
                return 0;
            }
        }
    } catch (const Error& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
    std::fprintf(stderr, "There is no such device.\n");
    return 1;
}
