#include "app/fake/fake_backend.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include <QtCore/QFileInfo>

namespace alcove {

namespace {

constexpr auto kSampleReply = R"(Here is what a reply can hold, so that the window can be worked on **without a model**.

## Words
Plain text, *emphasis*, **strong words**, `inline code` and a [link](https://example.org/).

1. First, a list with numbers,
2. then another line of it.

- A list with dots
- with `<angle brackets>` in it

> A short quotation.

```cpp
#include <iostream>

int main() {
    std::cout << "Hello from a code block" << std::endl;
}
```

| Model | Parameters |
|---|---|
| MobiLlama 0.5B | 535 M |
| MobiLlama 0.8B | 819 M |

Nothing of this was computed.)";

// Pieces of a few characters, as a tokenizer would give them; characters are never split.
QStringList piecesOf(const QString& text) {
    QStringList pieces;
    QString piece;
    for (const QChar character : text) {
        if ((character.isSpace() || piece.size() >= 6) && !piece.isEmpty() && !character.isLowSurrogate()) {
            pieces << piece;
            piece.clear();
        }
        piece += character;
    }
    if (!piece.isEmpty()) {
        pieces << piece;
    }
    return pieces;
}

void pause(int milliseconds) {
    if (milliseconds > 0) {
        std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
    }
}

}  // namespace

DeviceList FakeBackend::devices(bool compare, const std::atomic<bool>& cancel) {
    if (!m_script->devicesProblem.isEmpty()) {
        throw BackendError{m_script->devicesProblem};
    }
    DeviceList list = {.devices = m_script->devices,
                       .automaticName = m_script->devices.value(0).name,
                       .automaticReason = m_script->automaticReason,
                       .problem = m_script->vulkanProblem};
    if (m_script->whileComparing && m_script->compared == 0) {
        if (!compare) {
            list.automaticReason = "it has not been compared with the processor yet.";
            return list;
        }
        ++m_script->compared;
        activity("Comparing " + list.automaticName + " with the processor. This is done once.");
        m_script->whileComparing();
        activity({});
        if (cancel) {
            throw BackendError{.sentence = {}, .cancelled = true};
        }
    }
    return list;
}

LoadedCheckpoint FakeBackend::open(const OpenRequest& request, const std::function<void(double)>& progress,
                                   const std::atomic<bool>& cancel) {
    m_script->opened << request;
    const auto named = std::find_if(m_script->devices.cbegin(), m_script->devices.cend(),
                                    [&](const DeviceDescription& device) { return device.name == request.device; });
    const DeviceDescription device = named == m_script->devices.cend() ? m_script->devices.value(0) : *named;
    const bool fromCopy = request.useCopy && !m_script->copies->find(request.path).isEmpty();
    Key key = {request, fromCopy};
    key.request.device = device.name;
    key.request.useCopy = false;
    key.request.memoryBudget = 0;
    const quint64 id = m_pool.open(key, static_cast<std::uint64_t>(request.memoryBudget),
                                   [&](bool) { return opened(request, device, fromCopy, progress, cancel); });
    LoadedCheckpoint loaded = m_pool.use(id)->loaded;
    loaded.id = id;
    return loaded;
}

FakeBackend::OpenCheckpoint FakeBackend::opened(const OpenRequest& request, const DeviceDescription& device,
                                                bool fromCopy, const std::function<void(double)>& progress,
                                                const std::atomic<bool>& cancel) const {
    for (int step = 0; step < m_script->openSteps; ++step) {
        if (m_script->beforeOpenStep) {
            m_script->beforeOpenStep(step);
        }
        if (cancel) {
            throw BackendError{.sentence = {}, .cancelled = true};
        }
        pause(m_script->millisecondsPerOpenStep);
        progress(static_cast<double>(step + 1) / m_script->openSteps);
    }
    if (const auto failure = m_script->openFailures.constFind(request.path);
        failure != m_script->openFailures.constEnd()) {
        throw BackendError(*failure);
    }
    const bool full = !fromCopy && m_script->fullPrecision.contains(request.path);
    return {{.path = request.path,
             .name = QFileInfo(request.path).fileName(),
             .detail = fromCopy ? "no parameters at all · Q4_0 copy" : "no parameters at all",
             .deviceName = device.name,
             .deviceDetail = device.detail,
             .contextSize =
                 request.contextSize > 0 ? std::min(request.contextSize, m_script->contextSize) : m_script->contextSize,
             .fingerprint = QStringLiteral("fake"),
             .mostContext = m_script->contextSize,
             .fromCopy = fromCopy,
             .bytes = fromCopy ? FakeCopies::kBytes : 1'070'000'000,
             .copyBytes = full ? FakeCopies::kBytes : 0}};
}

GenerationOutcome FakeBackend::generate(const GenerationRequest& request,
                                        const std::function<void(const GenerationProgress&)>& progress,
                                        const std::atomic<bool>& stop) {
    if (m_pool.use(request.checkpoint) == nullptr) {
        throw BackendError{.sentence = "No model is open.", .reopenNeeded = true};
    }
    const qsizetype number = m_script->asked.size();
    m_script->asked << request;
    GenerationProgress now;
    now.firstTurnInContext = m_script->firstTurnInContext;
    for (const ChatTurn& turn : request.turns) {
        now.promptTokens += static_cast<int>(piecesOf(turn.text).size()) + 4;
    }
    for (int chunk = 1; chunk <= m_script->promptChunks && !stop; ++chunk) {
        pause(m_script->millisecondsPerToken);
        now.promptTokensDone = now.promptTokens * chunk / m_script->promptChunks;
        now.contextUsed = now.promptTokensDone;
        progress(now);
    }
    QString reply = m_script->replies.isEmpty() ? QString::fromUtf8(kSampleReply)
                                                : m_script->replies[number % m_script->replies.size()];
    const auto begun = std::find_if(
        m_script->replies.begin(), m_script->replies.end(),
        [&request](const QString& text) { return !request.begunText.isEmpty() && text.startsWith(request.begunText); });
    if (begun != m_script->replies.end()) {  // goes on with what it was
        reply = *begun;
    }
    const QStringList pieces = piecesOf(reply);
    qsizetype known = 0;
    for (qsizetype left = request.begunText.size(); left > 0 && known < pieces.size(); ++known) {
        left -= pieces[known].size();
    }
    int limit = request.sampling.maxTokens;
    limit = limit > 0 ? limit - static_cast<int>(known % limit) : 0;
    EndReason reason = EndReason::EndOfText;
    now.tokensPerSecond = m_script->millisecondsPerToken > 0 ? 1000.0 / m_script->millisecondsPerToken : 100.0;
    for (qsizetype next = known; next < pieces.size(); ++next) {
        const QString& piece = pieces[next];
        if (m_script->beforeToken) {
            m_script->beforeToken(now.generatedTokens);
        }
        if (stop) {
            reason = EndReason::Stopped;
            break;
        }
        if (m_script->failure && now.generatedTokens == m_script->failAfterTokens) {
            if (m_script->failure->reopenNeeded) {
                m_pool.close(request.checkpoint);
            }
            throw BackendError(*m_script->failure);
        }
        if (limit > 0 && now.generatedTokens == limit) {
            reason = EndReason::MaxTokens;
            break;
        }
        if (now.generatedTokens == m_script->deviceLostAtToken) {
            m_script->deviceLostAtToken = -1;
            m_pool.forgetKey(request.checkpoint);
            deviceChanged(request.checkpoint, m_script->devices.last(), "The graphics device stopped answering twice.");
        }
        pause(m_script->millisecondsPerToken);
        ++now.generatedTokens;
        ++now.contextUsed;
        now.text = piece;
        now.tokens = {{static_cast<qint32>(next), static_cast<int>(piece.toUtf8().size())}};
        progress(now);
    }
    if (stop) {
        reason = EndReason::Stopped;
    }
    return {.reason = reason,
            .promptTokens = now.promptTokens,
            .generatedTokens = static_cast<int>(known) + now.generatedTokens,
            .contextUsed = now.contextUsed,
            .firstTurnInContext = m_script->firstTurnInContext,
            .tokensPerSecond = now.tokensPerSecond};
}

TokenCount FakeBackend::countTokens(const GenerationRequest& request) {
    constexpr int kLeastReply = 32;
    const OpenCheckpoint* const open = m_pool.use(request.checkpoint);
    if (open == nullptr) {
        throw BackendError{.sentence = "No checkpoint is open.", .reopenNeeded = true};
    }
    ++m_script->counted;
    return {.tokens = static_cast<int>(piecesOf(request.turns.last().text).size()) + 4,
            .most = open->loaded.contextSize - kLeastReply};
}

std::shared_ptr<FakeScript> pacedFakeScript() {
    auto script = std::make_shared<FakeScript>();
    script->millisecondsPerOpenStep = 60;
    script->millisecondsPerToken = 40;
    script->copies->steps = 100;
    script->copies->millisecondsPerStep = 80;
    script->fullPrecision = QStringList{"/checkpoints/MobiLlama-05B-Chat", "/checkpoints/MobiLlama-1B-Chat"};
    return script;
}

}  // namespace alcove
