#include "engine/vulkan/tuning/tuning_search.h"

#include <algorithm>
#include <limits>
#include <span>

#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/model/example_model.h"
#include "engine/model/normalised_error.h"

namespace alcove::engine::vulkan {

namespace {

constexpr double kClearlyFaster = 0.97;
constexpr std::uint32_t kLayers = 2;
constexpr std::uint32_t kVocabulary = 512;
constexpr std::uint32_t kContext = 64;
constexpr std::uint32_t kPrompt = 32;  // tokens of a chunk
constexpr int kRepeats = 5;

// The two times are added up for a question of this length and an answer of that.
constexpr double kPromptTokens = 128;
constexpr double kAnswerTokens = 128;

// Normalised squared errors of logits that rounding explains (floats, eight-bit activations).
constexpr double kFloatError = 1e-5;
constexpr double kByteError = 2e-3;

// The shortest of a few runs, after one to warm the device up: disturbances only make a run longer.
template <class Run>
double secondsOf(const Run& run) {
    double least = std::numeric_limits<double>::infinity();
    for (int i = 0; i <= kRepeats; ++i) {
        const Clock::time_point begin = Clock::now();
        run();
        if (i > 0) {
            least = std::min(least, secondsSince(begin));
        }
    }
    return least;
}

// Runs the example with one selection after the other, the plain one first.
class Trials {
public:
    Trials(const PhysicalDevice& device, ExampleModel model, const OpenExample& open)
        : m_device(device), m_model(std::move(model)), m_open(open) {
        for (std::uint32_t i = 0; i < kPrompt; ++i) {
            m_prompt.push_back(static_cast<TokenId>(i * 37 % m_model.config.vocabSize));
        }
    }

    std::optional<double> run(const KernelSelection& selection) {
        try {
            const std::unique_ptr<ForwardPass> pass = m_open(selection, m_model);
            std::vector<float> logits(m_model.config.vocabSize);
            const double chunk = secondsOf([&] { pass->evaluate(m_prompt, 0, logits); });
            if (!isRight(selection, logits)) {
                return std::nullopt;
            }
            const double token = secondsOf([&] { pass->evaluate(std::span(m_prompt).first(1), kPrompt, logits); });
            return kPromptTokens / kPrompt * chunk + kAnswerTokens * token;
        } catch (const Error& error) {
            if (error.code() == ErrorCode::Cancelled) {
                throw;
            }
            return std::nullopt;
        }
    }

private:
    bool isRight(const KernelSelection& selection, const std::vector<float>& logits) {
        if (m_expected.empty()) {
            m_expected = logits;
            m_expectedBytes = tuningFor(m_device, selection).byteActivations;
            return true;
        }
        const bool bytes = m_expectedBytes || tuningFor(m_device, selection).byteActivations;
        return normalisedError(logits, m_expected) <= (bytes ? kByteError : kFloatError);
    }

    const PhysicalDevice& m_device;
    ExampleModel m_model;
    const OpenExample& m_open;
    std::vector<TokenId> m_prompt;
    std::vector<float> m_expected;  // logits of the plain selection
    bool m_expectedBytes = false;
};

}  // namespace

TuningSearch searchTuning(const PhysicalDevice& device,
                          const std::function<std::optional<double>(const KernelSelection&)>& secondsOf) {
    TuningSearch search;
    search.best = plainSelection(device);
    std::optional<double> least = secondsOf(search.best);
    search.trials.push_back({search.best, least});
    for (int round = 0; round < kTuningRounds && least; ++round) {
        for (const KernelSelection& selection : alternatives(device, search.best, round)) {
            const std::optional<double> seconds = secondsOf(selection);
            search.trials.push_back({selection, seconds});
            if (seconds && *seconds < *least * kClearlyFaster) {
                search.best = selection;
                least = seconds;
            }
        }
    }
    return search;
}

TuningSearch tryTunings(const PhysicalDevice& device, const ModelConfig& config, DType dtype, const OpenExample& open) {
    ModelConfig example = config;
    example.layerCount = kLayers;
    example.vocabSize = kVocabulary;
    example.contextLength = kContext;
    Trials trials(device, makeExampleModel(example, dtype), open);
    return searchTuning(device, [&](const KernelSelection& selection) { return trials.run(selection); });
}

}  // namespace alcove::engine::vulkan
