// What a person can set, as the window reads and writes it.
#pragma once

#include <functional>

#include <QtCore/QObject>
#include <QtCore/QStringList>
#include <QtQml/qqmlregistration.h>

#include "app/settings/desktop_scheme.h"
#include "app/settings/settings.h"

namespace alcove {

class NoticeListModel;

// GUI thread. Values outside of their range are brought into it. Kept in an ini file.
class SettingsController : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("Made by the program")
    Q_PROPERTY(QString theme READ theme WRITE setTheme NOTIFY themeChanged)
    Q_PROPERTY(int textSize READ textSize WRITE setTextSize NOTIFY textSizeChanged)
    Q_PROPERTY(QString systemPrompt READ systemPrompt WRITE setSystemPrompt NOTIFY systemPromptChanged)
    Q_PROPERTY(QString device READ device WRITE setDevice NOTIFY deviceChanged)
    Q_PROPERTY(double temperature READ temperature WRITE setTemperature NOTIFY samplingChanged)
    Q_PROPERTY(int topK READ topK WRITE setTopK NOTIFY samplingChanged)
    Q_PROPERTY(double topP READ topP WRITE setTopP NOTIFY samplingChanged)
    Q_PROPERTY(double minP READ minP WRITE setMinP NOTIFY samplingChanged)
    Q_PROPERTY(double repetitionPenalty READ repetitionPenalty WRITE setRepetitionPenalty NOTIFY samplingChanged)
    Q_PROPERTY(int maxTokens READ maxTokens WRITE setMaxTokens NOTIFY samplingChanged)
    Q_PROPERTY(int seed READ seed WRITE setSeed NOTIFY samplingChanged)
    Q_PROPERTY(int contextSize READ contextSize WRITE setContextSize NOTIFY contextSizeChanged)
    Q_PROPERTY(int submissionMs READ submissionMs WRITE setSubmissionMs NOTIFY submissionMsChanged)
    Q_PROPERTY(bool titleInWindow READ titleInWindow WRITE setTitleInWindow NOTIFY titleInWindowChanged)
    Q_PROPERTY(bool smallerCopies READ smallerCopies WRITE setSmallerCopies NOTIFY smallerCopiesChanged)
    Q_PROPERTY(bool systemDark READ systemDark NOTIFY systemDarkChanged)
    Q_PROPERTY(QString dataFolder READ dataFolder CONSTANT)

public:
    // `notices` hears of what cannot be kept, and must outlive the controller.
    SettingsController(const QString& file, QString dataFolder, NoticeListModel& notices, QObject* parent = nullptr);

    [[nodiscard]] QString theme() const { return themeName(m_settings.theme); }
    [[nodiscard]] int textSize() const { return m_settings.textSize; }
    [[nodiscard]] QString systemPrompt() const { return m_settings.systemPrompt; }
    [[nodiscard]] QString device() const { return m_settings.device; }
    [[nodiscard]] double temperature() const { return m_settings.sampling.temperature; }
    [[nodiscard]] int topK() const { return m_settings.sampling.topK; }
    [[nodiscard]] double topP() const { return m_settings.sampling.topP; }
    [[nodiscard]] double minP() const { return m_settings.sampling.minP; }
    [[nodiscard]] double repetitionPenalty() const { return m_settings.sampling.repetitionPenalty; }
    [[nodiscard]] int maxTokens() const { return m_settings.sampling.maxTokens; }
    [[nodiscard]] int seed() const { return static_cast<int>(m_settings.sampling.seed); }  // -1: random
    [[nodiscard]] int contextSize() const { return m_settings.contextSize; }
    [[nodiscard]] int submissionMs() const { return m_settings.submissionMs; }
    [[nodiscard]] bool titleInWindow() const { return m_settings.titleInWindow; }
    [[nodiscard]] bool smallerCopies() const { return m_settings.smallerCopies; }
    [[nodiscard]] bool systemDark() const { return m_scheme.dark(); }
    [[nodiscard]] QString dataFolder() const { return m_dataFolder; }

    void setTheme(const QString& theme);
    void setTextSize(int percent);
    void setSystemPrompt(const QString& prompt);
    void setDevice(const QString& device);
    void setTemperature(double value);
    void setTopK(int value);
    void setTopP(double value);
    void setMinP(double value);
    void setRepetitionPenalty(double value);
    void setMaxTokens(int value);
    void setSeed(int value);
    void setContextSize(int value);
    void setSubmissionMs(int value);
    void setTitleInWindow(bool show);
    void setSmallerCopies(bool use);  // where switched on, declined quantised copies are offered again

    Q_INVOKABLE void resetSampling();
    // One of a few sizes larger (1) or smaller (-1), or as it was made (0).
    Q_INVOKABLE void stepTextSize(int step);

    // For one reply: where the seed is random it is chosen here, so that it can be kept with the reply.
    [[nodiscard]] SamplingSettings samplingForReply() const;

    // Not for QML: where the window was.
    [[nodiscard]] const WindowPlace& windowPlace() const { return m_settings.window; }
    void setWindowPlace(const WindowPlace& place);

    // Not for QML: what is remembered of checkpoints.
    [[nodiscard]] QString lastCheckpoint() const { return m_settings.lastCheckpoint; }
    void setLastCheckpoint(const QString& path);
    [[nodiscard]] QStringList addedCheckpoints() const { return m_settings.addedCheckpoints; }
    void setAddedCheckpoints(const QStringList& paths);
    [[nodiscard]] bool copyDeclined(const QString& checkpoint) const {
        return m_settings.declinedCopies.contains(checkpoint);
    }
    void declineCopy(const QString& checkpoint);

    // Not for QML: runs `then` once the desktop has answered what it looks like, or cannot be asked; perhaps at once.
    void whenDesktopAnswered(const std::function<void()>& then);

signals:
    void themeChanged();
    void textSizeChanged();
    void systemPromptChanged();
    void deviceChanged();
    void samplingChanged();
    void contextSizeChanged();
    void submissionMsChanged();
    void titleInWindowChanged();
    void smallerCopiesChanged();
    void systemDarkChanged();

private:
    // Takes `wanted` over, keeps it, and says what changed.
    void apply(const Settings& wanted);
    template <typename Value>
    void applyOne(Value Settings::*member, const Value& value);
    template <typename Value>
    void applySampling(Value SamplingSettings::*member, Value value);

    NoticeListModel& m_notices;
    SettingsFile m_file;
    Settings m_settings;
    QString m_dataFolder;
    DesktopScheme m_scheme;
};

}  // namespace alcove
