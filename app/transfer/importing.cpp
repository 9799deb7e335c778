#include "app/transfer/importing.h"

#include <utility>

#include "app/transfer/import_texts.h"
#include "app/transfer/input_file.h"
#include "app/transfer/read_conversations.h"
#include "engine/base/error.h"

namespace alcove {

Importing::Importing(HistoryStore& store, ImportMode mode, std::function<void(qint64, qint64)> progress)
    : m_store(store), m_mode(mode), m_progress(std::move(progress)) {
}

void Importing::run(const QStringList& paths, const engine::Cancellation& cancel) {
    try {
        readConversations(paths, *this, cancel);
    } catch (const engine::Error& error) {
        if (error.code() != engine::ErrorCode::Cancelled) {
            throw;
        }
        m_result.cancelled = true;
    } catch (const InputError&) {
        finish();
        throw;
    }
    finish();
    if (m_unnamed > 0) {
        m_result.passedOver << PassedOver{{}, ImportText::tr("… and %1 more.").arg(m_unnamed)};
        m_unnamed = 0;
    }
}

void Importing::finish() {
    if (m_result.messages + m_result.conversations > 0 && m_mode == ImportMode::Add) {
        m_store.finishImport();
    }
}

void Importing::take(ConversationRecord conversation, const Where& where) {
    AddedConversation added;
    if (m_mode == ImportMode::Add) {
        added = m_store.importConversation(conversation);
    } else {
        if (m_counted.contains(conversation.source)) {
            ++m_result.unchanged;
            return;
        }
        m_counted.insert(conversation.source);
        added = m_store.wouldImport(conversation);
    }
    if (added.inBin) {
        passOver(where, ImportText::tr("“%1” is in the bin. Restore it there.").arg(conversation.title), false);
        return;
    }
    m_result.conversations += added.isNew ? 1 : 0;
    m_result.grown += !added.isNew && added.messages > 0 ? 1 : 0;
    m_result.unchanged += !added.isNew && added.messages == 0 ? 1 : 0;
    m_result.messages += added.messages;
    m_result.branches += added.branches;
}

void Importing::takeFolder(FolderRecord folder, const Where& /*where*/) {
    if (m_mode == ImportMode::Add) {
        m_store.importFolder(folder);
    }
}

void Importing::passOver(const Where& where, const QString& why, bool damaged) {
    if (damaged && m_result.damages.size() < kMostPassedOver) {
        m_result.damages << PassedOver{where, why};
    }
    if (m_result.passedOver.size() < kMostPassedOver) {
        m_result.passedOver << PassedOver{where, why};
    } else {
        ++m_unnamed;
    }
}

void Importing::progress(qint64 done, qint64 total) {
    if (m_progress) {
        m_progress(done, total);
    }
}

}  // namespace alcove
