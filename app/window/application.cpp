#include "app/window/application.h"

#include <utility>

#include <QtCore/QFile>
#include <QtGui/QClipboard>
#include <QtGui/QGuiApplication>

#include "app/process/broker.h"

namespace alcove {

Application::Application(const ApplicationOptions& options, QObject* parent)
    : QObject(parent),
      m_fake(options.fake),
      m_quitPatience(options.quitPatience),
      m_settings(options.settingsFile, options.dataFolder, m_notices),
      m_windowState(m_settings),
      m_store(HistoryStore::open(options.dataFolder, options.history)),
      m_conversations(m_store, m_notices),
      m_engine(options.backend, options.pieceIntervalMs),
      m_devices(m_engine, m_settings),
      m_running({m_engine, m_devices, m_settings, m_notices}),
      m_library({m_running, m_devices, m_settings, m_notices}, options.scan, options.libraryFolder),
      m_chat({m_store, m_engine, m_running, m_conversations, m_settings, m_notices}),
      m_copies({m_engine, m_running, m_settings, m_notices}, options.copies),
      m_transfer(m_store, options.dataFolder, m_notices),
      m_about(m_library, m_running) {
    connect(&m_transfer, &TransferController::imported, &m_conversations, &ConversationListModel::refresh);
    const OpenReport& report = m_store.report();
    if (!report.sentence.isEmpty()) {
        m_notices.add(NoticeListModel::Warning, report.sentence);
    }
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
    const HistoryStore closed = std::move(m_store);  // its destructor closes the history
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
