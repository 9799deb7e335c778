// The index of all titles and messages, search.sqlite beside the history: FTS5 over the words of search_words.h.
//
// It holds no texts, only where words stand, and is built from the history alone. It is brought into step by looking
// for what has changed there, so nothing writes to it when a message is stored, and what it lacks after a crash is
// found the next time. A message is indexed once it is complete. Long ones are indexed in pieces of about kPieceBytes:
// all words of a query have to stand in one piece.
//
// Erasing empties it (search_file.h): FTS5 before SQLite 3.42 leaves traces of deleted text. Entries of messages that
// are gone or in the bin are passed over when searching.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <vector>

#include <QCoreApplication>
#include <QDateTime>

#include "app/history/file/history_error.h"
#include "app/history/records.h"
#include "app/search/find_text.h"
#include "app/search/search_query.h"
#include "app/search/snippet.h"
#include "app/search/sqlite_link.h"

namespace alcove {

struct SearchHit {
    qint64 conversationId = 0;
    qint64 messageId = 0;  // 0: the title was found
    QString title;         // of the conversation
    Author author = Author::User;
    QDateTime at;     // UTC; of the message, or of the conversation's last change
    Snippet snippet;  // of the message, or of the title; snippet.at is a place in the whole message
};

struct SearchPage {
    QList<SearchHit> hits;  // conversations whose titles match, then messages; each newest first
    qint64 next = 0;        // goes on there; 0: there is no more
    bool complete = true;   // false: the index is being built, so that something may be missing
    QString problem;        // SearchQuery::problem
};

// Several may be open on one folder, in several programs. Used on the thread that opened it.
struct MessageMatch {
    qint64 messageId = 0;
    qint64 at = 0;  // in UTF-16 units, as is its length
    qint64 length = 0;
    bool operator==(const MessageMatch&) const = default;
};

class SearchIndex {
    Q_DECLARE_TR_FUNCTIONS(alcove::SearchIndex)

public:
    static constexpr qint64 kPieceBytes = qint64{32} * 1024;
    static constexpr qint64 kStepBytes = qint64{192} * 1024;  // indexed in a step; some tens of milliseconds
    static constexpr int kMostTitles = 20;                    // found titles that a page begins with
    using Cancelled = std::function<bool()>;

    // Of the history in `folder`, which is open or was opened in this program, so that its schema is the current one.
    // Makes the index where there is none. Throws HistoryError.
    explicit SearchIndex(const QString& folder);
    SearchIndex(const SearchIndex&) = delete;
    SearchIndex& operator=(const SearchIndex&) = delete;
    ~SearchIndex();

    // All throw HistoryError.

    // Looks for what the history has and the index lacks; costs next to nothing where nothing has changed.
    void look();
    // Takes a bounded part of that in. True: there is more.
    bool step();
    // look() and all steps. False: it was cancelled.
    bool bringUpToDate(const Cancelled& cancelled = {});
    // How many messages wait to be taken in.
    [[nodiscard]] qsizetype waiting() const { return static_cast<qsizetype>(m_todo.size()); }
    [[nodiscard]] bool complete() const { return m_todo.empty() && m_titles.empty(); }

    // At most `count` messages, from SearchPage::next of the page before on; 0: the first page, which has the titles
    // too. Empty where it was cancelled.
    [[nodiscard]] SearchPage search(const SearchQuery& query, int count, qint64 from = 0,
                                    const Cancelled& cancelled = {});

    // Where `wanted` stands in these messages of the history, in their order; at most `most`. A text of more than 128
    // KiB is looked through in parts, which end between words.
    [[nodiscard]] QList<MessageMatch> find(const QList<qint64>& messages, const TextFinder& wanted, qsizetype most,
                                           const Cancelled& cancelled = {});

    // Of an index that was brought up to date: how large its file is, and the texts that it is of.
    struct Size {
        qint64 file = 0;
        qint64 texts = 0;
    };
    [[nodiscard]] Size size();

private:
    struct Waiting {
        qint64 message = 0;
        qint64 at = 0;     // when it was written
        qint64 from = 0;   // bytes of it that are taken in …
        qint64 place = 0;  // … in UTF-16 units
    };

    void open();
    void makeTables();
    void startAnew();
    template <typename Action>
    auto guarded(const Action& action);

    void lookForConversations();
    void lookForMessages();
    void takeTitles();
    void takeMessages(std::vector<Waiting>& taken);
    bool takeMessage(Waiting& waiting, HistoryText& text, qint64& budget);

    QString m_folder;
    std::unique_ptr<SqliteLink> m_link;
    bool m_looked = false;
    bool m_fresh = true;  // nothing was taken in before
    qint64 m_dataVersion = 0;
    qint64 m_examined = 0;         // the greatest id of a message that was looked at
    std::vector<Waiting> m_todo;   // the next one last
    std::vector<qint64> m_titles;  // conversations whose titles wait
    std::set<qint64> m_writing;    // messages that were being written
};

}  // namespace alcove
