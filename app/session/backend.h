// What the window and the terminal's chat need from a text generator, as plain values.
//
// A Backend lives on one thread (the window's on the engine thread): it is made, called and destroyed there. Everything
// that goes in or comes out is a value, so nothing is shared with other threads but the two flags.
#pragma once

#include <atomic>
#include <functional>

#include <QtCore/QList>
#include <QtCore/QString>

#include "app/settings/settings.h"

namespace alcove {

struct DeviceDescription {
    QString name;    // as the driver gives it; what the device setting is compared with
    QString detail;  // kind and driver, for people
    bool usable = true;
    QString problem;        // why not, if not usable
    bool graphics = false;  // a graphics processor, so that the screen may be drawn by it
};

struct DeviceList {
    QList<DeviceDescription> devices;
    QString automaticName;    // of the device that "auto" stands for; empty: none can be taken
    QString automaticReason;  // why; follows on the name and a dash, or says why there is none
    QString problem;          // a sentence: why graphics devices may be missing from the list; empty: nothing known
};

// In which precision keys and values are kept: Q8 takes half the memory.
enum class KvType { F16, Q8 };

struct OpenRequest {
    QString path;             // the checkpoint's folder, or a file inside it
    QString device;           // "auto", a device's name, or what else the engine takes for one ("cpu", "vulkan:1")
    int contextSize = 0;      // positions; 0: the model's own
    bool useCopy = false;     // open the checkpoint's quantised copy if there is one
    double submissionMs = 0;  // of work that the device is given at once; 0: as suits it
    KvType kvType = KvType::F16;
    int maxTier = -1;  // features of the device above this tier (0 to 5) are left alone; -1: all are used
    // Bytes that the open checkpoints may take together, this one included; 0: the others are closed.
    qint64 memoryBudget = 0;

    friend bool operator==(const OpenRequest&, const OpenRequest&) = default;
};

struct LoadedCheckpoint {
    quint64 id = 0;  // for GenerationRequest; not 0, and never that of another one
    QString path;
    QString name;
    QString detail;  // "535 M parameters · shared block · BF16 · 1.07 GB"
    QString deviceName;
    QString deviceDetail;
    int contextSize = 0;
    // Of its tokens and the way prompts are made of messages: where it is the same, tokens of a reply mean the same.
    QString fingerprint = {};
    int mostContext = 0;    // that the model was made for
    bool fromCopy = false;  // its quantised copy was opened; path and name are the checkpoint's own
    qint64 bytes = 0;       // that its weights take
    qint64 copyBytes = 0;   // that they would take, about, in a quantised copy; 0: it is not worth making
};

struct ChatTurn {
    bool fromUser = true;
    QString text;
};

struct GenerationRequest {
    quint64 checkpoint = 0;     // LoadedCheckpoint::id
    QList<ChatTurn> turns;      // oldest first, the last one from the user
    QString systemPrompt = {};  // what the model reads before them; empty: what its chat template brings
    SamplingSettings sampling;  // with a seed: equal ones give equal replies
    // A reply that is gone on with as if it had never ended: its text so far, and its tokens if they are known.
    QString begunText = {};
    QList<qint32> begunTokens = {};
    int firstTurn = 0;  // with a reply that was begun: the first turn that the model saw then
};

struct MadeToken {
    qint32 id = 0;
    int textBytes = 0;  // of the text in UTF-8 that came with it
};

struct GenerationProgress {
    int promptTokensDone = 0;
    int promptTokens = 0;
    int generatedTokens = 0;  // without those of a reply that was begun
    int contextUsed = 0;
    double tokensPerSecond = 0;    // 0: not known yet
    QString text = {};             // what is new since the progress before
    QList<MadeToken> tokens = {};  // the same. What comes with none was held back until the end
    int firstTurnInContext = 0;    // turns before this index did not fit and were left out
};

enum class EndReason { EndOfText, StopString, MaxTokens, ContextFull, Stopped };

struct GenerationOutcome {
    EndReason reason = EndReason::EndOfText;
    int promptTokens = 0;
    int reusedTokens = 0;     // of those, known from the request before
    int generatedTokens = 0;  // of the whole reply
    int contextUsed = 0;
    int firstTurnInContext = 0;  // turns before this index did not fit and were left out
    double prefillSeconds = 0;
    double decodeSeconds = 0;
    double tokensPerSecond = 0;  // 0: not measured (fewer than two tokens)
};

// What a request needs of the context, if all but its last turn are left out.
struct TokenCount {
    int tokens = 0;  // 0: not known
    int most = 0;    // that can be replied to
};

// A failure as a person should read it.
struct BackendError {
    QString sentence;
    bool reopenNeeded = false;  // the checkpoint is not open any more
    bool cancelled = false;     // not a failure: the cancel flag was seen
};

class Backend {
public:
    Backend() = default;
    Backend(const Backend&) = delete;
    Backend& operator=(const Backend&) = delete;
    virtual ~Backend() = default;

    // Called on the engine thread, while opening or generating, with what a person should know and that is no failure.
    // Set it before the first open().
    std::function<void(const QString&)> notice = [](const QString&) {};
    // The same for what takes a second or more beside opening and generating: a sentence, and empty when it is over.
    std::function<void(const QString&)> activity = [](const QString&) {};
    // The open checkpoint of that id moved to another device by itself, because its own was lost for good; with a
    // sentence about that. What was being generated goes on.
    std::function<void(quint64 checkpoint, const DeviceDescription&, const QString&)> deviceChanged =
        [](quint64, const DeviceDescription&, const QString&) {};

    // The processor is always among them. `compare`: where only measuring tells what "auto" should stand for, and no
    // earlier measurement is remembered, that may be done now; it takes a second or two. Throws BackendError.
    virtual DeviceList devices(bool compare, const std::atomic<bool>& cancel) = 0;

    // Opens a checkpoint beside those that are open; what was opened in the same way from the same files is not opened
    // twice. Then those used least recently are closed until the memory budget is kept. Where there is no memory for
    // all of them, they are closed first. If it throws BackendError those before stay open and usable, or are opened
    // again; one that cannot be is closed, as generate() then says.
    virtual LoadedCheckpoint open(const OpenRequest& request, const std::function<void(double)>& progress,
                                  const std::atomic<bool>& cancel) = 0;

    // Looks at `stop` between submissions. Throws BackendError, also where the request's checkpoint is not open.
    virtual GenerationOutcome generate(const GenerationRequest& request,
                                       const std::function<void(const GenerationProgress&)>& progress,
                                       const std::atomic<bool>& stop) = 0;

    // Computes nothing of the model. Throws BackendError, also where the request's checkpoint is not open.
    virtual TokenCount countTokens(const GenerationRequest& request) = 0;
};

}  // namespace alcove
