#include "app/chat/message_list_model.h"

#include <algorithm>

#include <QtQml/QQmlEngine>

namespace alcove {

namespace {

constexpr qsizetype kBeginningCharacters = 200;

QString statusName(MessageListModel::Status status) {
    switch (status) {
        case MessageListModel::Status::Complete:
            return "complete";
        case MessageListModel::Status::Waiting:
            return "waiting";
        case MessageListModel::Status::Reading:
            return "reading";
        case MessageListModel::Status::Writing:
            return "writing";
        case MessageListModel::Status::Stopped:
            return "stopped";
        case MessageListModel::Status::Failed:
            return "failed";
        case MessageListModel::Status::Interrupted:
            return "interrupted";
    }
    Q_UNREACHABLE();
}

MessageListModel::Status statusOf(MessageStatus stored) {
    switch (stored) {
        case MessageStatus::Complete:
            return MessageListModel::Status::Complete;
        case MessageStatus::Writing:
            return MessageListModel::Status::Writing;
        case MessageStatus::Stopped:
            return MessageListModel::Status::Stopped;
        case MessageStatus::Failed:
            return MessageListModel::Status::Failed;
        case MessageStatus::Interrupted:
            return MessageListModel::Status::Interrupted;
    }
    Q_UNREACHABLE();
}

bool growing(MessageListModel::Status status) {
    return status == MessageListModel::Status::Waiting || status == MessageListModel::Status::Reading ||
           status == MessageListModel::Status::Writing;
}

// Of a stored reason why a reply ended, those for which it is not at its end.
QString cutOff(const QString& stopReason) {
    return stopReason == QLatin1String("maxTokens") || stopReason == QLatin1String("contextFull") ? stopReason
                                                                                                  : QString();
}

}  // namespace

MessageListModel::MessageListModel(QObject* parent) : QAbstractListModel(parent) {
}

MessageListModel::~MessageListModel() = default;

int MessageListModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : count();
}

QVariant MessageListModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid)) {
        return {};
    }
    const Row& row = m_rows[static_cast<std::size_t>(index.row())];
    switch (role) {
        case MessageIdRole:
            return row.message.id;
        case AuthorRole:
            return row.message.author == Author::User ? QStringLiteral("user") : QStringLiteral("assistant");
        case Qt::DisplayRole:
        case TextRole:
            return wholeText(row.message);
        case HasTextRole:
            return !row.message.text.isEmpty();
        case BeginningRole:
            return row.message.text.left(kBeginningCharacters).simplified();
        case BlocksRole:
            return QVariant::fromValue(blocksOf(row));
        case StatusRole:
            return statusName(row.status);
        case ErrorTextRole:
            return row.message.error;
        case CheckpointNameRole:
            return row.message.settings.checkpointName;
        case TokensPerSecondRole:
            return row.message.statistics.tokensPerSecond;
        case CreatedAtRole:
            return row.message.createdAt.toLocalTime();
        case IsLastRole:
            return index.row() == count() - 1;
        case MemoryStartsHereRole:
            return m_memoryStart != 0 && row.message.id == m_memoryStart;
        case SwitchedToRole:
            return switchedTo(index.row());
        case CutOffRole:
            return row.status == Status::Complete ? cutOff(row.message.statistics.stopReason) : QString();
        default:
            return {};
    }
}

QHash<int, QByteArray> MessageListModel::roleNames() const {
    return {{MessageIdRole, "messageId"},
            {AuthorRole, "author"},
            {TextRole, "text"},
            {HasTextRole, "hasText"},
            {BeginningRole, "beginning"},
            {BlocksRole, "blocks"},
            {StatusRole, "status"},
            {ErrorTextRole, "errorText"},
            {CheckpointNameRole, "checkpointName"},
            {TokensPerSecondRole, "tokensPerSecond"},
            {CreatedAtRole, "createdAt"},
            {IsLastRole, "isLast"},
            {MemoryStartsHereRole, "memoryStartsHere"},
            {SwitchedToRole, "switchedTo"},
            {CutOffRole, "cutOff"}};
}

MessageListModel::Row MessageListModel::rowFor(const Message& message) {
    return {message, statusOf(message.status), nullptr};
}

MessageBlockModel* MessageListModel::blocksOf(const Row& row) const {
    if (!row.blocks) {
        row.blocks = std::make_unique<MessageBlockModel>(
            row.message.author == Author::User ? BlockSplitter::Form::Plain : BlockSplitter::Form::Markdown, &m_budget);
        QQmlEngine::setObjectOwnership(row.blocks.get(), QQmlEngine::CppOwnership);
        row.blocks->append(row.message.text);
        if (row.message.unreadBytes > 0) {
            row.blocks->expect(row.message.unreadBytes, [this, id = row.message.id] { return m_readText(id); });
        } else if (!growing(row.status)) {
            row.blocks->finish();
        }
    }
    return row.blocks.get();
}

void MessageListModel::reset(const QList<Message>& messages) {
    const int before = count();
    beginResetModel();
    for (Row& row : m_rows) {
        if (row.blocks) {
            row.blocks.release()->deleteLater();  // a delegate may still look at it
        }
    }
    m_rows.clear();
    m_memoryStart = 0;
    for (const Message& message : messages) {
        m_rows.push_back(rowFor(message));
        if (message.author == Author::Assistant && message.statistics.contextUsed > 0) {
            m_memoryStart = message.statistics.memoryStartsAt;
        }
    }
    endResetModel();
    if (count() != before) {
        emit countChanged();
    }
}

void MessageListModel::insert(int row, const Message& message, Status status) {
    beginInsertRows({}, row, row);
    Row added = rowFor(message);
    added.status = status;
    m_rows.insert(m_rows.begin() + row, std::move(added));
    endInsertRows();
    lastChanged(row - 1);
    emit countChanged();
}

void MessageListModel::lastChanged(int row) {
    if (row >= 0 && row == count() - 2) {
        changed(row, {IsLastRole});
    }
}

void MessageListModel::add(const Message& message) {
    const bool waiting = hasWaitingReply();
    insert(waiting ? count() - 1 : count(), message, statusOf(message.status));
}

void MessageListModel::addWaitingReply() {
    Message reply;
    reply.id = kWaitingId;
    reply.author = Author::Assistant;
    reply.createdAt = QDateTime::currentDateTimeUtc();
    insert(count(), reply, Status::Waiting);
}

void MessageListModel::beginReply(const Message& reply) {
    const int row = rowOf(kWaitingId);
    if (row < 0) {
        return;
    }
    Row& waiting = m_rows[static_cast<std::size_t>(row)];
    waiting.message = reply;
    waiting.status = Status::Reading;
    changed(row, {MessageIdRole, StatusRole, CheckpointNameRole, CreatedAtRole, SwitchedToRole});
}

void MessageListModel::remove(qint64 messageId) {
    const int row = rowOf(messageId);
    if (row < 0) {
        return;
    }
    beginRemoveRows({}, row, row);
    if (auto& blocks = m_rows[static_cast<std::size_t>(row)].blocks) {
        blocks.release()->deleteLater();
    }
    m_rows.erase(m_rows.begin() + row);
    endRemoveRows();
    if (row == count() && row > 0) {
        changed(row - 1, {IsLastRole});
    } else if (row < count()) {
        emit dataChanged(index(row), index(count() - 1), {SwitchedToRole});
    }
    emit countChanged();
}

void MessageListModel::appendText(qint64 messageId, const QString& piece) {
    const int row = rowOf(messageId);
    if (row < 0 || piece.isEmpty()) {
        return;
    }
    Row& reply = m_rows[static_cast<std::size_t>(row)];
    const bool beginning = reply.message.text.size() < kBeginningCharacters;
    reply.message.text += piece;
    if (reply.blocks) {
        reply.blocks->append(piece);
    }
    changed(row, beginning ? QList<int>{TextRole, HasTextRole, BeginningRole} : QList<int>{TextRole});
}

void MessageListModel::setStatus(qint64 messageId, Status status) {
    const int row = rowOf(messageId);
    if (row >= 0 && m_rows[static_cast<std::size_t>(row)].status != status) {
        m_rows[static_cast<std::size_t>(row)].status = status;
        changed(row, {StatusRole});
    }
}

void MessageListModel::finishReply(qint64 messageId, Status status, const QString& errorText,
                                   const ReplyStatistics& statistics) {
    const int row = rowOf(messageId);
    if (row < 0) {
        return;
    }
    Row& reply = m_rows[static_cast<std::size_t>(row)];
    reply.status = status;
    reply.message.error = errorText;
    reply.message.statistics = statistics;
    if (reply.blocks) {
        reply.blocks->finish();
    }
    changed(row, {StatusRole, ErrorTextRole, TokensPerSecondRole, CutOffRole});
}

void MessageListModel::setMemoryStart(qint64 messageId) {
    if (messageId == m_memoryStart) {
        return;
    }
    const int before = m_memoryStart == 0 ? -1 : rowOf(m_memoryStart);
    m_memoryStart = messageId;
    const int after = messageId == 0 ? -1 : rowOf(messageId);
    for (const int row : {before, after}) {
        if (row >= 0) {
            changed(row, {MemoryStartsHereRole});
        }
    }
}

bool MessageListModel::hasWaitingReply() const {
    return !m_rows.empty() && m_rows.back().status == Status::Waiting;
}

const Message* MessageListModel::last() const {
    return m_rows.empty() ? nullptr : &m_rows.back().message;
}

QString MessageListModel::text(int row) const {
    return row >= 0 && row < count() ? wholeText(m_rows[static_cast<std::size_t>(row)].message) : QString();
}

QString MessageListModel::wholeText(const Message& message) const {
    return message.unreadBytes > 0 ? m_readText(message.id) : message.text;
}

void MessageListModel::complete(qint64 messageId, const QString& text) {
    const int row = rowOf(messageId);
    if (row < 0 || m_rows[static_cast<std::size_t>(row)].message.unreadBytes == 0) {
        return;
    }
    Row& completed = m_rows[static_cast<std::size_t>(row)];
    completed.message.text = text;
    completed.message.unreadBytes = 0;
    if (completed.blocks) {
        completed.blocks->complete(text);
    }
    changed(row, {TextRole});
}

QString MessageListModel::lastReply() const {
    const auto newest = std::find_if(m_rows.rbegin(), m_rows.rend(), [](const Row& row) {
        return row.message.author == Author::Assistant && !row.message.text.isEmpty();
    });
    return newest == m_rows.rend() ? QString() : wholeText(newest->message);
}

double MessageListModel::newestSpeed() const {
    const auto newest = std::find_if(m_rows.rbegin(), m_rows.rend(), [](const Row& row) {
        return row.message.author == Author::Assistant && row.status != Status::Waiting;
    });
    return newest == m_rows.rend() ? 0 : newest->message.statistics.tokensPerSecond;
}

QString MessageListModel::switchedTo(int row) const {
    const QString& name = m_rows[static_cast<std::size_t>(row)].message.settings.checkpointName;
    for (int before = row - 1; before >= 0 && !name.isEmpty(); --before) {
        const QString& earlier = m_rows[static_cast<std::size_t>(before)].message.settings.checkpointName;
        if (!earlier.isEmpty()) {
            return earlier == name ? QString() : name;
        }
    }
    return {};
}

int MessageListModel::rowOf(qint64 messageId) const {
    // What changes is nearly always at the end.
    for (int row = count() - 1; row >= 0; --row) {
        if (m_rows[static_cast<std::size_t>(row)].message.id == messageId) {
            return row;
        }
    }
    return -1;
}

void MessageListModel::changed(int row, const QList<int>& roles) {
    emit dataChanged(index(row), index(row), roles);
}

}  // namespace alcove

#include "moc_message_list_model.cpp"
