#include "app/session/engine_backend.h"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <new>
#include <utility>

#include <QtCore/QCoreApplication>
#include <QtCore/QCryptographicHash>
#include <QtCore/QScopeGuard>
#include <QtCore/QStringList>

#include "app/checkpoints/checkpoint_card.h"
#include "app/checkpoints/checkpoint_copies.h"
#include "app/checkpoints/checkpoint_facts.h"
#include "app/checkpoints/checkpoint_library.h"
#include "app/checkpoints/checkpoint_stamp.h"
#include "app/checkpoints/file_path.h"
#include "app/session/checkpoint_pool.h"
#include "app/translation/engine_sentences.h"
#include "engine/devices/device_list.h"
#include "engine/devices/device_selection.h"
#include "engine/generator.h"

namespace alcove {

namespace {

QString text(std::string_view utf8) {
    return QString::fromUtf8(utf8.data(), static_cast<qsizetype>(utf8.size()));
}

struct BackendText {
    Q_DECLARE_TR_FUNCTIONS(alcove::EngineBackend)
};

// Whatever the engine throws, as a sentence.
template <typename Work>
auto translated(Work work) {
    try {
        return work();
    } catch (const engine::Error& error) {
        const bool lost = error.code() == engine::ErrorCode::DeviceLost || error.code() == engine::ErrorCode::NotFinite;
        throw BackendError{.sentence = inWords(error.sentence()),
                           .reopenNeeded = lost,
                           .cancelled = error.code() == engine::ErrorCode::Cancelled};
    } catch (const std::bad_alloc&) {
        throw BackendError{.sentence = BackendText::tr("This machine does not have enough free memory.")};
    } catch (const std::exception& error) {
        throw BackendError{.sentence = text(error.what())};
    }
}

QString kindName(engine::DeviceKind kind) {
    switch (kind) {
        case engine::DeviceKind::DiscreteGpu:
            return BackendText::tr("graphics card");
        case engine::DeviceKind::IntegratedGpu:
            return BackendText::tr("integrated graphics");
        case engine::DeviceKind::VirtualGpu:
            return BackendText::tr("virtual graphics");
        case engine::DeviceKind::Processor:
            return BackendText::tr("processor");
        case engine::DeviceKind::Software:
            return BackendText::tr("processor, through Vulkan");
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
    const bool graphics = device.kind != engine::DeviceKind::Processor && device.kind != engine::DeviceKind::Software;
    return {text(device.name), detailOf(device), device.usable, inWords(device.problem), graphics};
}

int count(std::uint64_t value) {
    return static_cast<int>(std::min<std::uint64_t>(value, std::numeric_limits<int>::max()));
}

// As LoadedCheckpoint has it.
QString fingerprintOf(const engine::Generator& generator) {
    QCryptographicHash hash(QCryptographicHash::Sha256);
    const auto add = [&hash](std::string_view part) {
        const auto size = static_cast<quint32>(part.size());  // so that no two lists of parts look the same
        hash.addData(QByteArrayView(reinterpret_cast<const char*>(&size), sizeof size));
        hash.addData(QByteArrayView(part.data(), static_cast<qsizetype>(part.size())));
    };
    const engine::Tokenizer& tokenizer = generator.tokenizer();
    for (std::uint32_t id = 0; id < tokenizer.size(); ++id) {
        add(tokenizer.tokenBytes(static_cast<engine::TokenId>(id)));
    }
    add(generator.chatTemplate());
    return QString::fromLatin1(hash.result().toHex().left(32));
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

std::vector<engine::Message> messagesOf(const GenerationRequest& request) {
    std::vector<engine::Message> messages;
    if (!request.systemPrompt.isEmpty()) {
        messages.push_back({engine::Role::System, request.systemPrompt.toStdString()});
    }
    for (const ChatTurn& turn : request.turns) {
        messages.push_back({turn.fromUser ? engine::Role::User : engine::Role::Assistant, turn.text.toStdString()});
    }
    return messages;
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
    // What was opened, and how. Equal keys: the same open checkpoint serves both.
    struct CheckpointKey {
        OpenRequest request;  // its path and device are those that were opened
        QString stamp;        // of the files as they were

        friend bool operator==(const CheckpointKey&, const CheckpointKey&) = default;
    };

    struct OpenCheckpoint {
        const OpenGenerator* openGenerator = nullptr;
        engine::OpenOptions options;  // that `generator` was opened with
        std::unique_ptr<engine::Generator> generator;
        CheckpointFacts facts;
        std::string deviceName;  // that the window knows of

        [[nodiscard]] std::uint64_t bytes() const {
            const engine::ForwardPass& pass = generator->forwardPass();
            return pass.weightBytes() + pass.cacheBytes();
        }
        void close() { generator.reset(); }
        void reopen() { generator = (*openGenerator)(options); }
    };

    Impl(const QString& copiesFolder, OpenGenerator open) : copies(copiesFolder), openGenerator(std::move(open)) {}

    CheckpointCopies copies;
    OpenGenerator openGenerator;
    CheckpointPool<CheckpointKey, OpenCheckpoint> pool;
    quint64 generating = 0;                            // the checkpoint that answers now; 0: none does
    std::optional<engine::DeviceSelection> automatic;  // once measured, also where that could not be kept on disk

    // What "auto" stands for; measures if `compare` and there is no other way to know.
    engine::DeviceSelection automaticAmong(const std::vector<engine::DeviceInfo>& devices, bool compare,
                                           const std::atomic<bool>& cancel,
                                           const std::function<void(const QString&)>& activity) {
        for (const engine::DeviceInfo& device : devices) {
            if (automatic && device.usable && device.name == automatic->device.name) {
                automatic->device = device;
                return *automatic;
            }
        }
        bool measuring = false;
        engine::SelectionOptions choosing;
        choosing.measure = compare;
        choosing.cancel = cancel;
        choosing.measuring = [&](const engine::Sentence& sentence) {
            measuring = true;
            activity(inWords(sentence));
        };
        try {
            engine::DeviceSelection selection = engine::selectDevice(devices, "auto", choosing);
            if (measuring) {
                automatic = selection;
                activity({});
            }
            return selection;
        } catch (...) {
            activity({});
            throw;
        }
    }

    // Opens exactly what `options` name, unless it is open already.
    quint64 openExactly(const OpenRequest& request, const engine::OpenOptions& options) {
        const QString path = fromPath(options.checkpoint);
        CheckpointKey key = {request, checkpointStamp(CheckpointLibrary::locationOf(path))};
        key.request.path = path;
        key.request.device = text(options.device);
        key.request.useCopy = false;
        key.request.memoryBudget = 0;
        const auto budget = static_cast<std::uint64_t>(std::max<qint64>(0, request.memoryBudget));
        const quint64 id = pool.open(key, budget, [&](bool mayStepDown) {
            engine::OpenOptions now = options;
            now.mayStepDown = mayStepDown;
            OpenCheckpoint opened;
            opened.openGenerator = &openGenerator;
            opened.generator = openGenerator(now);
            opened.facts = factsOf(opened.generator->checkpoint());
            opened.deviceName = opened.generator->device().name;
            opened.options = options;
            opened.options.progress = nullptr;  // both are the caller's
            opened.options.cancel = {};
            return opened;
        });
        if (!pool.use(id)->generator->forwardPass().note().empty()) {
            pool.forgetKey(id);  // in less memory than was asked for; the next time there may be enough
        }
        return id;
    }

    // The checkpoint or its quantised copy; true: the copy.
    bool openEither(const OpenRequest& request, engine::OpenOptions options, quint64& id) {
        const auto openAt = [&](const std::filesystem::path& path) {
            options.checkpoint = path;
            id = openExactly(request, options);
        };
        if (!request.useCopy) {
            openAt(toPath(request.path));
            return false;
        }
        return copies.openEither(request.path, openAt, [&](const QString& sentence) {
            options.notice(engine::Sentence::verbatim(sentence.toStdString()));
        });
    }
};

EngineBackend::EngineBackend(const QString& copiesFolder) : EngineBackend(copiesFolder, &engine::Generator::open) {
}

EngineBackend::EngineBackend(const QString& copiesFolder, OpenGenerator openGenerator)
    : m_impl(std::make_unique<Impl>(copiesFolder, std::move(openGenerator))) {
}

EngineBackend::~EngineBackend() = default;

DeviceList EngineBackend::devices(bool compare, const std::atomic<bool>& cancel) {
    return translated([&] {
        engine::Sentence problem;
        const std::vector<engine::DeviceInfo> devices = engine::listDevices(&problem);
        DeviceList list;
        list.problem = inWords(problem);
        for (const engine::DeviceInfo& device : devices) {
            list.devices.append(descriptionOf(device));
        }
        try {
            const engine::DeviceSelection selection = m_impl->automaticAmong(devices, compare, cancel, activity);
            list.automaticName = text(selection.device.name);
            list.automaticReason = inWords(selection.reason);
        } catch (const engine::Error& error) {
            if (error.code() != engine::ErrorCode::DeviceNotFound) {
                throw;
            }
            list.automaticReason = inWords(error.sentence());  // ALCOVE_DEVICE names what is not there
        }
        return list;
    });
}

LoadedCheckpoint EngineBackend::open(const OpenRequest& request, const std::function<void(double)>& progress,
                                     const std::atomic<bool>& cancel) {
    return translated([&] {
        engine::OpenOptions options;
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
        options.cancel = cancel;
        options.notice = [this](const engine::Sentence& sentence) {
            const quint64 id = m_impl->generating;
            Impl::OpenCheckpoint* const open = m_impl->pool.use(id);
            if (open != nullptr && open->generator->device().name != open->deviceName) {
                open->deviceName = open->generator->device().name;
                m_impl->pool.forgetKey(id);
                deviceChanged(id, descriptionOf(open->generator->device()), inWords(sentence));
            } else {
                notice(inWords(sentence));
            }
        };
        quint64 id = 0;
        const bool fromCopy = m_impl->openEither(request, options, id);
        Impl::OpenCheckpoint& opened = *m_impl->pool.use(id);
        CheckpointFacts facts = opened.facts;
        if (fromCopy) {
            facts.dtype = BackendText::tr("%1 copy").arg(QStringLiteral("Q4_0"));
        }
        return LoadedCheckpoint{
            .id = id,
            .path = request.path,
            .name = checkpointName(CheckpointLibrary::locationOf(request.path)),
            .detail = factsLine(facts),
            .deviceName = text(opened.generator->device().name),
            .deviceDetail = detailOf(opened.generator->device()),
            .contextSize = count(opened.generator->forwardPass().contextSize()),
            .fingerprint = fingerprintOf(*opened.generator),
            .mostContext = count(opened.generator->checkpoint().config().contextLength),
            .fromCopy = fromCopy,
            .bytes = static_cast<qint64>(opened.generator->checkpoint().uniqueBytes()),
            .copyBytes = CheckpointCopies::worthwhileBytes(opened.generator->checkpoint()),
        };
    });
}

GenerationOutcome EngineBackend::generate(const GenerationRequest& request,
                                          const std::function<void(const GenerationProgress&)>& progress,
                                          const std::atomic<bool>& stop) {
    Impl::OpenCheckpoint* const open = m_impl->pool.use(request.checkpoint);
    if (open == nullptr) {
        throw BackendError{.sentence = BackendText::tr("No model is open."), .reopenNeeded = true};
    }
    m_impl->generating = request.checkpoint;
    const auto ended = qScopeGuard([this] { m_impl->generating = 0; });
    const std::size_t before = request.systemPrompt.isEmpty() ? 0 : 1;  // messages that are no turns
    const auto turnOf = [before](std::size_t message) { return count(message > before ? message - before : 0); };
    const auto generateNow = [&] {
        engine::Request wanted;
        wanted.messages = messagesOf(request);
        wanted.sampling = parametersFrom(request.sampling);
        wanted.maxTokens = static_cast<std::uint32_t>(request.sampling.maxTokens);
        wanted.begunTokens.assign(request.begunTokens.begin(), request.begunTokens.end());
        wanted.begunText = request.begunTokens.isEmpty() ? request.begunText.toStdString() : std::string();
        wanted.firstMessage = request.firstTurn > 0 ? static_cast<std::size_t>(request.firstTurn) + before : 0;
        const engine::GenerationResult result = open->generator->generate(
            wanted,
            [&](const engine::GenerationProgress& now) {
                progress(
                    {.promptTokensDone = count(now.promptTokensDone),
                     .promptTokens = count(now.promptTokens),
                     .generatedTokens = count(now.generatedTokens),
                     .contextUsed = count(now.contextUsed),
                     .tokensPerSecond = now.tokensPerSecond,
                     .text = text(now.text),
                     .tokens = now.token ? QList<MadeToken>{{*now.token, count(now.text.size())}} : QList<MadeToken>(),
                     .firstTurnInContext = turnOf(now.firstMessageInContext)});
            },
            stop);
        const std::size_t made = result.tokens.size() - result.begunTokens;
        const std::size_t timed = made == 0 ? 0 : made - 1;  // after the first
        return GenerationOutcome{.reason = endReasonFrom(result.reason),
                                 .promptTokens = count(result.promptTokens),
                                 .reusedTokens = count(result.reusedTokens),
                                 .generatedTokens = count(result.tokens.size()),
                                 .contextUsed = count(result.contextUsed),
                                 .firstTurnInContext = turnOf(result.firstMessageInContext),
                                 .prefillSeconds = result.prefillSeconds,
                                 .tokensPerSecond = timed > 0 && result.decodeSeconds > 0
                                                        ? static_cast<double>(timed) / result.decodeSeconds
                                                        : 0};
    };
    try {
        return translated(generateNow);
    } catch (const BackendError& error) {
        if (error.reopenNeeded) {
            m_impl->pool.close(request.checkpoint);
        }
        throw;
    }
}

TokenCount EngineBackend::countTokens(const GenerationRequest& request) {
    const Impl::OpenCheckpoint* const open = m_impl->pool.use(request.checkpoint);
    if (open == nullptr) {
        throw BackendError{.sentence = BackendText::tr("No checkpoint is open."), .reopenNeeded = true};
    }
    return translated([&] {
        const engine::PromptSize size = open->generator->shortestPrompt(
            messagesOf(request), static_cast<std::uint32_t>(request.sampling.maxTokens));
        return TokenCount{.tokens = count(size.tokens), .most = count(size.most)};
    });
}

}  // namespace alcove
