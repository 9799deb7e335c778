#include "app/session/engine_backend.h"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <new>
#include <utility>

#include <QtCore/QFile>
#include <QtCore/QStringList>

#include "app/checkpoints/checkpoint_card.h"
#include "app/checkpoints/checkpoint_copies.h"
#include "app/checkpoints/checkpoint_facts.h"
#include "app/checkpoints/checkpoint_library.h"
#include "app/checkpoints/file_path.h"
#include "engine/devices/device_list.h"
#include "engine/devices/device_selection.h"
#include "engine/generator.h"

namespace alcove {

namespace {

QString text(std::string_view utf8) {
    return QString::fromUtf8(utf8.data(), static_cast<qsizetype>(utf8.size()));
}

// Whatever the engine throws, as a sentence.
template <typename Work>
auto translated(Work work) {
    try {
        return work();
    } catch (const engine::Error& error) {
        const bool lost = error.code() == engine::ErrorCode::DeviceLost || error.code() == engine::ErrorCode::NotFinite;
        throw BackendError{.sentence = text(error.what()),
                           .reopenNeeded = lost,
                           .cancelled = error.code() == engine::ErrorCode::Cancelled};
    } catch (const std::bad_alloc&) {
        throw BackendError{.sentence = "This machine has not enough free memory for that."};
    } catch (const std::exception& error) {
        throw BackendError{.sentence = text(error.what())};
    }
}

QString kindName(engine::DeviceKind kind) {
    switch (kind) {
        case engine::DeviceKind::DiscreteGpu:
            return "graphics card";
        case engine::DeviceKind::IntegratedGpu:
            return "integrated graphics";
        case engine::DeviceKind::VirtualGpu:
            return "virtual graphics";
        case engine::DeviceKind::Processor:
            return "processor";
        case engine::DeviceKind::Software:
            return "processor, through Vulkan";
    }
    Q_UNREACHABLE();
}

QString detailOf(const engine::DeviceInfo& device) {
    QStringList parts = {kindName(device.kind)};
    if (!device.driver.empty()) {
        parts << text(device.driver);
    }
    if (!device.apiVersion.empty()) {
        parts << "Vulkan " + text(device.apiVersion);
    }
    return parts.join(" · ");
}

DeviceDescription descriptionOf(const engine::DeviceInfo& device) {
    return {text(device.name), detailOf(device), device.usable, text(device.problem)};
}

int count(std::uint64_t value) {
    return static_cast<int>(std::min<std::uint64_t>(value, std::numeric_limits<int>::max()));
}

engine::SamplingParameters parametersFrom(const SamplingSettings& settings) {
    engine::SamplingParameters parameters;
    parameters.temperature = static_cast<float>(settings.temperature);
    parameters.topK = static_cast<std::uint32_t>(settings.topK);
    parameters.topP = static_cast<float>(settings.topP);
    parameters.minP = static_cast<float>(settings.minP);
    parameters.repetitionPenalty = static_cast<float>(settings.repetitionPenalty);
    parameters.seed = static_cast<std::uint64_t>(settings.seed);
    return parameters;
}

}  // namespace

EndReason endReasonFrom(engine::StopReason reason) {
    switch (reason) {
        case engine::StopReason::EndOfText:
            return EndReason::EndOfText;
        case engine::StopReason::StopString:
            return EndReason::StopString;
        case engine::StopReason::MaxTokens:
            return EndReason::MaxTokens;
        case engine::StopReason::ContextFull:
            return EndReason::ContextFull;
        case engine::StopReason::Cancelled:
            return EndReason::Stopped;
    }
    Q_UNREACHABLE();
}

struct EngineBackend::Impl {
    explicit Impl(const QString& copiesFolder) : copies(copiesFolder) {}

    CheckpointCopies copies;
    std::unique_ptr<engine::Generator> generator;
    engine::OpenOptions options;  // that it was opened with
    Adjust adjust;
    std::string deviceName;                         // that the window knows of
    std::optional<engine::DeviceChoice> automatic;  // once measured, also where that could not be kept on disk

    // What "auto" stands for; measures if `compare` and there is no other way to know.
    engine::DeviceChoice automaticAmong(const std::vector<engine::DeviceInfo>& devices, bool compare,
                                        const std::atomic<bool>& cancel,
                                        const std::function<void(const QString&)>& activity) {
        for (const engine::DeviceInfo& device : devices) {
            if (automatic && device.usable && device.name == automatic->device.name) {
                automatic->device = device;
                return *automatic;
            }
        }
        bool measuring = false;
        engine::ChoiceOptions choosing;
        choosing.measure = compare;
        choosing.cancel = &cancel;
        choosing.measuring = [&](std::string_view sentence) {
            measuring = true;
            activity(text(sentence));
        };
        try {
            engine::DeviceChoice choice = engine::weighDevices(devices, "auto", choosing);
            if (measuring) {
                automatic = choice;
                activity({});
            }
            return choice;
        } catch (...) {
            activity({});
            throw;
        }
    }

    // Opens the new one beside the old one. Where there is no memory for both the old one goes first, and
    // comes back if the new one cannot be opened even so.
    std::unique_ptr<engine::Generator> openBeside(const engine::OpenOptions& wanted) {
        engine::OpenOptions beside = wanted;
        beside.mayStepDown = generator == nullptr;  // nothing is given up as long as the old one can make room
        try {
            return engine::Generator::open(beside);
        } catch (const engine::Error& error) {
            if (error.code() != engine::ErrorCode::OutOfMemory || !generator) {
                throw;
            }
        }
        generator.reset();
        try {
            return engine::Generator::open(wanted);
        } catch (const engine::Error&) {
            generator = engine::Generator::open(options);
            throw;
        }
    }

    // Afterwards `wanted` names what was opened; true: the checkpoint's smaller copy.
    bool openWanted(const OpenRequest& request, engine::OpenOptions& wanted,
                    std::unique_ptr<engine::Generator>& opened) {
        const auto openAt = [&](const std::filesystem::path& path) {
            wanted.checkpoint = path;
            opened = openBeside(wanted);
        };
        if (!request.useCopy) {
            openAt(wanted.checkpoint);
            return false;
        }
        return copies.openEither(request.path, openAt,
                                 [&](const QString& sentence) { wanted.notice(sentence.toStdString()); });
    }
};

EngineBackend::EngineBackend(const QString& copiesFolder, Adjust adjust)
    : m_impl(std::make_unique<Impl>(copiesFolder)) {
    m_impl->adjust = std::move(adjust);
}

EngineBackend::~EngineBackend() = default;

DeviceList EngineBackend::devices(bool compare, const std::atomic<bool>& cancel) {
    return translated([&] {
        std::string problem;
        const std::vector<engine::DeviceInfo> devices = engine::listDevices(&problem);
        DeviceList list;
        list.problem = text(problem);
        for (const engine::DeviceInfo& device : devices) {
            list.devices.append(descriptionOf(device));
        }
        try {
            const engine::DeviceChoice choice = m_impl->automaticAmong(devices, compare, cancel, activity);
            list.automaticName = text(choice.device.name);
            list.automaticReason = text(choice.reason);
        } catch (const engine::Error& error) {
            if (error.code() != engine::ErrorCode::DeviceNotFound) {
                throw;
            }
            list.automaticReason = text(error.what());  // ALCOVE_DEVICE names what is not there
        }
        return list;
    });
}

LoadedCheckpoint EngineBackend::open(const OpenRequest& request, const std::function<void(double)>& progress,
                                     const std::atomic<bool>& cancel) {
    return translated([&] {
        engine::OpenOptions options;
        options.checkpoint = toPath(request.path);
        options.device = request.device.toStdString();
        if (request.device == QLatin1String("auto")) {
            options.device =
                engine::deviceRequest(m_impl->automaticAmong(engine::listDevices(), true, cancel, activity).device);
        }
        options.contextSize = static_cast<std::uint32_t>(std::max(0, request.contextSize));
        constexpr double kMilli = 1e-3;
        options.submissionSeconds = kMilli * std::max(0.0, request.submissionMs);
        options.kvType = request.kvType == KvType::Q8 ? engine::KvType::Q8 : engine::KvType::F16;
        options.maxTier = request.maxTier;
        options.progress = progress;
        options.cancel = &cancel;
        options.notice = [this](std::string_view sentence) {
            const engine::Generator* const open = m_impl->generator.get();
            if (open != nullptr && open->device().name != m_impl->deviceName) {
                m_impl->deviceName = open->device().name;
                deviceChanged(descriptionOf(open->device()), text(sentence));
            } else {
                notice(text(sentence));
            }
        };
        if (m_impl->adjust) {
            m_impl->adjust(options);
        }
        std::unique_ptr<engine::Generator> opened;
        const bool fromCopy = m_impl->openWanted(request, options, opened);
        CheckpointFacts facts = factsOf(opened->checkpoint());
        if (fromCopy) {
            facts.dtype = "Q4_0 copy";
        }
        LoadedCheckpoint loaded = {
            .path = request.path,
            .name = checkpointName(CheckpointLibrary::locationOf(request.path)),
            .detail = factsLine(facts),
            .deviceName = text(opened->device().name),
            .deviceDetail = detailOf(opened->device()),
            .contextSize = count(opened->forwardPass().contextSize()),
            .fromCopy = fromCopy,
            .bytes = static_cast<qint64>(opened->checkpoint().uniqueBytes()),
            .copyBytes = CheckpointCopies::worthwhileBytes(opened->checkpoint()),
        };
        m_impl->deviceName = opened->device().name;
        m_impl->generator = std::move(opened);
        options.progress = nullptr;  // both are the caller's
        options.cancel = nullptr;
        m_impl->options = options;
        return loaded;
    });
}

GenerationOutcome EngineBackend::generate(const GenerationRequest& request,
                                          const std::function<void(const GenerationProgress&)>& progress,
                                          const std::atomic<bool>& stop) {
    if (!m_impl->generator) {
        throw BackendError{.sentence = "No checkpoint is open.", .reopenNeeded = true};
    }
    return translated([&] {
        engine::Request wanted;
        for (const ChatTurn& turn : request.turns) {
            wanted.messages.push_back(
                {turn.fromUser ? engine::Role::User : engine::Role::Assistant, turn.text.toStdString()});
        }
        wanted.sampling = parametersFrom(request.sampling);
        wanted.maxTokens = static_cast<std::uint32_t>(request.sampling.maxTokens);
        const engine::GenerationResult result = m_impl->generator->generate(
            wanted,
            [&progress](const engine::GenerationProgress& now) {
                progress({.promptTokensDone = count(now.promptTokensDone),
                          .promptTokens = count(now.promptTokens),
                          .generatedTokens = count(now.generatedTokens),
                          .contextUsed = count(now.contextUsed),
                          .tokensPerSecond = now.tokensPerSecond,
                          .text = text(now.text)});
            },
            stop);
        const std::size_t timed = result.tokens.empty() ? 0 : result.tokens.size() - 1;  // after the first
        return GenerationOutcome{.reason = endReasonFrom(result.reason),
                                 .promptTokens = count(result.promptTokens),
                                 .reusedTokens = count(result.reusedTokens),
                                 .generatedTokens = count(result.tokens.size()),
                                 .contextUsed = count(result.contextUsed),
                                 .firstTurnInContext = count(result.firstMessageInContext),
                                 .prefillSeconds = result.prefillSeconds,
                                 .tokensPerSecond = timed > 0 && result.decodeSeconds > 0
                                                        ? static_cast<double>(timed) / result.decodeSeconds
                                                        : 0};
    });
}

}  // namespace alcove
