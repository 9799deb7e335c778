#include "app/search/sqlite_link.h"

#include <algorithm>
#include <utility>

#include <QCoreApplication>
#include <QUrl>
#include <sqlite3.h>

#include "app/search/word_tokenizer.h"

namespace alcove {
namespace {

struct SearchText {
    Q_DECLARE_TR_FUNCTIONS(alcove::SearchIndex)
};

constexpr int kStepsBetweenQuestions = 2000;  // of SQLite's machine: well below a millisecond

int primary(int code) {
    return code & 0xff;
}

}  // namespace

bool SqliteFailure::damaged() const noexcept {
    const int code = primary(m_code);
    return code == SQLITE_CORRUPT || code == SQLITE_NOTADB || code == SQLITE_ERROR || code == SQLITE_SCHEMA ||
           code == SQLITE_CONSTRAINT || code == SQLITE_MISMATCH;
}

bool SqliteFailure::interrupted() const noexcept {
    return primary(m_code) == SQLITE_INTERRUPT;
}

HistoryError SqliteFailure::asError() const {
    switch (primary(m_code)) {
        case SQLITE_FULL:
            return {HistoryError::Kind::NoSpace,
                    SearchText::tr("There is no space left for the search index. Free some disk space and try again.")};
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return {HistoryError::Kind::Busy,
                    SearchText::tr("The history is in use by another program, so it cannot be searched right now. Try "
                                   "again in a moment.")};
        case SQLITE_READONLY:
        case SQLITE_CANTOPEN:
            return {HistoryError::Kind::ReadOnly,
                    SearchText::tr("The search index could not be opened (%1).").arg(QString::fromUtf8(what()))};
        default:
            return {
                HistoryError::Kind::Other,
                SearchText::tr("The search index could not be read or written (%1).").arg(QString::fromUtf8(what()))};
    }
}

SqliteRows::~SqliteRows() {
    if (m_kept == Kept::Yes) {
        sqlite3_reset(m_statement);
        sqlite3_clear_bindings(m_statement);
    } else {
        sqlite3_finalize(m_statement);
    }
}

SqliteRows& SqliteRows::bind(qint64 value) {
    sqlite3_bind_int64(m_statement, ++m_bound, value);
    return *this;
}

SqliteRows& SqliteRows::bind(const QString& text) {
    return bindUtf8(text.toUtf8());
}

SqliteRows& SqliteRows::bindUtf8(const QByteArray& text) {
    // A null pointer would bind NULL.
    const char* bytes = text.isNull() ? "" : text.constData();
    sqlite3_bind_text(m_statement, ++m_bound, bytes, static_cast<int>(text.size()), SQLITE_TRANSIENT);
    return *this;
}

bool SqliteRows::next() {
    const int result = sqlite3_step(m_statement);
    if (result != SQLITE_ROW && result != SQLITE_DONE) {
        throw SqliteFailure(result, sqlite3_errmsg(sqlite3_db_handle(m_statement)));
    }
    return result == SQLITE_ROW;
}

void SqliteRows::run() {
    while (next()) {
    }
}

qint64 SqliteRows::integer(int column) const {
    return sqlite3_column_int64(m_statement, column);
}

bool SqliteRows::isNull(int column) const {
    return sqlite3_column_type(m_statement, column) == SQLITE_NULL;
}

QString SqliteRows::text(int column) const {
    const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(m_statement, column));
    return QString::fromUtf8(bytes, sqlite3_column_bytes(m_statement, column));
}

SqliteLink::SqliteLink(const QString& index, const QString& history, int busyTimeoutMs) {
    const int opened = sqlite3_open_v2(index.toUtf8().constData(), &m_database,
                                       SQLITE_OPEN_READWRITE | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, nullptr);
    try {
        if (opened != SQLITE_OK) {
            fail(opened);
        }
        sqlite3_extended_result_codes(m_database, 1);
        sqlite3_busy_timeout(m_database, busyTimeoutMs);
        for (const char* sql : {"PRAGMA trusted_schema=OFF", "PRAGMA temp_store=MEMORY", "PRAGMA mmap_size=0"}) {
            run(sql);
        }
        if (const int added = addWordTokenizer(m_database); added != SQLITE_OK) {
            fail(added);
        }
        // What is lost in a power cut is indexed again.
        run("PRAGMA main.journal_mode=WAL");
        run("PRAGMA main.synchronous=NORMAL");
        run("PRAGMA main.journal_size_limit=4194304");
        const QByteArray uri = "file:" + QUrl::toPercentEncoding(history, "/") + "?mode=ro";
        rows("ATTACH ?1 AS history").bindUtf8(uri).run();
    } catch (...) {
        for (const auto& [sql, statement] : m_statements) {
            sqlite3_finalize(statement);
        }
        sqlite3_close_v2(m_database);
        throw;
    }
}

SqliteLink::~SqliteLink() {
    for (const auto& [sql, statement] : m_statements) {
        sqlite3_finalize(statement);
    }
    sqlite3_close_v2(m_database);
}

void SqliteLink::fail(int code) const {
    throw SqliteFailure(code, m_database != nullptr ? sqlite3_errmsg(m_database) : sqlite3_errstr(code));
}

void SqliteLink::run(const char* sql) {
    if (const int result = sqlite3_exec(m_database, sql, nullptr, nullptr, nullptr); result != SQLITE_OK) {
        fail(result);
    }
}

sqlite3_stmt* SqliteLink::prepared(const std::string& sql, unsigned flags) const {
    sqlite3_stmt* statement = nullptr;
    if (const int result =
            sqlite3_prepare_v3(m_database, sql.c_str(), static_cast<int>(sql.size()), flags, &statement, nullptr);
        result != SQLITE_OK) {
        fail(result);
    }
    return statement;
}

SqliteRows SqliteLink::rows(const std::string& sql) {
    auto kept = m_statements.find(sql);
    if (kept == m_statements.end()) {
        kept = m_statements.emplace(sql, prepared(sql, SQLITE_PREPARE_PERSISTENT)).first;
    }
    return {kept->second, SqliteRows::Kept::Yes};
}

SqliteRows SqliteLink::rowsOnce(const std::string& sql) {
    return {prepared(sql, 0), SqliteRows::Kept::No};
}

qint64 SqliteLink::integer(const char* sql) {
    SqliteRows row = rows(sql);
    return row.next() ? row.integer(0) : 0;
}

qint64 SqliteLink::lastInsertId() const {
    return sqlite3_last_insert_rowid(m_database);
}

void SqliteLink::setInterruption(std::function<bool()> wanted) {
    m_interruption = std::move(wanted);
    sqlite3_progress_handler(m_database, m_interruption ? kStepsBetweenQuestions : 0,
                             m_interruption ? interruptionWanted : nullptr, this);
}

int SqliteLink::interruptionWanted(void* link) {
    return static_cast<SqliteLink*>(link)->m_interruption() ? 1 : 0;
}

HistoryText::~HistoryText() {
    sqlite3_blob_close(m_text);
}

bool HistoryText::open(qint64 message) {
    const int result = m_text != nullptr
                           ? sqlite3_blob_reopen(m_text, message)
                           : sqlite3_blob_open(m_link.m_database, "history", "messages", "text", message, 0, &m_text);
    if (result == SQLITE_OK) {
        return true;
    }
    // A handle that found no row can only be closed.
    sqlite3_blob_close(std::exchange(m_text, nullptr));
    if (primary(result) != SQLITE_ERROR) {
        m_link.fail(result);
    }
    return false;
}

qint64 HistoryText::size() const {
    return m_text == nullptr ? 0 : sqlite3_blob_bytes(m_text);
}

QByteArray HistoryText::read(qint64 from, qint64 count) const {
    const qint64 length = std::clamp(size() - from, qint64{0}, std::max(count, qint64{0}));
    QByteArray bytes(length, Qt::Uninitialized);
    if (length > 0) {
        if (const int result =
                sqlite3_blob_read(m_text, bytes.data(), static_cast<int>(length), static_cast<int>(from));
            result != SQLITE_OK) {
            m_link.fail(result);
        }
    }
    return bytes;
}

}  // namespace alcove
