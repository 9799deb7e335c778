#include "app/settings/settings_controller.h"

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
        m_notices.add(NoticeListModel::Warning, problem);
    }
    if (m_settings.theme != before.theme) {
        emit themeChanged();
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
