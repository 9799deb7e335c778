// What a person has chosen, and where it is kept.
#pragma once

#include <memory>

#include <QRect>
#include <QString>
#include <QStringList>

class QSettings;

namespace alcove {

enum class Theme { System, Light, Dark };

// How tokens are sampled, and how many. The defaults are the engine's own.
struct SamplingSettings {
    double temperature = 0.7;        // 0 … 2; 0: always the likeliest token
    int topK = 40;                   // 0 … 1000; 0: off
    double topP = 0.95;              // 0.01 … 1; 1: off
    double minP = 0.05;              // 0 … 1; 0: off
    double repetitionPenalty = 1.1;  // 1 … 2; 1: off
    int maxTokens = 0;               // 0 … 1048576; 0: to the end of the context
    qint64 seed = -1;                // -1: another one each time. The bits of the engine's unsigned one

    friend bool operator==(const SamplingSettings&, const SamplingSettings&) = default;
};

// Where the window was when it was closed.
struct WindowPlace {
    QRect geometry;  // as it is when not maximised; empty: not known
    bool maximized = false;
    bool sidebar = true;
    qint64 conversation = 0;  // that was open; 0: none

    friend bool operator==(const WindowPlace&, const WindowPlace&) = default;
};

struct Settings {
    Theme theme = Theme::System;
    int textSize = 100;                       // of the window's text, in percent: 80 … 200
    QString device = QStringLiteral("auto");  // or a device's name
    SamplingSettings sampling;
    QString systemPrompt;          // what every conversation begins with; empty: what the model brings
    int contextSize = 0;           // 0: the model's own; otherwise 64 … 1048576
    int submissionMs = 0;          // of work that the device is given at once; 0: as suits it; otherwise 1 … 500
    bool titleInWindow = false;    // the window's title, which the desktop shows and keeps, names the conversation
    bool smallerCopies = true;     // open a checkpoint's quantised copy where there is one, and offer to make it
    QStringList declinedCopies;    // checkpoints of which a quantised copy is not wanted
    QString lastCheckpoint;        // folder of the checkpoint used last; empty: none yet
    QStringList addedCheckpoints;  // folders and files added by hand, in that order, each once
    WindowPlace window;

    friend bool operator==(const Settings&, const Settings&) = default;
};

constexpr qsizetype kMostSystemPrompt = 4000;  // characters; a longer one is cut

// Each figure moved into its range, not-a-number replaced by the default, an empty device by "auto".
[[nodiscard]] Settings withinRange(Settings settings);

[[nodiscard]] QString themeName(Theme theme);            // "system", "light", "dark"
[[nodiscard]] Theme themeFromName(const QString& name);  // System for any other name

// One ini file. Used on one thread. The window and the terminal chat may both have it open: only what this
// program changed is written.
class SettingsFile {
public:
    explicit SettingsFile(const QString& path);
    ~SettingsFile();

    // What the file says; a value that is missing or makes no sense is the default. Never fails: an unreadable
    // file is all defaults.
    [[nodiscard]] Settings load();

    // Writes what differs from the last load() or save(), after withinRange(). Returns an empty text, or the
    // sentence that says why it could not be kept.
    [[nodiscard]] QString save(const Settings& settings);

private:
    std::unique_ptr<QSettings> m_file;
    Settings m_known;
};

}  // namespace alcove
