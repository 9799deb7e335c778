// A connection to the search index, with the history attached for reading: statements kept prepared, errors thrown.
//
// SQLite's own interface, not Qt's: search needs FTS5's tokenizers, a way to interrupt a query, and values of millions
// of rows without a QVariant for each.
#pragma once

#include <functional>
#include <stdexcept>
#include <string>
#include <unordered_map>

#include <QString>

#include "app/history/file/history_error.h"

struct sqlite3;
struct sqlite3_blob;
struct sqlite3_stmt;

namespace alcove {

// What SQLite did not do. Within app/search; what leaves it is a HistoryError.
class SqliteFailure : public std::runtime_error {
public:
    SqliteFailure(int code, const char* message) : std::runtime_error(message), m_code(code) {}
    [[nodiscard]] int code() const noexcept { return m_code; }  // of SQLite
    [[nodiscard]] bool damaged() const noexcept;                // the file is to be built anew
    [[nodiscard]] bool interrupted() const noexcept;
    [[nodiscard]] HistoryError asError() const;

private:
    int m_code;
};

// A running statement. It is reset, and its read lock released, when this goes.
class SqliteRows {
public:
    enum class Kept { Yes, No };
    SqliteRows(sqlite3_stmt* statement, Kept kept) : m_statement(statement), m_kept(kept) {}
    SqliteRows(const SqliteRows&) = delete;
    SqliteRows& operator=(const SqliteRows&) = delete;
    ~SqliteRows();

    SqliteRows& bind(qint64 value);  // the next parameter; so the others
    SqliteRows& bind(const QString& text);
    SqliteRows& bindUtf8(const QByteArray& text);

    bool next();  // false after the last row
    void run();   // next() for what returns none

    [[nodiscard]] qint64 integer(int column) const;
    [[nodiscard]] bool isNull(int column) const;
    [[nodiscard]] QString text(int column) const;

private:
    sqlite3_stmt* m_statement;
    Kept m_kept;
    int m_bound = 0;
};

// Used on the thread that opened it. All throw SqliteFailure.
class SqliteLink {
public:
    // Opens `index`, which is there, and attaches `history` for reading as "history".
    SqliteLink(const QString& index, const QString& history, int busyTimeoutMs);
    SqliteLink(const SqliteLink&) = delete;
    SqliteLink& operator=(const SqliteLink&) = delete;
    ~SqliteLink();

    void run(const char* sql);
    // `sql` is prepared once and kept.
    [[nodiscard]] SqliteRows rows(const std::string& sql);
    [[nodiscard]] SqliteRows rowsOnce(const std::string& sql);  // it is not kept
    [[nodiscard]] qint64 integer(const char* sql);              // first column of the first row; 0 if there is none
    [[nodiscard]] qint64 lastInsertId() const;

    // Asked now and then while a statement runs; true ends it with a failure that is interrupted().
    void setInterruption(std::function<bool()> wanted);

private:
    friend class HistoryText;
    [[noreturn]] void fail(int code) const;
    [[nodiscard]] sqlite3_stmt* prepared(const std::string& sql, unsigned flags) const;
    static int interruptionWanted(void* link);

    sqlite3* m_database = nullptr;
    std::unordered_map<std::string, sqlite3_stmt*> m_statements;
    std::function<bool()> m_interruption;
};

// The text of a message of the history, read in pieces.
class HistoryText {
public:
    explicit HistoryText(const SqliteLink& link) : m_link(link) {}
    HistoryText(const HistoryText&) = delete;
    HistoryText& operator=(const HistoryText&) = delete;
    ~HistoryText();

    bool open(qint64 message);          // false: there is no such message
    [[nodiscard]] qint64 size() const;  // bytes of UTF-8
    [[nodiscard]] QByteArray read(qint64 from, qint64 count) const;

private:
    const SqliteLink& m_link;
    sqlite3_blob* m_text = nullptr;
};

}  // namespace alcove
