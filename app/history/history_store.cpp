#include "app/history/history_store.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include <QtCore/QStringDecoder>

#include "app/history/erasure.h"
#include "app/history/file/database.h"
#include "app/history/opening.h"
#include "app/history/queries.h"
#include "app/history/title.h"

namespace alcove {
namespace {

constexpr qsizetype kPreviewLength = 160;

constexpr std::array<std::pair<MessageStatus, const char*>, 5> kStatusNames{{
    {MessageStatus::Complete, "complete"},
    {MessageStatus::Writing, "writing"},
    {MessageStatus::Stopped, "stopped"},
    {MessageStatus::Failed, "failed"},
    {MessageStatus::Interrupted, "interrupted"},
}};

QString statusName(MessageStatus status) {
    for (const auto& [value, name] : kStatusNames) {
        if (value == status) {
            return QLatin1String(name);
        }
    }
    Q_UNREACHABLE();
}

// A newer schema may know more statuses: what this program does not know has ended somehow.
MessageStatus statusFromName(const QString& text) {
    for (const auto& [value, name] : kStatusNames) {
        if (text == QLatin1String(name)) {
            return value;
        }
    }
    return MessageStatus::Complete;
}

qint64 now() {
    return QDateTime::currentMSecsSinceEpoch();
}

// Also what begins with a byte order mark, which QString::fromUtf8 leaves out.
QString fromUtf8(const QByteArray& bytes) {
    using Flag = QStringDecoder::Flag;
    QStringDecoder decoder(QStringDecoder::Utf8, Flag::Stateless | Flag::ConvertInitialBom);
    return decoder.decode(bytes);
}

// How many bytes of the beginning of a text in UTF-8 are whole characters; the last one, which may be cut, is left out.
qsizetype wholeCharacters(const QByteArray& bytes) {
    constexpr unsigned kContinuationMask = 0xC0;
    constexpr unsigned kContinuation = 0x80;
    qsizetype end = bytes.size();
    const auto byteBefore = [&bytes](qsizetype at) { return static_cast<unsigned char>(bytes[at - 1]); };
    while (end > 0 && (byteBefore(end) & kContinuationMask) == kContinuation) {
        --end;
    }
    if (end > 0 && byteBefore(end) >= kContinuationMask) {
        --end;
    }
    return end > 0 ? end : bytes.size();  // no UTF-8 at all
}

QDateTime toTime(const QVariant& milliseconds) {
    return QDateTime::fromMSecsSinceEpoch(milliseconds.toLongLong(), Qt::UTC);
}

}  // namespace

struct HistoryStore::Impl {
    OpenedHistory opened;
    Database& database = *opened.database;
    qint64 textBytesRead = 0;

    explicit Impl(OpenedHistory history) : opened(std::move(history)) {}
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;
    ~Impl() {
        try {  // what was deleted and not brought back goes now rather than at the next start
            if (!readOnly()) {
                const bool erased = eraseDeletedBy(database, opened.folder, session());
                finishErasing(database, opened.folder, erased);
            }
        } catch (const HistoryError&) {
            // The next start erases it.
        }
    }

    [[nodiscard]] bool readOnly() const { return opened.report.state == OpenReport::State::ReadOnlyNewer; }
    [[nodiscard]] qint64 session() const { return opened.lock ? opened.lock->session() : 1; }
    [[nodiscard]] bool isAlive(qint64 writer) const {
        return opened.lock ? opened.lock->isAlive(writer) : writer == session();
    }

    void requireWritable() const {
        if (readOnly()) {
            throw HistoryError(HistoryError::Kind::ReadOnly, opened.report.sentence);
        }
    }

    void changeOne(const char* sql, const QVariantList& values) {
        requireWritable();
        if (database.change(sql, values) == 0) {
            throw HistoryError(HistoryError::Kind::NotFound, tr("This entry is no longer in the history."));
        }
    }

    void touch(qint64 conversationId) {
        changeOne("UPDATE conversations SET updated_at = max(updated_at, ?) WHERE id = ?", {now(), conversationId});
    }

    [[nodiscard]] TextColumn texts() { return {database, "messages", "text"}; }

    QByteArray readText(TextColumn& texts, qint64 from, qint64 count) {
        QByteArray bytes = texts.read(from, count);
        textBytesRead += bytes.size();
        return bytes;
    }

    qint64 insertConversation(const QString& title) {
        const qint64 time = now();
        return database.insert("INSERT INTO conversations (title, created_at, updated_at) VALUES (?, ?, ?)",
                               {storableText(title), time, time});
    }

    qint64 insertMessage(qint64 conversationId, Author author, const QString& text, MessageStatus status) {
        return database.insert(
            "INSERT INTO messages (conversation_id, author, text, status, created_at, writer)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            {conversationId, author == Author::User ? QStringLiteral("user") : QStringLiteral("assistant"),
             storableText(text), statusName(status), now(),
             status == MessageStatus::Writing ? QVariant(session()) : QVariant()});
    }
};

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
        result << ConversationSummary{rows.value(0).toLongLong(), rows.value(1).toString(), toTime(rows.value(2)),
                                      toTime(rows.value(3)),
                                      rows.value(4).toString().simplified().left(kPreviewLength)};
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
        m_impl->insertMessage(started.conversationId, Author::User, firstMessage, MessageStatus::Complete);
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
                      {now(), m_impl->session(), id});
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

QList<Message> HistoryStore::messages(qint64 conversationId) const {
    return read(conversationId, Texts::Whole);
}

QList<Message> HistoryStore::beginnings(qint64 conversationId) const {
    return read(conversationId, Texts::Beginnings);
}

QByteArray HistoryStore::textBytes(qint64 messageId, qint64 from, qint64 count) const {
    TextColumn texts = m_impl->texts();
    texts.open(messageId);
    return m_impl->readText(texts, from, count);
}

QString HistoryStore::text(qint64 messageId) const {
    return fromUtf8(textBytes(messageId, 0, std::numeric_limits<qint64>::max()));
}

qint64 HistoryStore::textBytesRead() const {
    return m_impl->textBytesRead;
}

QList<Message> HistoryStore::read(qint64 conversationId, Texts which) const {
    QList<Message> result;
    qint64 left = kBeginningsBytes;
    TextColumn texts = m_impl->texts();
    Rows rows = m_impl->database.rows(queries::kMessages, {conversationId});
    while (rows.next()) {
        Message message;
        int column = 0;
        const auto next = [&] { return rows.value(column++); };
        message.id = next().toLongLong();
        message.conversationId = conversationId;
        message.author = next().toString() == QLatin1String("user") ? Author::User : Author::Assistant;
        message.status = statusFromName(next().toString());
        message.createdAt = toTime(next());
        const qint64 writer = next().toLongLong();
        if (message.status == MessageStatus::Writing && !m_impl->isAlive(writer)) {
            message.status = MessageStatus::Interrupted;
        }
        message.settings.checkpointName = next().toString();
        message.settings.checkpointPath = next().toString();
        message.settings.device = next().toString();
        message.settings.sampling = next().toString();
        message.statistics.promptTokens = next().toInt();
        message.statistics.reusedTokens = next().toInt();
        message.statistics.generatedTokens = next().toInt();
        message.statistics.contextUsed = next().toInt();
        message.statistics.contextSize = next().toInt();
        message.statistics.tokensPerSecond = next().toDouble();
        message.statistics.prefillSeconds = next().toDouble();
        message.statistics.stopReason = next().toString();
        message.statistics.memoryStartsAt = next().toLongLong();
        message.error = next().toString();
        texts.open(message.id);
        const bool whole = which == Texts::Whole || message.status == MessageStatus::Writing;
        const qint64 most = std::max(std::min(left, kBeginningBytes), kShortestBeginning);
        QByteArray text = m_impl->readText(texts, 0, whole ? texts.size() : most);
        left -= text.size();
        if (text.size() < texts.size()) {
            text.truncate(wholeCharacters(text));
            message.unreadFrom = text.size();
            message.unreadBytes = texts.size() - text.size();
        }
        message.text = fromUtf8(text);
        if (message.status != MessageStatus::Interrupted || !message.text.isEmpty()) {
            result << message;
        }
    }
    std::reverse(result.begin(), result.end());
    return result;
}

qint64 HistoryStore::appendMessage(qint64 conversationId, Author author, const QString& text) {
    m_impl->requireWritable();
    Transaction transaction(m_impl->database);
    m_impl->touch(conversationId);
    const qint64 id = m_impl->insertMessage(conversationId, author, text, MessageStatus::Complete);
    transaction.commit();
    return id;
}

qint64 HistoryStore::beginReply(qint64 conversationId, const ReplySettings& settings) {
    m_impl->requireWritable();
    Transaction transaction(m_impl->database);
    m_impl->touch(conversationId);
    const qint64 id = m_impl->insertMessage(conversationId, Author::Assistant, {}, MessageStatus::Writing);
    m_impl->database.run(
        "INSERT INTO replies (message_id, checkpoint_name, checkpoint_path, device, sampling) VALUES (?, ?, ?, ?, ?)",
        {id, storableText(settings.checkpointName), storableText(settings.checkpointPath),
         storableText(settings.device), storableText(settings.sampling)});
    transaction.commit();
    return id;
}

void HistoryStore::removeReply(qint64 id) {
    m_impl->changeOne("DELETE FROM messages WHERE id = ? AND author = 'assistant'", {id});
}

void HistoryStore::updateReply(qint64 id, const QString& text) {
    const UnsyncedCommits unsynced(m_impl->database);
    m_impl->changeOne("UPDATE messages SET text = ? WHERE id = ? AND author = 'assistant'", {storableText(text), id});
}

void HistoryStore::finishReply(qint64 id, const QString& text, MessageStatus status, const ReplyStatistics& statistics,
                               const QString& error) {
    Q_ASSERT(status != MessageStatus::Writing);
    m_impl->requireWritable();
    Transaction transaction(m_impl->database);
    m_impl->changeOne("UPDATE messages SET text = ?, status = ?, writer = NULL WHERE id = ? AND author = 'assistant'",
                      {storableText(text), statusName(status), id});
    m_impl->changeOne(
        "UPDATE replies SET prompt_tokens = ?, reused_tokens = ?, generated_tokens = ?, context_used = ?,"
        " context_size = ?, tokens_per_second = ?, prefill_seconds = ?, stop_reason = ?, memory_starts_at = ?,"
        " error = ? WHERE message_id = ?",
        {statistics.promptTokens, statistics.reusedTokens, statistics.generatedTokens, statistics.contextUsed,
         statistics.contextSize, statistics.tokensPerSecond, statistics.prefillSeconds,
         storableText(statistics.stopReason), statistics.memoryStartsAt, storableText(error), id});
    m_impl->database.run(
        "UPDATE conversations SET updated_at = max(updated_at, ?)"
        " WHERE id = (SELECT conversation_id FROM messages WHERE id = ?)",
        {now(), id});
    transaction.commit();
}

}  // namespace alcove
