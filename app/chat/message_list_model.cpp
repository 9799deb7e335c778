#include "app/chat/message_list_model.h"

#include <algorithm>

#include <QtQml/QQmlEngine>

#include "app/chat/message_status.h"
#include "app/exchange/reply_record.h"

namespace alcove {

namespace {

constexpr qsizetype kBeginningCharacters = 200;

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
        case SiblingIndexRole:
            return row.message.siblingIndex;
        case SiblingCountRole:
            return row.message.siblingCount;
        case CanContinueRole:
            return canContinue(index.row());
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
            {SiblingIndexRole, "siblingIndex"},
            {SiblingCountRole, "siblingCount"},
            {CanContinueRole, "canContinue"},
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

qsizetype MessageListModel::change(const QList<Message>& messages) {
    std::size_t same = 0;
    while (same < m_rows.size() && same < static_cast<std::size_t>(messages.size()) &&
           m_rows[same].message.id == messages[static_cast<qsizetype>(same)].id && !growing(m_rows[same].status)) {
        Message& shown = m_rows[same].message;
        const Message& now = messages[static_cast<qsizetype>(same)];
        if (shown.siblingIndex != now.siblingIndex || shown.siblingCount != now.siblingCount) {
            shown.siblingIndex = now.siblingIndex;
            shown.siblingCount = now.siblingCount;
            changed(static_cast<int>(same), {SiblingIndexRole, SiblingCountRole});
        }
        ++same;
    }
    const int from = static_cast<int>(same);
    removeRows(from, count());
    if (from < messages.size()) {
        beginInsertRows({}, from, static_cast<int>(messages.size()) - 1);
        for (const Message& message : messages.mid(from)) {
            m_rows.push_back(rowFor(message));
        }
        endInsertRows();
        emit countChanged();
    }
    if (from > 0) {
        changed(from - 1, {IsLastRole, CanContinueRole});
    }
    qint64 memoryStart = 0;
    for (const Message& message : messages) {
        if (message.author == Author::Assistant && message.statistics.contextUsed > 0) {
            memoryStart = message.statistics.memoryStartsAt;
        }
    }
    setMemoryStart(memoryStart);
    return from;
}

void MessageListModel::removeRows(int first, int end) {
    if (first >= end) {
        return;
    }
    beginRemoveRows({}, first, end - 1);
    for (int row = first; row < end; ++row) {
        if (auto& blocks = m_rows[static_cast<std::size_t>(row)].blocks) {
            blocks.release()->deleteLater();
        }
    }
    m_rows.erase(m_rows.begin() + first, m_rows.begin() + end);
    endRemoveRows();
    emit countChanged();
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
        changed(row, {IsLastRole, CanContinueRole});
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
    const int parent = rowOf(reply.parentId);
    if (parent >= 0 && hasWaitingReply()) {
        removeRows(parent + 1, count() - 1);
    }
    const int row = rowOf(kWaitingId);
    if (row < 0) {
        return;
    }
    Row& waiting = m_rows[static_cast<std::size_t>(row)];
    waiting.message = reply;
    waiting.status = Status::Reading;
    changed(row, {MessageIdRole, StatusRole, CheckpointNameRole, CreatedAtRole, SiblingIndexRole, SiblingCountRole,
                  SwitchedToRole});
}

void MessageListModel::resumeReply(const Message& reply) {
    const int row = rowOf(reply.id);
    if (row < 0) {
        return;
    }
    Row& shown = m_rows[static_cast<std::size_t>(row)];
    shown.status = Status::Reading;
    shown.message.text = reply.text;
    shown.message.error.clear();
    shown.message.unreadBytes = 0;
    if (shown.blocks) {  // they have ended: the text grows again
        shown.blocks.release()->deleteLater();
    }
    changed(row, {StatusRole, TextRole, ErrorTextRole, BlocksRole, CanContinueRole});
}

void MessageListModel::removeFrom(qint64 messageId) {
    const int row = rowOf(messageId);
    if (row < 0) {
        return;
    }
    removeRows(row, count());
    if (row > 0) {
        changed(row - 1, {IsLastRole, CanContinueRole});
    }
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
        changed(row, {StatusRole, CanContinueRole});
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
    reply.message.status = storedStatus(status);
    reply.message.error = errorText;
    reply.message.statistics = statistics;
    if (reply.blocks) {
        reply.blocks->finish();
    }
    changed(row, {StatusRole, ErrorTextRole, TokensPerSecondRole, CanContinueRole, CutOffRole});
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

const Message* MessageListModel::message(qint64 messageId) const {
    const int row = rowOf(messageId);
    return row < 0 ? nullptr : &m_rows[static_cast<std::size_t>(row)].message;
}

bool MessageListModel::canContinue() const {
    return !m_rows.empty() && canContinue(count() - 1);
}

bool MessageListModel::canContinue(int row) const {
    const Row& reply = m_rows[static_cast<std::size_t>(row)];
    return row == count() - 1 && !growing(reply.status) && canGoOn(reply.message);
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
