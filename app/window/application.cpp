#include "app/window/application.h"

#include <QtGui/QClipboard>
#include <QtGui/QGuiApplication>

namespace alcove {

Application::Application(const ApplicationOptions& options, QObject* parent)
    : QObject(parent),
      m_fake(options.fake),
      m_settings(options.settingsFile, options.dataFolder, m_notices),
      m_store(HistoryStore::open(options.dataFolder, options.history)),
      m_conversations(m_store, m_notices),
      m_engine(options.backend, options.pieceIntervalMs),
      m_devices(m_engine, m_settings),
      m_running({m_engine, m_devices, m_settings, m_notices}),
      m_library({m_running, m_devices, m_settings, m_notices}, options.scan, options.libraryFolder),
      m_chat({m_store, m_engine, m_running, m_conversations, m_settings, m_notices}),
      m_copies({m_engine, m_running, m_settings, m_notices}, options.copies) {
    const OpenReport& report = m_store.report();
    if (!report.sentence.isEmpty()) {
        m_notices.add(NoticeListModel::Warning, report.sentence);
    }
}

Application::~Application() {
    m_chat.close();
}

QString Application::version() const {
    return QStringLiteral(ALCOVE_VERSION);
}

void Application::start(const QString& checkpoint) {
    m_devices.list();
    m_library.start(checkpoint);
}

void Application::copyText(const QString& text) {
    QGuiApplication::clipboard()->setText(text);
}

}  // namespace alcove

#include "moc_application.cpp"
