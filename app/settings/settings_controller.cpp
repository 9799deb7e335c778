#include "app/settings/settings_controller.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <limits>
#include <utility>

#include <QtCore/QRandomGenerator>

#include "app/notices/notice_list_model.h"

namespace alcove {

SettingsController::SettingsController(const QString& file, QString dataFolder, NoticeListModel& notices,
                                       QObject* parent)
    : QObject(parent),
      m_notices(notices),
      m_file(file),
      m_settings(m_file.load()),
      m_dataFolder(std::move(dataFolder)) {
    connect(&m_scheme, &DesktopScheme::darkChanged, this, &SettingsController::systemDarkChanged);
}

void SettingsController::apply(const Settings& wanted) {
    const Settings before = std::exchange(m_settings, withinRange(wanted));
    if (m_settings == before) {
        return;
    }
    if (const QString problem = m_file.save(m_settings); !problem.isEmpty()) {
        m_notices.add({.severity = NoticeListModel::Warning, .text = problem, .kind = QStringLiteral("settings")});
    }
    if (m_settings.theme != before.theme) {
        emit themeChanged();
    }
    if (m_settings.textSize != before.textSize) {
        emit textSizeChanged();
    }
    if (m_settings.systemPrompt != before.systemPrompt) {
        emit systemPromptChanged();
    }
    if (m_settings.sampling != before.sampling) {
        emit samplingChanged();
    }
    if (m_settings.device != before.device) {
        emit deviceChanged();
    }
    if (m_settings.contextSize != before.contextSize) {
        emit contextSizeChanged();
    }
    if (m_settings.submissionMs != before.submissionMs) {
        emit submissionMsChanged();
    }
    if (m_settings.titleInWindow != before.titleInWindow) {
        emit titleInWindowChanged();
    }
    if (m_settings.smallerCopies != before.smallerCopies) {
        emit smallerCopiesChanged();
    }
}

template <typename Value>
void SettingsController::applyOne(Value Settings::*member, const Value& value) {
    Settings settings = m_settings;
    settings.*member = value;
    apply(settings);
}

template <typename Value>
void SettingsController::applySampling(Value SamplingSettings::*member, Value value) {
    Settings settings = m_settings;
    settings.sampling.*member = value;
    apply(settings);
}

void SettingsController::setTheme(const QString& theme) {
    Settings settings = m_settings;
    settings.theme = themeFromName(theme);
    apply(settings);
}

void SettingsController::setTextSize(int percent) {
    applyOne(&Settings::textSize, percent);
}

void SettingsController::stepTextSize(int step) {
    constexpr std::array kSizes = {80, 90, 100, 110, 125, 150, 175, 200};
    const int now = m_settings.textSize;
    int wanted = step == 0 ? Settings().textSize : now;
    if (step > 0) {
        const auto larger = std::upper_bound(kSizes.begin(), kSizes.end(), now);
        wanted = larger == kSizes.end() ? now : *larger;
    } else if (step < 0) {
        const auto notSmaller = std::lower_bound(kSizes.begin(), kSizes.end(), now);
        wanted = notSmaller == kSizes.begin() ? now : *std::prev(notSmaller);
    }
    setTextSize(wanted);
}

void SettingsController::setSystemPrompt(const QString& prompt) {
    applyOne(&Settings::systemPrompt, prompt);
}

void SettingsController::setDevice(const QString& device) {
    applyOne(&Settings::device, device);
}

void SettingsController::setContextSize(int value) {
    applyOne(&Settings::contextSize, value);
}

void SettingsController::setSubmissionMs(int value) {
    applyOne(&Settings::submissionMs, value);
}

void SettingsController::setTitleInWindow(bool show) {
    applyOne(&Settings::titleInWindow, show);
}

void SettingsController::setSmallerCopies(bool use) {
    Settings settings = m_settings;
    settings.smallerCopies = use;
    if (use && !m_settings.smallerCopies) {
        settings.declinedCopies.clear();
    }
    apply(settings);
}

void SettingsController::declineCopy(const QString& checkpoint) {
    Settings settings = m_settings;
    settings.declinedCopies.prepend(checkpoint);
    apply(settings);
}

void SettingsController::setTemperature(double value) {
    applySampling(&SamplingSettings::temperature, value);
}

void SettingsController::setTopK(int value) {
    applySampling(&SamplingSettings::topK, value);
}

void SettingsController::setTopP(double value) {
    applySampling(&SamplingSettings::topP, value);
}

void SettingsController::setMinP(double value) {
    applySampling(&SamplingSettings::minP, value);
}

void SettingsController::setRepetitionPenalty(double value) {
    applySampling(&SamplingSettings::repetitionPenalty, value);
}

void SettingsController::setMaxTokens(int value) {
    applySampling(&SamplingSettings::maxTokens, value);
}

void SettingsController::setSeed(int value) {
    applySampling<qint64>(&SamplingSettings::seed, value);
}

void SettingsController::resetSampling() {
    Settings settings = m_settings;
    settings.sampling = {};
    apply(settings);
}

SamplingSettings SettingsController::samplingForReply() const {
    SamplingSettings sampling = m_settings.sampling;
    if (sampling.seed < 0) {
        sampling.seed = QRandomGenerator::system()->bounded(std::numeric_limits<int>::max());
    }
    return sampling;
}

void SettingsController::setWindowPlace(const WindowPlace& place) {
    applyOne(&Settings::window, place);
}

void SettingsController::setLastCheckpoint(const QString& path) {
    Settings settings = m_settings;
    settings.lastCheckpoint = path;
    apply(settings);
}

void SettingsController::setAddedCheckpoints(const QStringList& paths) {
    Settings settings = m_settings;
    settings.addedCheckpoints = paths;
    apply(settings);
}

void SettingsController::whenDesktopAnswered(const std::function<void()>& then) {
    if (m_scheme.answered()) {
        then();
    } else {
        connect(&m_scheme, &DesktopScheme::answer, this, then);
    }
}

}  // namespace alcove

#include "moc_settings_controller.cpp"
