// One SQLite connection: opened with Alcove's settings, statements kept prepared, errors thrown.
#pragma once

#include <memory>
#include <string_view>
#include <unordered_map>

#include <QSqlDatabase>
#include <QSqlQuery>
#include <QVariant>

#include "app/history/file/history_error.h"

struct sqlite3;
struct sqlite3_blob;

namespace alcove {

// Rows of a running statement; the statement is reset, and its read lock released, when this goes.
class Rows {
public:
    explicit Rows(QSqlQuery& query) : m_query(&query) {}
    Rows(const Rows&) = delete;
    Rows& operator=(const Rows&) = delete;
    ~Rows() { m_query->finish(); }

    // False after the last row. Throws HistoryError where reading fails.
    bool next();
    [[nodiscard]] QVariant value(int column) const { return m_query->value(column); }

private:
    QSqlQuery* m_query;
};

// Used on the thread that opened it.
class Database {
public:
    enum class Mode {
        ReadWrite,
        ReadOnly,
        // As the other two, but no other connection can have the database open, in this program or another one: that
        // needs no memory shared with them. Throws HistoryError of kind Busy where one has.
        Exclusive,
        ExclusiveReadOnly,
    };

    // ":memory:" is a private database without a file. ReadWrite makes the file if it is missing and sets WAL,
    // synchronous=FULL (a commit survives a power cut), foreign keys and secure_delete (what is deleted is
    // overwritten; recovery relies on it too: no page keeps rows that are gone). Throws HistoryError.
    Database(const QString& path, Mode mode, int busyTimeoutMs);
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;
    ~Database();

    // `sql` is a literal: its statement is prepared once and kept. All throw HistoryError.
    void run(const char* sql, const QVariantList& values = {});                      // result ignored
    qint64 insert(const char* sql, const QVariantList& values);                      // the new row's id
    int change(const char* sql, const QVariantList& values);                         // number of rows changed
    [[nodiscard]] QVariant value(const char* sql, const QVariantList& values = {});  // first column of first row
    [[nodiscard]] Rows rows(const char* sql, const QVariantList& values = {});

    // Text made at run time or run once: not kept.
    void runOnce(const QString& sql);

    // Puts a copy of `image`, the bytes of a database file, in the place of a database in memory.
    void load(const QByteArray& image);
    // Committed pages go from the log into the file, and the log is emptied: nothing that was deleted or changed stays
    // in it. False where another connection still reads from it or the disk fails: that waits until the last
    // connection closes.
    bool emptyLog();

private:
    friend class TextColumn;
    QSqlQuery& execute(const char* sql, const QVariantList& values);
    [[nodiscard]] sqlite3* handle() const;

    QString m_connection;
    QSqlDatabase m_database;
    std::unordered_map<std::string_view, std::unique_ptr<QSqlQuery>> m_statements;
};

// The texts of one column, read in pieces: what is not asked for is not read. While it lives, a text is open and holds
// the read lock.
class TextColumn {
public:
    // Literals.
    TextColumn(Database& database, const char* table, const char* column);
    TextColumn(const TextColumn&) = delete;
    TextColumn& operator=(const TextColumn&) = delete;
    ~TextColumn();

    void open(qint64 row);  // throws HistoryError, of kind NotFound where there is no such row
    // Of the open text, in bytes of UTF-8.
    [[nodiscard]] qint64 size() const;
    // At most `count` bytes from `from` on. Throws HistoryError.
    [[nodiscard]] QByteArray read(qint64 from, qint64 count);

private:
    [[noreturn]] void fail(int code) const;

    sqlite3* m_database;
    const char* m_table;
    const char* m_column;
    sqlite3_blob* m_text = nullptr;
};

// BEGIN IMMEDIATE … COMMIT; rolled back if it goes without commit().
class Transaction {
public:
    explicit Transaction(Database& database);
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    ~Transaction();
    void commit();

private:
    Database* m_database;
    bool m_open = true;
};

// While it lives, commits do not wait for the disk. They survive the program's death, not a power cut. For
// what is saved again soon: a growing reply, a draft.
class UnsyncedCommits {
public:
    explicit UnsyncedCommits(Database& database);
    UnsyncedCommits(const UnsyncedCommits&) = delete;
    UnsyncedCommits& operator=(const UnsyncedCommits&) = delete;
    ~UnsyncedCommits();

private:
    Database* m_database;
};

// `text` as SQLite can hold it and give it back: U+FFFD for NUL and for halves of surrogate pairs; never null.
[[nodiscard]] QString storableText(const QString& text);

}  // namespace alcove
