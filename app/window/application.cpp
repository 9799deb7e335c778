#include "app/window/application.h"

#include <utility>

#include <QtCore/QFile>
#include <QtCore/QTimer>
#include <QtGui/QClipboard>
#include <QtGui/QGuiApplication>

#include "app/process/broker.h"

namespace alcove {
namespace {

constexpr std::chrono::seconds kTidyDelay{20};  // the window comes first
constexpr int kDaysInBin = 30;

// Empty: the history is in memory alone.
QString searchableFolder(const HistoryStore& store, const QString& folder) {
    return store.persists() || store.report().state == OpenReport::State::ReadOnlyNewer ? folder : QString();
}

}  // namespace

Application::Application(const ApplicationOptions& options, QObject* parent)
    : QObject(parent),
      m_fake(options.fake),
      m_quitPatience(options.quitPatience),
      m_settings(options.settingsFile, options.dataFolder, m_notices),
      m_windowState(m_settings),
      m_store(HistoryStore::open(options.dataFolder, options.history)),
      m_searchThread(searchableFolder(m_store, options.dataFolder)),
      m_conversations(m_store, m_notices),
      m_folders(m_store, m_conversations, m_notices),
      m_bin({m_store, m_conversations, m_folders, m_notices}, m_store.persists() ? options.dataFolder : QString()),
      m_search(m_searchThread),
      m_engine(options.backend, options.pieceIntervalMs),
      m_devices(m_engine, m_settings),
      m_running({m_engine, m_devices, m_settings, m_notices}),
      m_library({m_running, m_devices, m_settings, m_notices}, options.scan, options.libraryFolder),
      m_chat({m_store, m_engine, m_running, m_conversations, m_settings, m_notices}),
      m_find(m_searchThread, m_chat),
      m_copies({m_engine, m_running, m_settings, m_notices}, options.copies),
      m_transfer(m_store, options.dataFolder, m_notices),
      m_about(m_library, m_running) {
    connect(&m_transfer, &TransferController::imported, &m_conversations, qOverload<>(&ConversationListModel::refresh));
    connect(&m_transfer, &TransferController::imported, &m_folders, &FolderListModel::refresh);
    const OpenReport& report = m_store.report();
    if (!report.sentence.isEmpty()) {
        m_notices.add(NoticeListModel::Warning, report.sentence);
    }
    followHistory();
}

Application::~Application() {
    close();
}

void Application::saveNow() {
    if (!m_closed) {
        m_chat.saveNow();
    }
}

void Application::close() {
    if (std::exchange(m_closed, true)) {
        return;
    }
    m_windowState.save(m_chat.conversationId());
    m_library.stop();
    m_copies.stop();
    m_transfer.stop();
    m_chat.close(QDeadlineTimer(m_quitPatience));
    m_bin.finish();
    m_searchThread.shutdown();                       // the history's last connection writes its log back
    const HistoryStore closed = std::move(m_store);  // its destructor closes the history
}

// All that is written to the history shows in the list of conversations.
void Application::followHistory() {
    const auto follow = [this] {
        m_searchThread.followHistory();
        m_search.refresh();
    };
    connect(&m_conversations, &ConversationListModel::historyChanged, this, follow);
}

QString Application::version() const {
    return QStringLiteral(ALCOVE_VERSION);
}

void Application::start(const QString& checkpoint) {
    const qint64 last = m_settings.windowPlace().conversation;
    if (!m_conversations.title(last).isEmpty()) {
        m_chat.openConversation(static_cast<int>(last));
    }
    m_devices.list();
    m_library.start(checkpoint);
    QTimer::singleShot(kTidyDelay, &m_bin, [this] { m_bin.tidy(kDaysInBin); });
}

void Application::copyText(const QString& text) {
    if (!text.isEmpty()) {
        QGuiApplication::clipboard()->setText(text);
    }
}

void Application::openDataFolder() {
    const QString folder = m_settings.dataFolder();
    if (!openFolderOutside(QFile::encodeName(folder).toStdString())) {
        m_notices.add({.text = tr("No program opens folders here. The folder is %1.").arg(folder),
                       .kind = QStringLiteral("folder")});
    }
}

}  // namespace alcove

#include "moc_application.cpp"
