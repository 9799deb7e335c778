// The store itself, its conversations and drafts.
#include "app/history/history_store.h"

#include <utility>

#include "app/history/erasure.h"
#include "app/history/history_impl.h"
#include "app/history/queries.h"
#include "app/history/title.h"

namespace alcove {
namespace {

constexpr qsizetype kPreviewLength = 160;

}  // namespace

HistoryStore::Impl::~Impl() {
    try {  // what was deleted and not brought back goes now rather than at the next start
        if (!readOnly()) {
            const bool erased = eraseDeletedBy(database, opened.folder, session());
            finishErasing(database, opened.folder, erased);
        }
    } catch (const HistoryError&) {
        // The next start erases it.
    }
}

qint64 HistoryStore::Impl::insertConversation(const QString& title) {
    const qint64 time = timeNow();
    return database.insert("INSERT INTO conversations (title, created_at, updated_at) VALUES (?, ?, ?)",
                           {storableText(title), time, time});
}

HistoryStore::HistoryStore(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {
}
HistoryStore::HistoryStore(HistoryStore&&) noexcept = default;
HistoryStore& HistoryStore::operator=(HistoryStore&&) noexcept = default;
HistoryStore::~HistoryStore() = default;

HistoryStore HistoryStore::open(const QString& folder, const OpenOptions& options) {
    return HistoryStore(std::make_unique<Impl>(openHistory(folder, options)));
}

HistoryStore HistoryStore::open(const QString& folder) {
    return open(folder, OpenOptions());
}

const OpenReport& HistoryStore::report() const {
    return m_impl->opened.report;
}

bool HistoryStore::readOnly() const {
    return m_impl->readOnly();
}

bool HistoryStore::persists() const {
    using State = OpenReport::State;
    const State state = report().state;
    return state != State::ReadOnlyNewer && state != State::ReadOnlyFolder && state != State::Unavailable;
}

QList<ConversationSummary> HistoryStore::conversations() const {
    QList<ConversationSummary> result;
    Rows rows = m_impl->database.rows(queries::kConversations);
    while (rows.next()) {
        result << ConversationSummary{rows.value(0).toLongLong(),
                                      rows.value(1).toString(),
                                      toTime(rows.value(2)),
                                      toTime(rows.value(3)),
                                      rows.value(4).toString().simplified().left(kPreviewLength),
                                      rows.value(5).toLongLong(),
                                      toTime(rows.value(6)),
                                      toTime(rows.value(7)),
                                      toTime(rows.value(8))};
    }
    return result;
}

qint64 HistoryStore::createConversation(const QString& title) {
    m_impl->requireWritable();
    return m_impl->insertConversation(title.simplified().isEmpty() ? conversationTitle({}) : title.simplified());
}

HistoryStore::Started HistoryStore::startConversation(const QString& firstMessage) {
    m_impl->requireWritable();
    Transaction transaction(m_impl->database);
    Started started;
    started.conversationId = m_impl->insertConversation(conversationTitle(firstMessage));
    started.messageId =
        m_impl->insertMessage(started.conversationId, 0, Author::User, firstMessage, MessageStatus::Complete);
    m_impl->setLeaf(started.conversationId, started.messageId);
    transaction.commit();
    return started;
}

void HistoryStore::renameConversation(qint64 id, const QString& title) {
    m_impl->requireWritable();
    const QString clean = storableText(title.simplified());
    if (!clean.isEmpty()) {
        m_impl->changeOne("UPDATE conversations SET title = ? WHERE id = ?", {clean, id});
    }
}

void HistoryStore::deleteConversation(qint64 id) {
    m_impl->changeOne("UPDATE conversations SET deleted_at = ?, deleted_by = ? WHERE id = ?",
                      {timeNow(), m_impl->session(), id});
    m_impl->database.emptyLog();  // recovery reads older pages in it where the file is damaged
}

void HistoryStore::restoreConversation(qint64 id) {
    m_impl->changeOne("UPDATE conversations SET deleted_at = NULL, deleted_by = NULL WHERE id = ?", {id});
}

QString HistoryStore::draft(qint64 conversationId) const {
    return m_impl->database.value("SELECT text FROM drafts WHERE conversation_id = ?", {conversationId}).toString();
}

void HistoryStore::setDraft(qint64 conversationId, const QString& text) {
    m_impl->requireWritable();
    const UnsyncedCommits unsynced(m_impl->database);
    if (text.isEmpty()) {
        m_impl->database.run("DELETE FROM drafts WHERE conversation_id = ?", {conversationId});
    } else {
        m_impl->database.run("INSERT OR REPLACE INTO drafts (conversation_id, text) VALUES (?, ?)",
                             {conversationId, storableText(text)});
    }
}

}  // namespace alcove
