// Messages and replies: reading, adding, growing.
#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include <QtCore/QStringDecoder>
#include <QtCore/QtEndian>

#include "app/history/empty_replies.h"
#include "app/history/history_impl.h"
#include "app/history/queries.h"

namespace alcove {
namespace {

constexpr std::array<std::pair<MessageStatus, const char*>, 5> kStatusNames{{
    {MessageStatus::Complete, "complete"},
    {MessageStatus::Writing, "writing"},
    {MessageStatus::Stopped, "stopped"},
    {MessageStatus::Failed, "failed"},
    {MessageStatus::Interrupted, "interrupted"},
}};

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

QByteArray bytesOf(const QList<qint32>& numbers) {
    QByteArray bytes(numbers.size() * qsizetype{sizeof(qint32)}, Qt::Uninitialized);
    qToLittleEndian<qint32>(numbers.constData(), numbers.size(), bytes.data());
    return bytes;
}

QList<qint32> numbersOf(const QByteArray& bytes) {
    QList<qint32> numbers(bytes.size() / qsizetype{sizeof(qint32)});
    qFromLittleEndian<qint32>(bytes.constData(), numbers.size(), numbers.data());
    return numbers;
}

}  // namespace

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

void HistoryStore::Impl::requireWritable() const {
    if (readOnly()) {
        throw HistoryError(HistoryError::Kind::ReadOnly, opened.report.sentence);
    }
}

void HistoryStore::Impl::throwNotFound() {
    throw HistoryError(HistoryError::Kind::NotFound, tr("This entry is no longer in the history."));
}

void HistoryStore::Impl::changeOne(const char* sql, const QVariantList& values) {
    requireWritable();
    if (database.change(sql, values) == 0) {
        throwNotFound();
    }
}

void HistoryStore::Impl::touch(qint64 conversationId) {
    changeOne("UPDATE conversations SET updated_at = max(updated_at, ?) WHERE id = ?", {timeNow(), conversationId});
}

QByteArray HistoryStore::Impl::readText(TextColumn& texts, qint64 from, qint64 count) {
    QByteArray bytes = texts.read(from, count);
    textBytesRead += bytes.size();
    return bytes;
}

qint64 HistoryStore::Impl::insertMessage(qint64 conversationId, qint64 parentId, Author author, const QString& text,
                                         MessageStatus status) {
    return database.insert(
        "INSERT INTO messages (conversation_id, author, text, status, created_at, writer, parent_id)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        {conversationId, author == Author::User ? QStringLiteral("user") : QStringLiteral("assistant"),
         storableText(text), statusName(status), timeNow(),
         status == MessageStatus::Writing ? QVariant(session()) : QVariant(), idOrNull(parentId)});
}

MessageTree HistoryStore::Impl::tree(qint64 conversationId) {
    std::vector<MessageTree::Node> nodes;
    std::vector<std::size_t> unfinished;
    {
        Rows rows = database.rows(queries::kTree, {conversationId});
        while (rows.next()) {
            const QString status = rows.value(3).toString();
            if (status == QLatin1String("interrupted") ||
                (status == QLatin1String("writing") && !isAlive(rows.value(4).toLongLong()))) {
                unfinished.push_back(nodes.size());
            }
            nodes.push_back({rows.value(0).toLongLong(), rows.value(1).toLongLong(), !rows.value(2).isNull()});
        }
    }
    TextColumn texts = this->texts();
    for (const std::size_t i : unfinished) {
        texts.open(nodes[i].id);
        nodes[i].hidden = nodes[i].hidden || texts.size() == 0;
    }
    return MessageTree(std::move(nodes));
}

qint64 HistoryStore::Impl::storedLeaf(qint64 conversationId) {
    return database.value("SELECT leaf_id FROM conversations WHERE id = ?", {conversationId}).toLongLong();
}

qint64 HistoryStore::Impl::conversationOf(qint64 messageId) {
    const QVariant conversation =
        database.value("SELECT conversation_id FROM messages WHERE id = ? AND binned_at IS NULL", {messageId});
    if (conversation.isNull()) {
        throwNotFound();
    }
    return conversation.toLongLong();
}

void HistoryStore::Impl::setLeaf(qint64 conversationId, qint64 messageId) {
    database.run("UPDATE conversations SET leaf_id = ? WHERE id = ?", {idOrNull(messageId), conversationId});
}

qint64 HistoryStore::Impl::placeFor(qint64 conversationId, std::optional<qint64> parentId) {
    const auto isThere = [&](qint64 id) {
        return !database
                    .value("SELECT 1 FROM messages WHERE id = ? AND conversation_id = ? AND binned_at IS NULL",
                           {id, conversationId})
                    .isNull();
    };
    if (parentId) {
        if (*parentId != 0 && !isThere(*parentId)) {
            throwNotFound();
        }
        return *parentId;
    }
    const qint64 stored = storedLeaf(conversationId);
    return stored != 0 && isThere(stored) ? stored : tree(conversationId).leaf(stored);
}

QList<Message> HistoryStore::Impl::read(const MessageTree& tree, const QList<qint64>& ids, Texts which) {
    QStringList wanted;
    wanted.reserve(ids.size());
    std::for_each(ids.rbegin(), ids.rend(), [&wanted](qint64 id) { wanted << QString::number(id); });
    QList<Message> result;
    qint64 left = kBeginningsBytes;
    TextColumn texts = this->texts();
    Rows rows = database.rows(queries::kMessages, {QStringLiteral("[%1]").arg(wanted.join(QLatin1Char(',')))});
    while (rows.next()) {
        Message message;
        int column = 0;
        const auto next = [&] { return rows.value(column++); };
        message.id = next().toLongLong();
        message.conversationId = next().toLongLong();
        message.parentId = tree.parent(message.id);
        message.siblingIndex = tree.siblingIndex(message.id);
        message.siblingCount = tree.siblingCount(message.id);
        message.author = next().toString() == QLatin1String("user") ? Author::User : Author::Assistant;
        message.status = statusFromName(next().toString());
        message.createdAt = toTime(next());
        const qint64 writer = next().toLongLong();
        if (message.status == MessageStatus::Writing && !isAlive(writer)) {
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
        QByteArray text = readText(texts, 0, whole ? texts.size() : most);
        left -= text.size();
        if (text.size() < texts.size()) {
            text.truncate(wholeCharacters(text));
            message.unreadFrom = text.size();
            message.unreadBytes = texts.size() - text.size();
        }
        message.text = fromUtf8(text);
        result << message;
    }
    std::reverse(result.begin(), result.end());
    return result;
}

QList<Message> HistoryStore::messages(qint64 conversationId) const {
    const MessageTree tree = m_impl->tree(conversationId);
    return m_impl->read(tree, tree.path(tree.leaf(m_impl->storedLeaf(conversationId))), Impl::Texts::Whole);
}

QList<Message> HistoryStore::beginnings(qint64 conversationId) const {
    const MessageTree tree = m_impl->tree(conversationId);
    return m_impl->read(tree, tree.path(tree.leaf(m_impl->storedLeaf(conversationId))), Impl::Texts::Beginnings);
}

QList<Message> HistoryStore::messagesTo(qint64 messageId) const {
    const MessageTree tree = m_impl->tree(m_impl->conversationOf(messageId));
    return m_impl->read(tree, tree.contains(messageId) ? tree.path(messageId) : QList<qint64>(), Impl::Texts::Whole);
}

void HistoryStore::eachMessage(qint64 conversationId, const std::function<bool(const Message&)>& take) const {
    constexpr qsizetype kPage = 32;
    const MessageTree tree = m_impl->tree(conversationId);
    const QList<qint64> ids = tree.all();
    for (qsizetype from = 0; from < ids.size(); from += kPage) {
        for (const Message& message : m_impl->read(tree, ids.mid(from, kPage), Impl::Texts::Whole)) {
            if (!take(message)) {
                return;
            }
        }
    }
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

qint64 HistoryStore::appendMessage(qint64 conversationId, Author author, const QString& text,
                                   std::optional<qint64> parentId) {
    m_impl->requireWritable();
    Transaction transaction(m_impl->database);
    m_impl->touch(conversationId);
    const qint64 parent = m_impl->placeFor(conversationId, parentId);
    const qint64 id = m_impl->insertMessage(conversationId, parent, author, text, MessageStatus::Complete);
    m_impl->setLeaf(conversationId, id);
    transaction.commit();
    return id;
}

qint64 HistoryStore::beginReply(qint64 conversationId, const ReplySettings& settings, std::optional<qint64> parentId) {
    m_impl->requireWritable();
    Transaction transaction(m_impl->database);
    m_impl->touch(conversationId);
    const qint64 parent = m_impl->placeFor(conversationId, parentId);
    const bool atEnd = !parentId || parent == m_impl->placeFor(conversationId, std::nullopt);
    const qint64 id = m_impl->insertMessage(conversationId, parent, Author::Assistant, {}, MessageStatus::Writing);
    m_impl->database.run(
        "INSERT INTO replies (message_id, checkpoint_name, checkpoint_path, device, sampling) VALUES (?, ?, ?, ?, ?)",
        {id, storableText(settings.checkpointName), storableText(settings.checkpointPath),
         storableText(settings.device), storableText(settings.sampling)});
    if (atEnd) {
        m_impl->setLeaf(conversationId, id);
    }
    transaction.commit();
    return id;
}

void HistoryStore::resumeReply(qint64 id, bool keepTokens) {
    m_impl->requireWritable();
    Transaction transaction(m_impl->database);
    m_impl->changeOne(
        "UPDATE messages SET status = 'writing', writer = ? WHERE id = ? AND author = 'assistant'"
        " AND binned_at IS NULL AND status <> 'writing'",
        {m_impl->session(), id});
    if (!keepTokens) {
        m_impl->database.run("DELETE FROM reply_tokens WHERE message_id = ?", {id});
    }
    transaction.commit();
}

void HistoryStore::removeReply(qint64 id) {
    m_impl->requireWritable();
    Transaction transaction(m_impl->database);
    if (removeEmptyReply(m_impl->database, id) == 0) {
        Impl::throwNotFound();
    }
    transaction.commit();
}

void HistoryStore::updateReply(qint64 id, const QString& text, const ReplyTokens& tokens) {
    m_impl->requireWritable();
    const UnsyncedCommits unsynced(m_impl->database);
    Transaction transaction(m_impl->database);
    m_impl->showAtFirstText(id, text);
    m_impl->changeOne("UPDATE messages SET text = ? WHERE id = ? AND author = 'assistant'", {storableText(text), id});
    m_impl->storeTokens(id, tokens);
    transaction.commit();
}

void HistoryStore::setMemoryStart(qint64 replyId, qint64 messageId) {
    m_impl->changeOne("UPDATE replies SET memory_starts_at = ? WHERE message_id = ?", {messageId, replyId});
}

void HistoryStore::finishReply(qint64 id, const QString& text, MessageStatus status, const ReplyStatistics& statistics,
                               const QString& error, const ReplyTokens& tokens) {
    Q_ASSERT(status != MessageStatus::Writing);
    m_impl->requireWritable();
    Transaction transaction(m_impl->database);
    m_impl->showAtFirstText(id, text);
    m_impl->changeOne("UPDATE messages SET text = ?, status = ?, writer = NULL WHERE id = ? AND author = 'assistant'",
                      {storableText(text), statusName(status), id});
    m_impl->changeOne(
        "UPDATE replies SET prompt_tokens = ?, reused_tokens = ?, generated_tokens = ?, context_used = ?,"
        " context_size = ?, tokens_per_second = ?, prefill_seconds = ?, stop_reason = ?, memory_starts_at = ?,"
        " error = ? WHERE message_id = ?",
        {statistics.promptTokens, statistics.reusedTokens, statistics.generatedTokens, statistics.contextUsed,
         statistics.contextSize, statistics.tokensPerSecond, statistics.prefillSeconds,
         storableText(statistics.stopReason), statistics.memoryStartsAt, storableText(error), id});
    m_impl->storeTokens(id, tokens);
    m_impl->database.run(
        "UPDATE conversations SET updated_at = max(updated_at, ?)"
        " WHERE id = (SELECT conversation_id FROM messages WHERE id = ?)",
        {timeNow(), id});
    transaction.commit();
}

ReplyTokens HistoryStore::replyTokens(qint64 id) const {
    ReplyTokens tokens;
    Rows rows = m_impl->database.rows(
        "SELECT ids, ends, seed, position, context_size, fingerprint FROM reply_tokens WHERE message_id = ?", {id});
    if (rows.next()) {
        tokens.ids = numbersOf(rows.value(0).toByteArray());
        tokens.ends = numbersOf(rows.value(1).toByteArray());
        tokens.seed = rows.value(2).toString();
        tokens.position = rows.value(3).toLongLong();
        tokens.contextSize = rows.value(4).toInt();
        tokens.fingerprint = rows.value(5).toString();
    }
    return tokens;
}

void HistoryStore::Impl::showAtFirstText(qint64 replyId, const QString& text) {
    if (!text.trimmed().isEmpty()) {
        database.run(
            "UPDATE conversations SET leaf_id = ? WHERE id = (SELECT conversation_id FROM messages WHERE id = ?"
            " AND author = 'assistant' AND trim(text, char(9, 10, 13, 32)) = '' AND binned_at IS NULL)"
            " AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.conversation_id = conversations.id AND m.parent_id = ?)",
            {replyId, replyId, replyId});
    }
}

void HistoryStore::Impl::storeTokens(qint64 replyId, const ReplyTokens& tokens) {
    if (!tokens.ids.isEmpty()) {
        database.run(
            "INSERT OR REPLACE INTO reply_tokens (message_id, ids, ends, seed, position, context_size, fingerprint)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            {replyId, bytesOf(tokens.ids), bytesOf(tokens.ends), storableText(tokens.seed), tokens.position,
             tokens.contextSize, storableText(tokens.fingerprint)});
    }
}

}  // namespace alcove
