#include "app/library/running_checkpoint.h"

#include <utility>

#include "app/library/device_controller.h"
#include "app/notices/notice_list_model.h"
#include "app/session/engine_thread.h"
#include "app/settings/settings_controller.h"

namespace alcove {

namespace {

const QString kOpeningNotice = QStringLiteral("opening");  // of notices

}  // namespace

RunningCheckpoint::RunningCheckpoint(const Parts& parts, QObject* parent) : QObject(parent), m_parts(parts) {
    connect(&parts.engine, &EngineThread::opened, this, &RunningCheckpoint::onOpened);
    connect(&parts.engine, &EngineThread::openFailed, this, &RunningCheckpoint::onOpenFailed);
    connect(&parts.engine, &EngineThread::openProgressed, this, [this](quint64 id, double fraction) {
        if (id == m_openId) {
            m_loadProgress = fraction;
            emit loadProgressChanged();
        }
    });
    connect(&parts.engine, &EngineThread::deviceChanged, this, &RunningCheckpoint::onDeviceChanged);
    connect(&parts.settings, &SettingsController::deviceChanged, this, &RunningCheckpoint::reload);
    connect(&parts.settings, &SettingsController::contextSizeChanged, this, &RunningCheckpoint::reload);
    connect(&parts.settings, &SettingsController::submissionMsChanged, this, &RunningCheckpoint::reload);
    connect(&parts.devices, &DeviceController::changed, this, &RunningCheckpoint::canAnswerChanged);
    connect(this, &RunningCheckpoint::currentChanged, this, &RunningCheckpoint::canAnswerChanged);
    connect(this, &RunningCheckpoint::loadingChanged, this, &RunningCheckpoint::canAnswerChanged);
}

bool RunningCheckpoint::canAnswer() const {
    return m_parts.devices.available() && (m_current || loading() || m_expected);
}

void RunningCheckpoint::setExpected(bool expected) {
    if (std::exchange(m_expected, expected) != expected) {
        emit canAnswerChanged();
    }
}

void RunningCheckpoint::select(const QString& path, const QString& name) {
    if (path == (loading() ? m_loadingPath : this->path())) {
        return;
    }
    m_reopened = false;
    if (path == this->path()) {
        cancelLoading();
    } else {
        open(path, name);
    }
}

QString RunningCheckpoint::contextNote() const {
    if (!m_current) {
        return {};
    }
    const int asked = m_parts.settings.contextSize();
    const LoadedCheckpoint& now = *m_current;
    if (asked > now.mostContext && now.mostContext > 0) {
        return now.contextSize < now.mostContext
                   ? tr("%1 takes at most %L2 tokens, and %L3 fit into memory: those are used.")
                         .arg(now.name)
                         .arg(now.mostContext)
                         .arg(now.contextSize)
                   : tr("%1 takes at most %L2 tokens: those are used.").arg(now.name).arg(now.mostContext);
    }
    const int wanted = asked > 0 ? asked : now.mostContext;
    return now.contextSize < wanted ? tr("%L1 tokens fit into memory: those are used.").arg(now.contextSize)
                                    : QString();
}

void RunningCheckpoint::reload() {
    if (loading()) {
        open(m_loadingPath, m_loadingName);
    } else if (m_current) {
        open(m_current->path, m_current->name);
    }
}

void RunningCheckpoint::open(const QString& path, const QString& name) {
    if (!m_parts.devices.available()) {
        m_parts.notices.add(
            {.severity = NoticeListModel::Error, .text = m_parts.devices.problem(), .kind = kOpeningNotice});
        return;
    }
    m_parts.engine.stop(m_openId);
    setLoading(m_parts.engine.open({.path = path,
                                    .device = m_parts.settings.device(),
                                    .contextSize = m_parts.settings.contextSize(),
                                    .useCopy = m_parts.settings.smallerCopies(),
                                    .submissionMs = static_cast<double>(m_parts.settings.submissionMs())}),
               path, name);
}

void RunningCheckpoint::setLoading(quint64 id, const QString& path, const QString& name) {
    m_openId = id;
    m_loadingPath = path;
    m_loadingName = name;
    m_loadProgress = 0;
    emit loadingChanged();
    emit loadProgressChanged();
}

void RunningCheckpoint::cancelLoading() {
    m_parts.engine.stop(m_openId);
}

// Whichever checkpoint the engine opened is the one it runs now, even if another was asked for since.
void RunningCheckpoint::onOpened(quint64 id, const LoadedCheckpoint& checkpoint) {
    m_current = checkpoint;
    m_parts.notices.withdraw(kOpeningNotice);
    m_parts.settings.setLastCheckpoint(checkpoint.path);
    emit currentChanged();
    if (id == m_openId) {
        setLoading(0, {}, {});
        emit loadingEnded();
    }
}

void RunningCheckpoint::onOpenFailed(quint64 id, const QString& sentence, bool cancelled) {
    if (!cancelled) {
        m_parts.notices.add({.severity = NoticeListModel::Error,
                             .text = m_current ? tr("%1 %2 is still in use.").arg(sentence, m_current->name) : sentence,
                             .kind = kOpeningNotice});
    }
    if (id == m_openId) {
        setLoading(0, {}, {});
        emit loadingEnded();
    }
}

void RunningCheckpoint::onDeviceChanged(quint64 checkpoint, const DeviceDescription& device, const QString& sentence) {
    if (!m_current || m_current->id != checkpoint) {
        return;
    }
    m_current->deviceName = device.name;
    m_current->deviceDetail = device.detail;
    m_parts.notices.add({.severity = NoticeListModel::Warning,
                         .text = sentence,
                         .kind = QStringLiteral("device"),
                         .actionText = tr("Try again"),
                         .action = [this] {
                             if (!loading()) {
                                 reload();
                             }
                         }});
    emit currentChanged();
}

bool RunningCheckpoint::reopen() {
    if (!m_current) {
        return false;
    }
    const LoadedCheckpoint failed = *std::exchange(m_current, std::nullopt);
    const bool again = !std::exchange(m_reopened, true);
    if (!loading() && again) {
        open(failed.path, failed.name);
    }
    emit currentChanged();
    return again;
}

}  // namespace alcove

#include "moc_running_checkpoint.cpp"
