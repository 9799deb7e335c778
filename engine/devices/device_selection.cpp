#include "engine/devices/device_selection.h"

#include <algorithm>
#include <cstdio>
#include <new>
#include <span>

#include "engine/base/error.h"
#include "engine/devices/comparison_file.h"
#include "engine/model/normalised_error.h"
#include "engine/vulkan/driver/device_files.h"

namespace alcove::engine {

namespace {

// Of the usual answer: a token is about three quarters of a word.
constexpr double kQuestionTokens = 60;
constexpr double kAnswerTokens = 130;

constexpr std::uint32_t kMostBegun = 2;

// Devices that compute the same differ by rounding, far less than this; noise differs by 1 and more.
constexpr double kMostDifference = 0.05;

std::string secondsText(double seconds) {
    char text[32];
    std::snprintf(text, sizeof text, seconds < 9.95 ? "%.1f s" : "%.0f s", seconds);
    return text;
}

// Decides between a graphics device and the processor, and stores what was measured.
class MeasuredSelection {
public:
    MeasuredSelection(const DeviceInfo& gpu, const DeviceInfo& processor, const SelectionOptions& options)
        : m_gpu(gpu),
          m_processor(processor),
          m_options(options),
          m_file(options.folder.value_or(vulkan::defaultCacheFolder()), gpu, processor) {}

    DeviceSelection selection() {
        Comparison known;
        if (!m_options.anew) {
            known = m_file.load().value_or(Comparison());
        }
        if (const std::optional<DeviceSelection> decided = knownFrom(known)) {
            return *decided;
        }
        if (!m_options.measure) {
            return {.device = m_gpu,
                    .reason = ALCOVE_TEXT("engine", "it has not been compared with the processor yet."),
                    .measured = {}};
        }
        return measured(known);
    }

private:
    [[nodiscard]] std::optional<DeviceSelection> knownFrom(const Comparison& known) const {
        if (!known.failure.empty()) {
            return without(known.failure);
        }
        if (known.gpu && known.processor) {
            return fasterOf(m_gpu, m_processor, {.gpu = *known.gpu, .processor = *known.processor});
        }
        if (known.begun >= kMostBegun) {
            return without(ALCOVE_TEXT("engine", "Alcove ended unexpectedly each time it was tried."));
        }
        return std::nullopt;
    }

    [[nodiscard]] DeviceSelection without(const Sentence& failure) const {
        return {.device = m_processor,
                .reason = {ALCOVE_TEXT("engine", "%1 is not used. %2"), m_gpu.name, failure},
                .measured = {}};
    }

    DeviceSelection measured(Comparison known) {
        const std::uint32_t begunBefore = known.begun;
        known.begun = begunBefore + 1;
        m_file.save(known);  // this remains if a driver crashes the program
        if (m_options.measuring) {
            m_options.measuring(
                {ALCOVE_TEXT("engine", "Comparing %1 with the processor. This is done once."), m_gpu.name});
        }
        Comparison result;
        Sentence transient;
        try {
            result = compare();
        } catch (const std::bad_alloc&) {
            transient = ALCOVE_TEXT("engine", "There is too little free memory to try it.");
        } catch (const Error& error) {
            known.begun = begunBefore;
            if (error.code() == ErrorCode::Cancelled) {
                m_file.save(known);
                throw;
            }
            if (error.code() == ErrorCode::OutOfMemory) {
                transient = error.sentence();
            } else {
                result.failure = error.sentence();
            }
        }
        if (!transient.empty()) {  // it may succeed another time
            known.begun = begunBefore;
            m_file.save(known);
            return without(transient);
        }
        m_file.save(result);
        return *knownFrom(result);
    }

    Comparison compare() {
        const auto run = [this](const DeviceInfo& device) {
            return m_options.probe ? m_options.probe(device, m_options.shape, m_options.cancel)
                                   : probeDevice(device, m_options.shape, m_options.cancel);
        };
        const Probe gpu = run(m_gpu);
        const Probe processor = run(m_processor);
        Comparison result;
        result.gpu = gpu.speed;
        result.processor = processor.speed;
        if (normalisedError(gpu.logits, processor.logits) > kMostDifference) {
            result.failure = ALCOVE_TEXT("engine", "It computes wrongly; a newer driver may help.");
        }
        return result;
    }

    const DeviceInfo& m_gpu;
    const DeviceInfo& m_processor;
    const SelectionOptions& m_options;
    ComparisonFile m_file;
};

}  // namespace

double answerSeconds(const DeviceSpeed& speed) {
    return kQuestionTokens * speed.promptSeconds + kAnswerTokens * speed.replySeconds;
}

DeviceSelection fasterOf(const DeviceInfo& gpu, const DeviceInfo& processor, const SpeedComparison& speeds) {
    const double gpuSeconds = answerSeconds(speeds.gpu);
    const double processorSeconds = answerSeconds(speeds.processor);
    const std::string gpuTime = secondsText(gpuSeconds);
    const std::string processorTime = secondsText(processorSeconds);
    DeviceSelection selection;
    selection.measured = speeds;
    if (processorSeconds * kProcessorMargin <= gpuSeconds) {
        selection.device = processor;
        selection.reason = {
            ALCOVE_TEXT("engine", "measured here, an answer of 100 words takes it about %1, and %2 about %3."),
            processorTime, gpu.name, gpuTime};
    } else {
        selection.device = gpu;
        selection.reason = {
            processorSeconds < gpuSeconds
                ? ALCOVE_TEXT("engine",
                              "measured here, an answer of 100 words takes it about %1, and the processor about %2, "
                              "which is hardly sooner, and stays free for other programs.")
                : ALCOVE_TEXT("engine",
                              "measured here, an answer of 100 words takes it about %1, and the processor about %2."),
            gpuTime, processorTime};
    }
    return selection;
}

DeviceSelection selectDevice(const std::vector<DeviceInfo>& devices, std::string_view request,
                             const SelectionOptions& options) {
    const DeviceInfo& first = chooseDevice(devices, request);
    const auto because = [](const DeviceInfo& device, TranslatableText reason) {
        return DeviceSelection{.device = device, .reason = reason, .measured = {}};
    };
    if (!isAutomatic(request)) {
        return because(first, ALCOVE_TEXT("engine", "it was asked for."));
    }
    const auto processor = std::find_if(devices.begin(), devices.end(), [](const DeviceInfo& device) {
        return device.kind == DeviceKind::Processor && device.usable;
    });
    switch (first.kind) {
        case DeviceKind::DiscreteGpu:
            return because(first, ALCOVE_TEXT("engine", "a graphics card of its own goes before everything else."));
        case DeviceKind::Processor:
            return because(first, devices.size() > 1
                                      ? ALCOVE_TEXT("engine",
                                                    "no graphics device can be used, and Vulkan drivers that run on "
                                                    "the processor are slower than Alcove's own code for it.")
                                      : ALCOVE_TEXT("engine", "no graphics device was found."));
        case DeviceKind::IntegratedGpu:
        case DeviceKind::VirtualGpu:
            if (processor != devices.end()) {
                return MeasuredSelection(first, *processor, options).selection();
            }
            break;
        case DeviceKind::Software:
            break;
    }
    return because(first, ALCOVE_TEXT("engine", "there is no other device."));
}

}  // namespace alcove::engine
