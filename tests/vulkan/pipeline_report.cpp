#include "tests/vulkan/pipeline_report.h"

#include <algorithm>
#include <string_view>

#include "engine/vulkan/driver/result.h"
#include "engine/vulkan/driver/structure.h"
#include "engine/vulkan/network/kernels.h"
#include "engine/vulkan/network/sampling.h"

namespace alcove::tests {

using namespace engine;
using namespace engine::vulkan;

namespace {

PipelineReport reportOn(const Device& device, const PipelineInfo& info, VkPipeline pipeline) {
    PipelineReport report{info.name, {}};
    for (std::size_t i = 0; i < info.constants.size(); ++i) {
        report.name += (i == 0 ? " (" : ", ") + std::to_string(info.constants[i]);
    }
    report.name += info.constants.empty() ? "" : ")";
    if (info.requiredSubgroupSize != 0) {
        report.name += " in subgroups of " + std::to_string(info.requiredSubgroupSize);
    }
    auto executable = structure<VkPipelineExecutableInfoKHR>(VK_STRUCTURE_TYPE_PIPELINE_EXECUTABLE_INFO_KHR);
    executable.pipeline = pipeline;  // a compute pipeline is one executable
    std::uint32_t count = 0;
    const VolkDeviceTable& api = device.api();
    check(api.vkGetPipelineExecutableStatisticsKHR(device.handle(), &executable, &count, nullptr),
          ALCOVE_TEXT("engine", "report"));
    std::vector<VkPipelineExecutableStatisticKHR> statistics(
        count, structure<VkPipelineExecutableStatisticKHR>(VK_STRUCTURE_TYPE_PIPELINE_EXECUTABLE_STATISTIC_KHR));
    check(api.vkGetPipelineExecutableStatisticsKHR(device.handle(), &executable, &count, statistics.data()),
          ALCOVE_TEXT("engine", "report"));
    for (const VkPipelineExecutableStatisticKHR& statistic : statistics) {
        if (statistic.format == VK_PIPELINE_EXECUTABLE_STATISTIC_FORMAT_UINT64_KHR) {
            report.statistics[statistic.name] = statistic.value.u64;
        }
    }
    return report;
}

// Every tuning that the search may try in its first `rounds` rounds.
std::vector<Tuning> tunings(const Device& device, int rounds) {
    const PhysicalDevice& physical = device.physical();
    std::vector<KernelSelection> selections = {plainSelection(physical)};
    for (int round = 0; round < rounds; ++round) {
        const std::vector<KernelSelection> before = selections;
        for (const KernelSelection& selection : before) {
            // Only the subgroup changes the forms of prompts, and these change nothing else.
            const bool same = selection.prompt != PromptForm::Streamed && round == kWorkGroupRound;
            for (const KernelSelection& other : alternatives(physical, selection, round)) {
                if (!same && std::find(selections.begin(), selections.end(), other) == selections.end()) {
                    selections.push_back(other);
                }
            }
        }
    }
    std::vector<Tuning> result;
    for (const KernelSelection& selection : selections) {
        result.push_back(tuningFor(physical, selection));
    }
    return result;
}

void compileFor(const Device& device, const PipelineCache& cache, const Tuning& tuning) {
    for (const DType dtype : {DType::F32, DType::F16, DType::BF16, DType::Q8_0, DType::Q4_0}) {
        if (tuning.byteActivations && !isQuantized(dtype)) {
            continue;  // as of the tuning without
        }
        KernelNeeds needs{.embedding = dtype, .projections = {}};
        needs.activations = tuning.byteActivations ? ActivationType::Bytes : ActivationType::Floats;
        for (const Epilogue epilogue : {Epilogue::Store, Epilogue::Rope, Epilogue::Residual, Epilogue::Swiglu}) {
            needs.projections.push_back({epilogue, dtype});
        }
        needs.cache = dtype == DType::Q4_0 ? KvType::Q8 : KvType::F16;
        const Kernels kernels(device, cache, tuning, needs);
    }
}

void compileEverything(const Device& device, int rounds) {
    const PipelineCache cache(device, {});
    for (const Tuning& tuning : tunings(device, rounds)) {
        compileFor(device, cache, tuning);
    }
    const SamplingKernels sampling(device, cache);
}

}  // namespace

std::optional<std::uint64_t> PipelineReport::find(std::string_view statistic) const {
    const auto found = statistics.find(statistic);
    return found == statistics.end() ? std::nullopt : std::optional(found->second);
}

bool PipelineReport::spills() const {
    const auto isNotZero = [this](const char* statistic) { return find(statistic) != std::uint64_t{0}; };
    return isNotZero("Spilled SGPRs") || isNotZero("Spilled VGPRs") || isNotZero("Scratch size");
}

std::vector<PipelineReport> reportOnEveryPipeline(const DeviceInfo& info, int rounds) {
    std::vector<PipelineReport> reports;
    DeviceOptions options;
    options.onPipeline = [&reports](const Device& device, const PipelineInfo& pipeline, VkPipeline handle) {
        if (device.features().pipelineStatistics) {
            reports.push_back(reportOn(device, pipeline, handle));
        }
    };
    const Device device(info, options);
    compileEverything(device, rounds);
    const auto byName = [](const PipelineReport& a, const PipelineReport& b) { return a.name < b.name; };
    const auto same = [](const PipelineReport& a, const PipelineReport& b) {
        return a.name == b.name && a.statistics == b.statistics;
    };
    std::stable_sort(reports.begin(), reports.end(), byName);
    reports.erase(std::unique(reports.begin(), reports.end(), same), reports.end());
    return reports;
}

}  // namespace alcove::tests
