// Everything behind the window, put together.
#pragma once

#include <chrono>

#include <QtCore/QObject>
#include <QtQml/qqmlregistration.h>

#include "app/chat/chat_controller.h"
#include "app/chat/find_controller.h"
#include "app/checkpoints/checkpoint_copies.h"
#include "app/conversations/bin_model.h"
#include "app/conversations/conversation_list_model.h"
#include "app/conversations/folder_list_model.h"
#include "app/conversations/search_model.h"
#include "app/history/history_store.h"
#include "app/library/copy_controller.h"
#include "app/library/device_controller.h"
#include "app/library/library_controller.h"
#include "app/library/running_checkpoint.h"
#include "app/notices/notice_list_model.h"
#include "app/search/search_thread.h"
#include "app/session/engine_thread.h"
#include "app/settings/settings_controller.h"
#include "app/transfer/transfer_controller.h"
#include "app/window/about.h"
#include "app/window/privacy_report.h"
#include "app/window/window_state.h"

namespace alcove {

struct ApplicationOptions {
    QString dataFolder;
    QString settingsFile;
    QString libraryFolder;
    GenerationWorker::BackendFactory backend;
    CheckpointScan scan;
    std::shared_ptr<const CopyStore> copies = std::make_shared<CheckpointCopies>(QString());
    bool fake = false;
    HistoryStore::OpenOptions history;
    int pieceIntervalMs = EngineThread::kPieceIntervalMs;
    std::chrono::milliseconds quitPatience = std::chrono::seconds(1);
};

// GUI thread; the root object that QML is given. Owns all the others.
class Application : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("Made by the program")
    Q_PROPERTY(alcove::ConversationListModel* conversations READ conversations CONSTANT)
    Q_PROPERTY(alcove::ChatController* chat READ chat CONSTANT)
    Q_PROPERTY(alcove::FolderListModel* folders READ folders CONSTANT)
    Q_PROPERTY(alcove::BinModel* bin READ bin CONSTANT)
    Q_PROPERTY(alcove::SearchModel* search READ search CONSTANT)
    Q_PROPERTY(alcove::FindController* find READ find CONSTANT)
    Q_PROPERTY(alcove::LibraryController* library READ library CONSTANT)
    Q_PROPERTY(alcove::RunningCheckpoint* running READ running CONSTANT)
    Q_PROPERTY(alcove::DeviceController* devices READ devices CONSTANT)
    Q_PROPERTY(alcove::CopyController* copies READ copies CONSTANT)
    Q_PROPERTY(alcove::SettingsController* settings READ settings CONSTANT)
    Q_PROPERTY(alcove::NoticeListModel* notices READ notices CONSTANT)
    Q_PROPERTY(alcove::TransferController* transfer READ transfer CONSTANT)
    Q_PROPERTY(alcove::WindowState* windowState READ windowState CONSTANT)
    Q_PROPERTY(alcove::About* about READ about CONSTANT)
    Q_PROPERTY(alcove::PrivacyReport* privacy READ privacy CONSTANT)
    Q_PROPERTY(QString version READ version CONSTANT)
    Q_PROPERTY(bool fake READ fake CONSTANT)

public:
    explicit Application(const ApplicationOptions& options, QObject* parent = nullptr);
    ~Application() override;  // close(), then waits for every thread

    // Saves now what would be saved soon.
    void saveNow();
    // Saves everything, asks every thread to end, and closes the history, without waiting for longer than
    // options.quitPatience for the engine. Afterwards only the destructor may be called: it waits for the threads.
    void close();

    [[nodiscard]] ConversationListModel* conversations() { return &m_conversations; }
    [[nodiscard]] ChatController* chat() { return &m_chat; }
    [[nodiscard]] FolderListModel* folders() { return &m_folders; }
    [[nodiscard]] BinModel* bin() { return &m_bin; }
    [[nodiscard]] SearchModel* search() { return &m_search; }
    [[nodiscard]] FindController* find() { return &m_find; }
    [[nodiscard]] LibraryController* library() { return &m_library; }
    [[nodiscard]] RunningCheckpoint* running() { return &m_running; }
    [[nodiscard]] DeviceController* devices() { return &m_devices; }
    [[nodiscard]] CopyController* copies() { return &m_copies; }
    [[nodiscard]] SettingsController* settings() { return &m_settings; }
    [[nodiscard]] NoticeListModel* notices() { return &m_notices; }
    [[nodiscard]] TransferController* transfer() { return &m_transfer; }
    [[nodiscard]] WindowState* windowState() { return &m_windowState; }
    [[nodiscard]] About* about() { return &m_about; }
    [[nodiscard]] PrivacyReport* privacy() { return &m_privacy; }
    [[nodiscard]] QString version() const;
    [[nodiscard]] bool fake() const { return m_fake; }
    [[nodiscard]] HistoryStore& store() { return m_store; }
    [[nodiscard]] EngineThread* engine() { return &m_engine; }

    // Opens the conversation that was open last, finds devices and checkpoints, and opens `checkpoint` or, if that is
    // empty, the usual one.
    void start(const QString& checkpoint);

    Q_INVOKABLE void copyText(const QString& text);
    Q_INVOKABLE void openDataFolder();

private:
    void followHistory();

    bool m_fake;
    bool m_closed = false;
    std::chrono::milliseconds m_quitPatience;
    NoticeListModel m_notices;
    SettingsController m_settings;
    WindowState m_windowState;
    PrivacyReport m_privacy;
    HistoryStore m_store;
    SearchThread m_searchThread;
    ConversationListModel m_conversations;
    FolderListModel m_folders;
    BinModel m_bin;
    SearchModel m_search;
    EngineThread m_engine;
    DeviceController m_devices;
    RunningCheckpoint m_running;
    LibraryController m_library;
    ChatController m_chat;
    FindController m_find;
    CopyController m_copies;
    TransferController m_transfer;
    About m_about;
};

}  // namespace alcove
