// The history of conversations: one SQLite file, history.sqlite, in the data folder.
//
// What a function has returned from is committed: it survives the program's death and, except for a growing
// reply and a draft, a power cut. Several programs may have one history open at once, except on a network file system.
//
// Used on the thread that opened it. Every function throws HistoryError with a sentence to show; the store can
// be used on after it.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include <QCoreApplication>

#include "app/history/conversation_record.h"
#include "app/history/file/history_error.h"
#include "app/history/records.h"

namespace alcove {

struct OpenReport {
    enum class State {
        Fresh,           // a new, empty history
        Opened,          // as it was
        Migrated,        // brought to the current schema, after a backup
        ReadOnlyNewer,   // written by a newer Alcove: can be read, nothing can be written
        ReadOnlyFolder,  // the folder cannot be written: works on a copy in memory, all is gone at the end
        Recovered,       // was damaged: set aside, and what could be read is here
        Unavailable,     // cannot be opened: works in memory, all is gone at the end
    };
    State state = State::Fresh;
    QString sentence;  // for a banner; empty for Fresh, Opened and Migrated
};

class HistoryStore {
    Q_DECLARE_TR_FUNCTIONS(alcove::HistoryStore)

public:
    struct OpenOptions {
        int busyTimeoutMs = 3000;      // how long a write waits for another program's
        int openingTimeoutMs = 10000;  // how long opening waits for another program that is opening it
        int maxPageCount = 0;          // limits the file to so many pages of 4 KiB; 0: SQLite's own limit
        // Whether other machines may have a folder open too; not set: asks the system.
        std::function<bool(const QString& folder)> isOnNetwork = {};
    };

    // Makes `folder` if needed (readable by its owner alone). A history that cannot be opened becomes one in
    // memory, and report() says why; so this throws only where Qt's SQLite driver is not installed. Replies that a
    // program left unfinished become Interrupted, or go if they have no text; conversations deleted in an earlier run
    // are removed for good.
    [[nodiscard]] static HistoryStore open(const QString& folder, const OpenOptions& options);
    [[nodiscard]] static HistoryStore open(const QString& folder);

    HistoryStore(HistoryStore&&) noexcept;
    HistoryStore& operator=(HistoryStore&&) noexcept;
    // Erases what was deleted from all files (erasure.h).
    ~HistoryStore();

    [[nodiscard]] const OpenReport& report() const;
    [[nodiscard]] bool readOnly() const;  // every writing function throws
    [[nodiscard]] bool persists() const;  // false: what is written is gone when the program ends

    // Not the deleted ones; newest first.
    [[nodiscard]] QList<ConversationSummary> conversations() const;
    // The same without their previews, in any order: of ten thousand in about a hundredth of a second.
    [[nodiscard]] QList<ConversationSummary> conversationHeads() const;
    [[nodiscard]] std::optional<ConversationSummary> conversationHead(qint64 id) const;  // none: it is not there
    qint64 createConversation(const QString& title);
    // A conversation titled after its first message, with that message, in one commit.
    struct Started {
        qint64 conversationId = 0;
        qint64 messageId = 0;
    };
    Started startConversation(const QString& firstMessage);
    void renameConversation(qint64 id, const QString& title);  // a blank title changes nothing
    void deleteConversation(qint64 id);                        // until this store goes it can be
    void restoreConversation(qint64 id);                       // … brought back

    // Order. Of a list of conversations, those that are there are changed, in one commit.
    void setPinned(const QList<qint64>& conversations, bool pinned);
    void setArchived(const QList<qint64>& conversations, bool archived);
    void setExpiry(const QList<qint64>& conversations, const QDateTime& time);  // not valid: never
    void moveToFolder(const QList<qint64>& conversations, qint64 folderId);     // 0: out of any
    [[nodiscard]] QList<Folder> folders() const;                                // siblings in their order
    qint64 createFolder(const QString& name, qint64 parentId = 0);
    void renameFolder(qint64 id, const QString& name);  // a blank name changes nothing
    void setFolderColour(qint64 id, const QString& colour);
    void setFolderExpiry(qint64 id, int days);  // after the last use of a conversation in it; 0: never
    void moveFolder(qint64 id, qint64 parentId);
    [[nodiscard]] ConversationSettings ownSettings(qint64 conversationId) const;
    void setOwnSettings(qint64 conversationId, const ConversationSettings& settings);
    void setFolderSettings(qint64 folderId, const ConversationSettings& settings);
    // Its own, and what it lacks from its folder and those above.
    [[nodiscard]] ConversationSettings settingsFor(qint64 conversationId) const;

    // The bin. What is in it stays until it is erased (eraseBinned).
    void binConversations(const QList<qint64>& ids);
    void restoreConversations(const QList<qint64>& ids);  // to the top, where their folder is in the bin
    void binFolder(qint64 id);                            // with all folders and conversations in it
    void restoreFolder(qint64 id);                        // with all that went with it
    [[nodiscard]] QList<BinnedItem> bin() const;          // newest first
    int binExpired(const QDateTime& now);                 // those whose time has passed; how many

    // What is typed and not sent yet. Id 0: of the conversation that is not begun.
    [[nodiscard]] QString draft(qint64 conversationId) const;
    void setDraft(qint64 conversationId, const QString& text);

    // Messages are a tree: siblings follow the same message, and the path from the beginning to the one that the
    // conversation ends with, its leaf, is shown. What the file says wrongly of that is made good (message_tree.h).
    // What is in the bin is not in the tree, nor is an interrupted reply without text.

    // The path, from the beginning on.
    [[nodiscard]] QList<Message> messages(qint64 conversationId) const;
    // The same, for a thread that must not wait: of all texts together at most about kBeginningsBytes are read, the
    // newest first, of one at most kBeginningBytes, and of each at least kShortestBeginning. What is being written is
    // read whole; no other text changes any more, so that the rest can be read later.
    static constexpr qint64 kBeginningBytes = qint64{128} * 1024;
    static constexpr qint64 kBeginningsBytes = qint64{512} * 1024;
    static constexpr qint64 kShortestBeginning = 1024;
    [[nodiscard]] QList<Message> beginnings(qint64 conversationId) const;
    // From the beginning to this message. Throws NotFound where it is not there.
    [[nodiscard]] QList<Message> messagesTo(qint64 messageId) const;
    // All of the tree, oldest first, a few in memory at a time, until `take` returns false. `take` does not write.
    void eachMessage(qint64 conversationId, const std::function<bool(const Message&)>& take) const;
    // At most `count` bytes of a message's text in UTF-8, from byte `from` on. Empty behind its end.
    [[nodiscard]] QByteArray textBytes(qint64 messageId, qint64 from, qint64 count) const;
    [[nodiscard]] QString text(qint64 messageId) const;
    // How many bytes of texts of messages the store has read so far; tests count them.
    [[nodiscard]] qint64 textBytesRead() const;

    // Follows the message `parentId`, or what the path ends with if that is not given; 0: a beginning beside the one
    // there is. The path then ends with it, in the same commit.
    qint64 appendMessage(qint64 conversationId, Author author, const QString& text,
                         std::optional<qint64> parentId = std::nullopt);

    // An empty reply, Writing. Where the path goes on behind `parentId` another way, it keeps to that until there is
    // some text of the reply.
    qint64 beginReply(qint64 conversationId, const ReplySettings& settings,
                      std::optional<qint64> parentId = std::nullopt);
    // A reply that ended is Writing again. Without `keepTokens` its tokens go: they will not be those of its text.
    void resumeReply(qint64 id, bool keepTokens);
    void removeReply(qint64 id);  // one without text, which was not made; NotFound where it has some
    // Cheap; about once a second. Tokens are stored unless there are none.
    void updateReply(qint64 id, const QString& text, const ReplyTokens& tokens = {});
    // The first message that the model sees of the path, while the reply is made; finishReply() stores it as well.
    void setMemoryStart(qint64 replyId, qint64 messageId);
    // `status` is any but Writing; `error` is the sentence of a Failed one.
    void finishReply(qint64 id, const QString& text, MessageStatus status, const ReplyStatistics& statistics,
                     const QString& error = {}, const ReplyTokens& tokens = {});
    [[nodiscard]] ReplyTokens replyTokens(qint64 id) const;  // empty: there are none

    // Each throws NotFound where the message is not there.
    [[nodiscard]] qint64 conversationOf(qint64 messageId) const;
    [[nodiscard]] QList<qint64> siblings(qint64 messageId) const;  // oldest first, with itself
    [[nodiscard]] qint64 leaf(qint64 conversationId) const;        // 0: there is no message
    void setLeaf(qint64 messageId);
    // Where the message is not on the path, this becomes the one to the newest end below it.
    void showMessage(qint64 messageId);
    // A conversation of its own with a copy of the path to this message; its id.
    qint64 fork(qint64 messageId);
    // The message and all below it go to the bin. A path that went through it goes on with a sibling, if there is one.
    void binBranch(qint64 messageId);
    void restoreBranch(qint64 rootId);                         // the path then goes to its newest end
    [[nodiscard]] QList<BinnedBranch> binnedBranches() const;  // newest first
    // Erases for good, from all files (erasure.h), what went to the bin before this time: conversations, folders and
    // branches. Takes as long as writing the file anew.
    void eraseBinned(const QDateTime& before);

    // Whole conversations (history_transfer.cpp). What is there already is known by its source, and its messages by
    // what they follow, author and text; what is new of it is added, in one commit, and nothing is doubled. What is in
    // the bin stays there. That commit survives a power cut once finishImport() has returned.
    AddedConversation importConversation(const ConversationRecord& record);
    void finishImport();
    [[nodiscard]] AddedConversation wouldImport(const ConversationRecord& record) const;
    // A folder, made where it is missing; of one that has settings, these stay.
    void importFolder(const FolderRecord& record);
    // Without what is in the bin. Throws NotFound.
    [[nodiscard]] ConversationRecord conversationRecord(qint64 id) const;
    [[nodiscard]] QList<FolderRecord> folderRecords() const;      // each before those in it
    [[nodiscard]] QStringList folderPath(qint64 folderId) const;  // names from the top; none for 0

    // Writes a whole and consistent copy of the history, bin and drafts too, to a new file that its owner alone can
    // read; others may write to the history meanwhile. Throws HistoryError; there is no file then, or the one there
    // was.
    void backUpTo(const QString& file) const;
    [[nodiscard]] HistoryFigures figures() const;

private:
    struct Impl;
    class Taking;
    explicit HistoryStore(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

}  // namespace alcove
