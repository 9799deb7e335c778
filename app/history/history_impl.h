// What the parts of HistoryStore share: history_store.cpp, history_messages.cpp, history_branches.cpp.
#pragma once

#include <optional>

#include <QDateTime>

#include "app/history/file/database.h"
#include "app/history/history_store.h"
#include "app/history/message_tree.h"
#include "app/history/opening.h"

namespace alcove {

[[nodiscard]] QString statusName(MessageStatus status);
// A newer schema may know more statuses: what this program does not know has ended somehow.
[[nodiscard]] MessageStatus statusFromName(const QString& text);

[[nodiscard]] inline qint64 timeNow() {
    return QDateTime::currentMSecsSinceEpoch();
}
// Null: not valid.
[[nodiscard]] inline QDateTime toTime(const QVariant& milliseconds) {
    return milliseconds.isNull() ? QDateTime() : QDateTime::fromMSecsSinceEpoch(milliseconds.toLongLong(), Qt::UTC);
}
// 0 is NULL in the file.
[[nodiscard]] inline QVariant idOrNull(qint64 id) {
    return id == 0 ? QVariant() : QVariant(id);
}

struct HistoryStore::Impl {
    OpenedHistory opened;
    Database& database = *opened.database;
    qint64 textBytesRead = 0;

    explicit Impl(OpenedHistory history) : opened(std::move(history)) {}
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;
    ~Impl();

    [[nodiscard]] bool readOnly() const { return opened.report.state == OpenReport::State::ReadOnlyNewer; }
    [[nodiscard]] qint64 session() const { return opened.lock ? opened.lock->session() : 1; }
    [[nodiscard]] bool isAlive(qint64 writer) const {
        return opened.lock ? opened.lock->isAlive(writer) : writer == session();
    }

    void requireFolder(qint64 id);  // 0: at the top, which is always there
    void requireWritable() const;
    [[noreturn]] static void throwNotFound();
    // Throws NotFound where no row is changed.
    void changeOne(const char* sql, const QVariantList& values);
    void touch(qint64 conversationId);

    [[nodiscard]] TextColumn texts() { return {database, "messages", "text"}; }
    QByteArray readText(TextColumn& texts, qint64 from, qint64 count);

    qint64 insertConversation(const QString& title);
    // Follows the message `parentId`; 0: begins the conversation.
    qint64 insertMessage(qint64 conversationId, qint64 parentId, Author author, const QString& text,
                         MessageStatus status);

    // Of a conversation that is not there: an empty one.
    [[nodiscard]] MessageTree tree(qint64 conversationId);
    [[nodiscard]] qint64 storedLeaf(qint64 conversationId);
    // Throws NotFound where there is no such message, or it is in the bin.
    [[nodiscard]] qint64 conversationOf(qint64 messageId);
    void setLeaf(qint64 conversationId, qint64 messageId);
    // Where a new message goes that is to follow `parentId`; not given: the end of the path. Throws NotFound where
    // there is no such message in the conversation.
    [[nodiscard]] qint64 placeFor(qint64 conversationId, std::optional<qint64> parentId);

    // A reply that is made anew becomes what the path ends with when there is something of it to show, unless something
    // follows it already. Comes before the text is stored.
    void showAtFirstText(qint64 replyId, const QString& text);
    void storeTokens(qint64 replyId, const ReplyTokens& tokens);

    // The folder with these names from the top, made where it is missing; 0: none.
    [[nodiscard]] qint64 folderAt(const QStringList& path);

    enum class Texts { Whole, Beginnings };
    // Those with these ids, in their order; of all texts together the last ones are read first.
    [[nodiscard]] QList<Message> read(const MessageTree& tree, const QList<qint64>& ids, Texts texts);
};

}  // namespace alcove
