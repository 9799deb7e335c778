#include "app/search/search_index.h"

#include <algorithm>

#include <QFile>
#include <QFileInfo>
#include <QScopeGuard>
#include <sqlite3.h>

#include "app/history/file/history_files.h"
#include "app/history/file/search_file.h"
#include "app/search/search_hit_reader.h"
#include "app/search/word_tokenizer.h"

namespace alcove {
namespace {

constexpr int kIndexVersion = 1;  // of the tables and of what the words are; another one is built anew
constexpr int kBusyTimeoutMs = 2000;
constexpr std::size_t kTitlesInStep = 400;
constexpr int kMessagesInStep = 400;
constexpr qint64 kCutSearch = 512;                 // bytes in which the end of a piece looks for white space
constexpr qint64 kFindBytes = qint64{128} * 1024;  // of a text that find() looks at at once
constexpr qint64 kIndexMsPerSecond = 1000;

// A transaction of the index. Reading the history begins within it: after another program has erased something and
// emptied the index, nothing older can be written into it.
class IndexChange {
public:
    explicit IndexChange(SqliteLink& link) : m_link(link) { m_link.run("BEGIN IMMEDIATE"); }
    IndexChange(const IndexChange&) = delete;
    IndexChange& operator=(const IndexChange&) = delete;
    ~IndexChange() {
        if (m_open) {
            try {
                m_link.run("ROLLBACK");
            } catch (const SqliteFailure&) {
                // SQLite has rolled back by itself.
            }
        }
    }
    void commit() {
        m_link.run("COMMIT");
        m_open = false;
    }

private:
    SqliteLink& m_link;
    bool m_open = true;
};

// Where a piece that begins with `bytes` ends: behind white space if there is any near, and never within a character.
qsizetype pieceEnd(const QByteArray& bytes) {
    const auto isSpace = [](char byte) { return byte == ' ' || byte == '\n' || byte == '\t'; };
    for (qsizetype at = bytes.size(); at > std::max(qsizetype{0}, bytes.size() - kCutSearch); --at) {
        if (isSpace(bytes[at - 1])) {
            return at;
        }
    }
    constexpr unsigned kContinuationMask = 0xC0;
    constexpr unsigned kContinuation = 0x80;
    constexpr qsizetype kLongestCharacter = 4;
    qsizetype at = bytes.size();
    while (at > bytes.size() - kLongestCharacter && at > 1 &&
           (static_cast<unsigned char>(bytes[at - 1]) & kContinuationMask) == kContinuation) {
        --at;
    }
    // `at` is behind a byte that begins a character; that one may be cut.
    const bool begins = static_cast<unsigned char>(bytes[at - 1]) >= kContinuationMask;
    return begins && at > 1 ? at - 1 : bytes.size();
}

}  // namespace

// Runs `action` on an index that has its tables; where they are damaged, or another program has emptied them, on one
// that was made anew.
template <typename Action>
auto SearchIndex::guarded(const Action& action) {
    try {
        try {
            if (!m_link || m_link->integer("PRAGMA main.user_version") != kIndexVersion) {
                startAnew();
            }
            return action();
        } catch (const SqliteFailure& failure) {
            if (!failure.damaged()) {
                throw;
            }
            startAnew();
            return action();
        }
    } catch (const SqliteFailure& failure) {
        throw failure.asError();
    }
}

SearchIndex::SearchIndex(const QString& folder) : m_folder(folder) {
    try {
        open();
        if (m_link->integer("PRAGMA main.user_version") != kIndexVersion) {
            startAnew();
        }
    } catch (const SqliteFailure& failure) {
        if (!failure.damaged()) {
            throw failure.asError();
        }
        guarded([] {});
    }
}

SearchIndex::~SearchIndex() = default;

void SearchIndex::open() {
    const QString path = searchFile(m_folder);
    if (!QFile::exists(path)) {
        removeDatabase(path);
        createPrivateFile(path);
    }
    m_link.reset();
    m_link = std::make_unique<SqliteLink>(path, historyFile(m_folder), kBusyTimeoutMs);
}

// Empties the index and makes its tables again; all messages wait.
void SearchIndex::startAnew() {
    m_link.reset();
    if (!emptySearchIndex(m_folder)) {
        removeDatabase(searchFile(m_folder));  // it is no database
    }
    open();
    makeTables();
    m_looked = false;
    m_todo.clear();
    m_titles.clear();
    m_writing.clear();
}

void SearchIndex::makeTables() {
    IndexChange change(*m_link);
    if (m_link->integer("PRAGMA main.user_version") == kIndexVersion) {
        return;  // another program was quicker
    }
    // One row for each piece of a message; `id` is that of its words, `start` its first byte, `place` its first UTF-16
    // unit.
    m_link->run(
        "CREATE TABLE docs (id INTEGER PRIMARY KEY AUTOINCREMENT, message INTEGER NOT NULL,"
        " conversation INTEGER NOT NULL, at INTEGER NOT NULL, bytes INTEGER NOT NULL,"
        " start INTEGER NOT NULL, place INTEGER NOT NULL)");
    m_link->run("CREATE INDEX docs_by_message ON docs(message, bytes)");
    m_link->run(
        ("CREATE VIRTUAL TABLE words USING fts5(text, author, checkpoint, content='', columnsize=0, tokenize='" +
         std::string(kWordTokenizer) + "')")
            .c_str());
    m_link->run(("CREATE VIRTUAL TABLE titles USING fts5(title, content='', columnsize=0, tokenize='" +
                 std::string(kWordTokenizer) + "')")
                    .c_str());
    // The conversations as they were taken in.
    m_link->run(
        "CREATE TABLE seen (conversation INTEGER PRIMARY KEY, updated_at INTEGER NOT NULL, title TEXT NOT NULL)");
    // All messages up to this one were looked at, and none of them was being written.
    m_link->run("CREATE TABLE progress (examined INTEGER NOT NULL)");
    m_link->run("INSERT INTO progress VALUES (0)");
    m_link->run(("PRAGMA main.user_version=" + std::to_string(kIndexVersion)).c_str());
    change.commit();
}

void SearchIndex::look() {
    guarded([this] {
        const qint64 version = m_link->integer("PRAGMA history.data_version");
        if (m_looked && version == m_dataVersion) {
            return;
        }
        lookForConversations();
        lookForMessages();
        m_dataVersion = version;
        m_looked = true;
    });
}

void SearchIndex::lookForConversations() {
    m_titles.clear();
    SqliteRows changed = m_link->rows(
        "SELECT c.id FROM history.conversations c LEFT JOIN seen s ON s.conversation = c.id"
        " WHERE s.conversation IS NULL OR s.updated_at <> c.updated_at OR s.title <> c.title ORDER BY c.id DESC");
    while (changed.next()) {
        m_titles.push_back(changed.integer(0));
    }
}

void SearchIndex::lookForMessages() {
    if (!m_looked) {
        m_examined = m_link->integer("SELECT examined FROM progress");
        m_todo.clear();
    }
    m_fresh = m_examined == 0;
    std::vector<Waiting> found;
    SqliteRows added = m_link->rows("SELECT id, created_at FROM history.messages WHERE id > ?1");
    added.bind(m_examined);
    qint64 newest = m_examined;
    while (added.next()) {
        found.push_back({added.integer(0), added.integer(1)});
        newest = std::max(newest, added.integer(0));
    }
    // What was complete may have gone on: in conversations that have changed, all are compared.
    for (const qint64 conversation : m_fresh ? std::vector<qint64>() : m_titles) {
        SqliteRows older =
            m_link->rows("SELECT id, created_at FROM history.messages WHERE conversation_id = ?1 AND id <= ?2");
        older.bind(conversation).bind(m_examined);
        while (older.next()) {
            found.push_back({older.integer(0), older.integer(1)});
        }
    }
    for (const qint64 message : m_writing) {
        found.push_back({message, 0});
    }
    m_writing.clear();
    m_examined = newest;
    // Newer entries get greater ids, which are the order of the results.
    const auto later = [](const Waiting& a, const Waiting& b) {
        return a.at != b.at ? a.at > b.at : a.message > b.message;
    };
    std::sort(found.begin(), found.end(), later);
    m_todo.insert(m_todo.begin(), found.begin(), found.end());
}

bool SearchIndex::step() {
    return guarded([this] {
        if (complete()) {
            return false;
        }
        std::vector<Waiting> taken;
        const std::vector<qint64> titles = m_titles;
        try {
            IndexChange change(*m_link);
            if (m_link->integer("PRAGMA main.user_version") != kIndexVersion) {
                throw SqliteFailure(SQLITE_SCHEMA, "The index was emptied.");
            }
            takeMessages(taken);
            // A conversation counts as seen when its messages have been compared.
            if (m_fresh || m_todo.empty()) {
                takeTitles();
            }
            if (complete()) {
                const qint64 examined = m_writing.empty() ? m_examined : *m_writing.begin() - 1;
                m_link->rows("UPDATE progress SET examined = ?1").bind(examined).run();
            }
            change.commit();
        } catch (...) {  // nothing of it was stored: it waits again
            m_titles = titles;
            m_todo.insert(m_todo.end(), taken.rbegin(), taken.rend());
            throw;
        }
        return !complete();
    });
}

// Until the step is full. `taken` gets what is taken out of m_todo.
void SearchIndex::takeMessages(std::vector<Waiting>& taken) {
    HistoryText text(*m_link);
    qint64 budget = kStepBytes;
    for (int messages = 0; !m_todo.empty() && budget > 0 && messages < kMessagesInStep; ++messages) {
        taken.push_back(m_todo.back());
        m_todo.pop_back();
        Waiting rest = taken.back();
        if (!takeMessage(rest, text, budget)) {  // the next step goes on with it
            m_todo.push_back(rest);
            break;
        }
    }
}

// False: there is more of it.
bool SearchIndex::takeMessage(Waiting& waiting, HistoryText& text, qint64& budget) {
    SqliteRows row = m_link->rows(
        "SELECT m.conversation_id, m.author, m.status, m.created_at, r.checkpoint_name"
        " FROM history.messages m LEFT JOIN history.replies r ON r.message_id = m.id WHERE m.id = ?1");
    if (!row.bind(waiting.message).next() || !text.open(waiting.message)) {
        return true;  // gone
    }
    if (row.text(2) == QLatin1String("writing")) {
        m_writing.insert(waiting.message);
        return true;
    }
    const qint64 at = row.integer(3) / kIndexMsPerSecond;
    if (waiting.from == 0) {
        SqliteRows have = m_link->rows("SELECT sum(bytes), max(at) FROM docs WHERE message = ?1");
        have.bind(waiting.message);
        if (have.next() && !have.isNull(0) && have.integer(0) == text.size() && have.integer(1) == at) {
            return true;
        }
        // Entries of words stay behind; without their rows here they are passed over.
        m_link->rows("DELETE FROM docs WHERE message = ?1").bind(waiting.message).run();
    }
    const QString author = row.text(1) == QLatin1String("user") ? QStringLiteral("me") : QStringLiteral("model");
    const QString checkpoint = row.text(4);
    while (waiting.from < text.size()) {
        if (budget <= 0) {
            return false;
        }
        QByteArray piece = text.read(waiting.from, kPieceBytes);
        if (waiting.from + piece.size() < text.size()) {
            piece.truncate(pieceEnd(piece));
        }
        m_link
            ->rows("INSERT INTO docs (message, conversation, at, bytes, start, place) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
            .bind(waiting.message)
            .bind(row.integer(0))
            .bind(at)
            .bind(piece.size())
            .bind(waiting.from)
            .bind(waiting.place)
            .run();
        m_link->rows("INSERT INTO words (rowid, text, author, checkpoint) VALUES (?1, ?2, ?3, ?4)")
            .bind(m_link->lastInsertId())
            .bindUtf8(piece)
            .bind(author)
            .bind(checkpoint)
            .run();
        waiting.from += piece.size();
        waiting.place += QString::fromUtf8(piece).size();
        budget -= piece.size();
    }
    return true;
}

void SearchIndex::takeTitles() {
    for (std::size_t i = 0; i < kTitlesInStep && !m_titles.empty(); ++i) {
        const qint64 id = m_titles.back();
        m_titles.pop_back();
        SqliteRows now = m_link->rows("SELECT title, updated_at FROM history.conversations WHERE id = ?1");
        if (!now.bind(id).next()) {
            continue;
        }
        SqliteRows before = m_link->rows("SELECT title FROM seen WHERE conversation = ?1");
        const bool had = before.bind(id).next();
        if (!had || before.text(0) != now.text(0)) {
            if (had) {
                m_link->rows("INSERT INTO titles (titles, rowid, title) VALUES ('delete', ?1, ?2)")
                    .bind(id)
                    .bind(before.text(0))
                    .run();
            }
            m_link->rows("INSERT INTO titles (rowid, title) VALUES (?1, ?2)").bind(id).bind(now.text(0)).run();
        }
        m_link->rows("INSERT OR REPLACE INTO seen (conversation, updated_at, title) VALUES (?1, ?2, ?3)")
            .bind(id)
            .bind(now.integer(1))
            .bind(now.text(0))
            .run();
    }
}

bool SearchIndex::bringUpToDate(const Cancelled& cancelled) {
    look();
    while (step()) {
        if (cancelled && cancelled()) {
            return false;
        }
    }
    return true;
}

SearchPage SearchIndex::search(const SearchQuery& query, int count, qint64 from, const Cancelled& cancelled) {
    return guarded([&] {
        SearchPage page;
        page.problem = query.problem;
        if (query.empty()) {
            return page;
        }
        m_link->setInterruption(cancelled);
        const auto uninterrupted = qScopeGuard([this] { m_link->setInterruption({}); });
        try {
            SearchHitReader reader(*m_link, query);
            if (from == 0) {
                reader.readTitles(page, query.hasWords() ? kMostTitles : count);
            }
            reader.readMessages(page, count, from);
        } catch (const SqliteFailure& failure) {
            if (!failure.interrupted()) {
                throw;
            }
            return SearchPage();
        }
        page.complete = complete();
        return page;
    });
}

QList<MessageMatch> SearchIndex::find(const QList<qint64>& messages, const TextFinder& wanted, qsizetype most,
                                      const Cancelled& cancelled) {
    return guarded([&] {
        QList<MessageMatch> found;
        HistoryText text(*m_link);
        for (const qint64 message : messages) {
            if (found.size() >= most || (cancelled && cancelled())) {
                break;
            }
            if (!text.open(message)) {
                continue;
            }
            qint64 place = 0;
            for (qint64 from = 0; from < text.size();) {
                QByteArray bytes = text.read(from, kFindBytes);
                if (from + bytes.size() < text.size()) {
                    bytes.truncate(pieceEnd(bytes));
                }
                const QString piece = QString::fromUtf8(bytes);
                const QList<TextRange> ranges = wanted.ranges(piece, most - found.size());
                for (const TextRange& range : ranges) {
                    found << MessageMatch{message, place + range.begin, range.end - range.begin};
                }
                from += bytes.size();
                place += piece.size();
            }
        }
        return found;
    });
}

SearchIndex::Size SearchIndex::size() {
    return guarded([this] {
        m_link->run("PRAGMA main.wal_checkpoint(TRUNCATE)");
        return Size{QFileInfo(searchFile(m_folder)).size(), m_link->integer("SELECT sum(bytes) FROM docs")};
    });
}

}  // namespace alcove
