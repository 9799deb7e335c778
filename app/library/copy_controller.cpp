#include "app/library/copy_controller.h"

#include <utility>

#include "app/checkpoints/checkpoint_facts.h"
#include "app/library/running_checkpoint.h"
#include "app/notices/notice_list_model.h"
#include "app/session/engine_thread.h"
#include "app/settings/settings_controller.h"

namespace alcove {

namespace {

// Number and unit stay on one line.
QString sizeText(qint64 bytes) {
    return bytesText(bytes).replace(u' ', QChar::Nbsp);
}

}  // namespace

CopyController::CopyController(const Parts& parts, std::shared_ptr<const CopyStore> copies, QObject* parent)
    : QObject(parent), m_parts(parts), m_copies(std::move(copies)) {
    m_thread.setMaxThreadCount(1);
    m_thread.setThreadPriority(QThread::IdlePriority);  // a reply that is computed on the processor goes first
    connect(&parts.running, &RunningCheckpoint::currentChanged, this, &CopyController::onCurrent);
    connect(&parts.running, &RunningCheckpoint::loadingEnded, this, [this] {
        m_switching.clear();
        updateOffer();
    });
    connect(&parts.settings, &SettingsController::smallerCopiesChanged, this, &CopyController::onUseChanged);
    // Queued: a reply that waits for this one's end goes first.
    connect(&parts.engine, &EngineThread::finished, this, &CopyController::switchIfDue, Qt::QueuedConnection);
    connect(&parts.engine, &EngineThread::failed, this, &CopyController::switchIfDue, Qt::QueuedConnection);
    connect(&parts.engine, &EngineThread::opened, this, &CopyController::switchIfDue, Qt::QueuedConnection);
    connect(&parts.engine, &EngineThread::openFailed, this, &CopyController::switchIfDue, Qt::QueuedConnection);
    measure();
}

CopyController::~CopyController() {
    stop();
}

void CopyController::stop() {
    *m_cancel = true;
}

QString CopyController::onDisk() const {
    return m_onDisk.count == 0 ? tr("There are none yet.")
           : m_onDisk.count == 1
               ? tr("There is one; it takes %1 of disk.").arg(sizeText(m_onDisk.bytes))
               : tr("There are %1; they take %2 of disk.").arg(m_onDisk.count).arg(sizeText(m_onDisk.bytes));
}

void CopyController::measure() {
    m_onDisk = m_copies->onDisk();
    emit onDiskChanged();
}

void CopyController::onCurrent() {
    const auto& current = m_parts.running.current();
    if (current && current->path == m_switching) {
        m_switching.clear();
        if (current->fromCopy) {
            m_parts.notices.add(NoticeListModel::Info, tr("%1 now runs from its smaller copy.").arg(current->name));
        }
    }
    updateOffer();
}

void CopyController::updateOffer() {
    const auto& current = m_parts.running.current();
    const bool wanted = current && !current->fromCopy && current->copyBytes > 0 && m_parts.settings.smallerCopies() &&
                        !making() && !m_switchDue && m_switching != current->path &&
                        !m_notOfferedAgain.contains(current->path) && !m_parts.settings.copyDeclined(current->path);
    if (m_offerId != 0 && (!wanted || m_offered != current->path)) {
        m_parts.notices.dismiss(std::exchange(m_offerId, 0));
    }
    if (!wanted || m_offerId != 0) {
        return;
    }
    m_offered = current->path;
    const QString text = tr("%1 is stored in full precision (%2). A smaller copy (%3) answers faster and needs less "
                            "memory, but is slightly less accurate.")
                             .arg(current->name, sizeText(current->bytes), sizeText(current->copyBytes));
    m_offerId = m_parts.notices.add({.text = text,
                                     .actionText = tr("Make the copy"),
                                     .action =
                                         [this, path = current->path, name = current->name] {
                                             m_offerId = 0;
                                             make(path, name);
                                         },
                                     .otherText = tr("Not now"),
                                     .otherAction =
                                         [this, path = current->path] {
                                             m_offerId = 0;
                                             m_parts.settings.declineCopy(path);
                                         },
                                     .stays = true});
}

void CopyController::make(const QString& checkpoint, const QString& name) {
    if (making()) {
        return;
    }
    m_making = checkpoint;
    m_cancel = std::make_shared<std::atomic<bool>>(false);
    m_progressId = m_parts.notices.add({.text = tr("Making a smaller copy of %1. You can go on chatting.").arg(name),
                                        .actionText = tr("Stop"),
                                        .action = [cancel = m_cancel] { *cancel = true; },
                                        .stays = true,
                                        .progress = 0});
    emit makingChanged();
    updateOffer();
    m_thread.start([this, checkpoint, name, copies = m_copies, cancel = m_cancel, notice = m_progressId] {
        int shown = 0;
        const auto progress = [&](double share) {
            if (const int percent = static_cast<int>(share * 100); std::exchange(shown, percent) != percent) {
                QMetaObject::invokeMethod(
                    this, [this, notice, share] { m_parts.notices.setProgress(notice, share); }, Qt::QueuedConnection);
            }
        };
        const CopyResult result = copies->make(checkpoint, progress, *cancel);
        QMetaObject::invokeMethod(
            this, [this, result, name] { onMade(result, name); }, Qt::QueuedConnection);
    });
}

void CopyController::onMade(const CopyResult& result, const QString& name) {
    const QString checkpoint = std::exchange(m_making, QString());
    m_parts.notices.dismiss(m_progressId);
    emit makingChanged();
    measure();
    if (!result.made) {
        m_notOfferedAgain.insert(checkpoint);
    }
    if (!result.problem.isEmpty()) {
        m_parts.notices.add(NoticeListModel::Error,
                            tr("The smaller copy of %1 was not made. %2").arg(name, result.problem), tr("Try again"),
                            [this, checkpoint, name] { make(checkpoint, name); });
    }
    m_switchDue = true;
    switchIfDue();
}

void CopyController::onUseChanged() {
    if (!m_parts.settings.smallerCopies()) {
        *m_cancel = true;
    } else {
        m_notOfferedAgain.clear();
    }
    m_switchDue = true;
    switchIfDue();
}

void CopyController::removeAll() {
    if (making()) {
        return;
    }
    const QString problem = m_copies->removeAll();
    if (!problem.isEmpty()) {
        m_parts.notices.add(NoticeListModel::Error, problem);
    }
    measure();
    m_notOfferedAgain.insert(m_parts.running.path());  // what was just deleted is not offered at once
    m_switchDue = true;
    switchIfDue();
}

void CopyController::switchIfDue() {
    if (!m_switchDue || !m_parts.engine.idle()) {
        updateOffer();
        return;
    }
    m_switchDue = false;
    const auto& current = m_parts.running.current();
    const bool wanted = current && m_parts.settings.smallerCopies() && !m_copies->find(current->path).isEmpty();
    if (current && current->fromCopy != wanted) {
        m_switching = current->path;
        m_parts.running.reload();
    }
    updateOffer();
}

}  // namespace alcove

#include "moc_copy_controller.cpp"
