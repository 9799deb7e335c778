#include "app/library/library_controller.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <QtCore/QDir>
#include <QtCore/QFileInfo>

#include "app/library/device_controller.h"
#include "app/library/running_checkpoint.h"
#include "app/notices/notice_list_model.h"
#include "app/process/broker.h"
#include "app/settings/settings_controller.h"

namespace alcove {

namespace {

constexpr qint64 kLargeModel = 200'000'000;  // bytes of weights, from which on a model is more than a demonstration

const QString kAddingNotice = QStringLiteral("adding");  // of notices

}  // namespace

LibraryController::LibraryController(const Parts& parts, CheckpointScan scan, QString folder, QObject* parent)
    : QObject(parent), m_parts(parts), m_scan(std::move(scan)), m_folder(std::move(folder)) {
    m_scanThread.setMaxThreadCount(1);
    connect(&m_model, &CheckpointListModel::countChanged, this, &LibraryController::countChanged);
    connect(&parts.devices, &DeviceController::changed, this, &LibraryController::openFirst);
    connect(&parts.running, &RunningCheckpoint::currentChanged, this, &LibraryController::onCurrentChanged);
    connect(&parts.running, &RunningCheckpoint::loadingChanged, this, &LibraryController::updateSuggestions);
}

LibraryController::~LibraryController() {
    stop();
}

void LibraryController::stop() {
    *m_scanCancel = true;
    ++m_scanNumber;
}

void LibraryController::start(const QString& path) {
    if (!path.isEmpty()) {
        select(CheckpointLibrary::locationOf(path));
    }
    rescan();
}

void LibraryController::select(const QString& path) {
    m_chosen = true;
    const CheckpointEntry* row = m_model.find(path);
    m_parts.running.select(path, row ? row->name : QFileInfo(path).fileName());
    m_parts.running.setExpected(false);
}

void LibraryController::rescan() {
    stop();
    m_scanCancel = std::make_shared<std::atomic<bool>>(false);
    const quint64 number = m_scanNumber;
    m_scanThread.start([this, number, scan = m_scan,
                        request = ScanRequest{m_parts.settings.addedCheckpoints(), m_parts.settings.lastCheckpoint()},
                        cancel = m_scanCancel] {
        const auto publish = [this, number](const QList<CheckpointEntry>& rows, bool complete) {
            QMetaObject::invokeMethod(
                this,
                [this, number, rows, complete] {
                    if (number == m_scanNumber) {
                        onScanned(rows, complete);
                    }
                },
                Qt::QueuedConnection);
        };
        if (!*cancel) {
            scan(request, publish, *cancel);
        }
    });
}

void LibraryController::onScanned(const QList<CheckpointEntry>& rows, bool complete) {
    if (complete) {
        m_model.setRows(rows);
    } else {
        m_model.mergeRows(rows);
    }
    updateSuggestions();
    if (complete && !std::exchange(m_scanned, true)) {
        listCurrent();
    }
    openFirst();
}

// Opens what is used without anybody having chosen: once, when the devices are known and either the checkpoint used
// last or all of them.
void LibraryController::openFirst() {
    if (m_chosen || !m_parts.devices.listed()) {
        return;
    }
    const QString last = m_parts.settings.lastCheckpoint();
    const auto first = defaultCheckpoint(m_model.rows(), last);
    const bool isLast = first && !last.isEmpty() && first->path == CheckpointLibrary::locationOf(last);
    if (!m_scanned && !isLast) {
        return;
    }
    if (first && m_parts.devices.available()) {
        select(first->path);
    }
    m_parts.running.setExpected(false);
}

void LibraryController::onCurrentChanged() {
    m_model.setCurrent(m_parts.running.path());
    updateSuggestions();
    if (m_scanned) {
        listCurrent();
    }
}

// A checkpoint from anywhere that could be opened is in the menu from then on, as if it had been added.
void LibraryController::listCurrent() {
    const QString path = m_parts.running.path();
    QStringList added = m_parts.settings.addedCheckpoints();
    if (!path.isEmpty() && !m_model.find(path) && !added.contains(path)) {
        added << path;
        m_parts.settings.setAddedCheckpoints(added);
        rescan();
    }
}

void LibraryController::updateSuggestions() {
    const RunningCheckpoint& running = m_parts.running;
    const CheckpointEntry* row = m_model.find(running.loading() ? running.loadingPath() : running.path());
    std::optional<CheckpointEntry> first;
    if (!row && !m_chosen) {  // the one that opens as soon as the devices are known
        first = defaultCheckpoint(m_model.rows(), m_parts.settings.lastCheckpoint());
        row = first ? &*first : nullptr;
    }
    const QStringList suggestions = row ? row->card.suggestions : QStringList();
    const bool continuesText = row && row->kind == CheckpointKind::Base;
    const QList<CheckpointEntry>& rows = m_model.rows();
    const bool onlySmall = std::all_of(rows.begin(), rows.end(), [](const CheckpointEntry& entry) {
        return entry.bytes < kLargeModel || !entry.usable;
    });
    if (suggestions != m_suggestions || continuesText != m_continuesText || onlySmall != m_onlySmall) {
        m_suggestions = suggestions;
        m_continuesText = continuesText;
        m_onlySmall = onlySmall;
        emit suggestionsChanged();
    }
}

void LibraryController::add(const QUrl& url) {
    if (!url.isLocalFile() && !url.scheme().isEmpty()) {
        m_parts.notices.add({.severity = NoticeListModel::Error,
                             .text = tr("A model must be a folder or a file on this machine."),
                             .kind = kAddingNotice});
        return;
    }
    const QString path = CheckpointLibrary::locationOf(url.isLocalFile() ? url.toLocalFile() : url.path());
    if (const QString reason = CheckpointLibrary::refusal(path); !reason.isEmpty()) {
        m_parts.notices.add({.severity = NoticeListModel::Error, .text = reason, .kind = kAddingNotice});
        return;
    }
    QStringList added = m_parts.settings.addedCheckpoints();
    if (!added.contains(path) && !m_model.find(path)) {
        added << path;
        m_parts.settings.setAddedCheckpoints(added);
        rescan();
    }
    select(path);
}

void LibraryController::addPath(const QString& path) {
    add(QUrl::fromLocalFile(path));
}

void LibraryController::forget(const QString& path) {
    QStringList added = m_parts.settings.addedCheckpoints();
    if (added.removeAll(path) > 0) {
        m_parts.settings.setAddedCheckpoints(added);
        rescan();
    }
}

QString LibraryController::hub() const {
    return QStringLiteral("https://huggingface.co/MBZUAI/");
}

void LibraryController::openFolder() {
    if (!QDir().mkpath(m_folder) || !openFolderOutside(QFile::encodeName(m_folder).toStdString())) {
        m_parts.notices.add(NoticeListModel::Info, tr("Put models into this folder: %1").arg(m_folder));
    }
}

}  // namespace alcove

#include "moc_library_controller.cpp"
