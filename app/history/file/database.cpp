#include "app/history/file/database.h"

#include <algorithm>
#include <atomic>
#include <cstring>

#include <QCoreApplication>
#include <QSqlDriver>
#include <QSqlError>
#include <sqlite3.h>

namespace alcove {
namespace {

QString newConnectionName() {
    static std::atomic<quint64> counter{0};
    return QStringLiteral("alcove-history-%1").arg(++counter);
}

}  // namespace

bool Rows::next() {
    if (m_query->next()) {
        return true;
    }
    if (m_query->lastError().isValid()) {
        throw HistoryError::from(m_query->lastError());
    }
    return false;
}

Database::Database(const QString& path, Mode mode, int busyTimeoutMs)
    : m_connection(newConnectionName()),
      m_database(QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), m_connection)) {
    try {
        QStringList options{QStringLiteral("QSQLITE_BUSY_TIMEOUT=%1").arg(busyTimeoutMs)};
        if (mode == Mode::ReadOnly) {
            options << QStringLiteral("QSQLITE_OPEN_READONLY");
        }
        m_database.setConnectOptions(options.join(QLatin1Char(';')));
        m_database.setDatabaseName(path);
        if (!m_database.open()) {
            throw HistoryError::from(m_database.lastError());
        }
        runOnce(QStringLiteral("PRAGMA trusted_schema=OFF"));
        runOnce(QStringLiteral("PRAGMA temp_store=MEMORY"));  // no content in files elsewhere
        runOnce(QStringLiteral("PRAGMA mmap_size=0"));        // a mapped file that shrinks would end the program
        if (mode == Mode::Exclusive || mode == Mode::ExclusiveReadOnly) {
            runOnce(QStringLiteral("PRAGMA locking_mode=EXCLUSIVE"));
        }
        if (mode == Mode::ReadOnly || mode == Mode::ExclusiveReadOnly) {
            runOnce(QStringLiteral("PRAGMA query_only=ON"));
            if (mode == Mode::ExclusiveReadOnly) {  // open for writing; closing it must not move the log into it
                sqlite3_db_config(handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
            }
            return;
        }
        runOnce(QStringLiteral("PRAGMA journal_mode=WAL"));
        runOnce(QStringLiteral("PRAGMA synchronous=FULL"));
        runOnce(QStringLiteral("PRAGMA foreign_keys=ON"));
        runOnce(QStringLiteral("PRAGMA secure_delete=ON"));
        runOnce(QStringLiteral("PRAGMA journal_size_limit=4194304"));
    } catch (...) {
        m_database.close();
        m_database = QSqlDatabase();
        QSqlDatabase::removeDatabase(m_connection);
        throw;
    }
}

Database::~Database() {
    m_statements.clear();
    m_database.close();
    m_database = QSqlDatabase();
    QSqlDatabase::removeDatabase(m_connection);
}

QSqlQuery& Database::execute(const char* sql, const QVariantList& values) {
    auto& kept = m_statements[std::string_view(sql)];
    if (!kept) {
        auto query = std::make_unique<QSqlQuery>(m_database);
        query->setForwardOnly(true);
        if (!query->prepare(QString::fromLatin1(sql))) {
            throw HistoryError::from(query->lastError());
        }
        kept = std::move(query);
    }
    for (int i = 0; i < values.size(); ++i) {
        kept->bindValue(i, values[i]);
    }
    if (!kept->exec()) {
        const HistoryError error = HistoryError::from(kept->lastError());
        kept->finish();
        throw error;
    }
    return *kept;
}

void Database::run(const char* sql, const QVariantList& values) {
    execute(sql, values).finish();
}

qint64 Database::insert(const char* sql, const QVariantList& values) {
    QSqlQuery& query = execute(sql, values);
    const qint64 id = query.lastInsertId().toLongLong();
    query.finish();
    return id;
}

int Database::change(const char* sql, const QVariantList& values) {
    QSqlQuery& query = execute(sql, values);
    const int changed = query.numRowsAffected();
    query.finish();
    return changed;
}

QVariant Database::value(const char* sql, const QVariantList& values) {
    Rows found(execute(sql, values));
    return found.next() ? found.value(0) : QVariant();
}

Rows Database::rows(const char* sql, const QVariantList& values) {
    return Rows(execute(sql, values));
}

void Database::runOnce(const QString& sql) {
    QSqlQuery query(m_database);
    if (!query.exec(sql)) {
        throw HistoryError::from(query.lastError());
    }
}

// SQLite's own handle, for what Qt has no function for. Qt's driver must use the library that this program is linked
// to.
sqlite3* Database::handle() const {
    const QVariant handle = m_database.driver()->handle();
    QSqlQuery query(m_database);
    const bool sameLibrary = query.exec(QStringLiteral("SELECT sqlite_source_id()")) && query.next() &&
                             query.value(0).toString() == QLatin1String(sqlite3_sourceid());
    if (!handle.isValid() || std::strcmp(handle.typeName(), "sqlite3*") != 0 || !sameLibrary) {
        throw HistoryError(HistoryError::Kind::Other,
                           QCoreApplication::translate("alcove::HistoryStore",
                                                       "Qt's SQLite driver does not fit to the SQLite library of the "
                                                       "system. Install both from one source."));
    }
    return *static_cast<sqlite3* const*>(handle.constData());
}

void Database::load(const QByteArray& image) {
    sqlite3* database = handle();
    auto* copy = static_cast<unsigned char*>(sqlite3_malloc64(static_cast<sqlite3_uint64>(image.size())));
    int result = copy == nullptr ? SQLITE_NOMEM : SQLITE_OK;
    if (copy != nullptr) {
        std::memcpy(copy, image.constData(), static_cast<std::size_t>(image.size()));
        // SQLite frees the copy, also where it fails.
        result = sqlite3_deserialize(database, "main", copy, image.size(), image.size(),
                                     SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_RESIZEABLE);
    }
    if (result != SQLITE_OK) {
        throw HistoryError(
            HistoryError::Kind::Other,
            QCoreApplication::translate("alcove::HistoryStore", "The history could not be read into memory: %1.")
                .arg(QLatin1String(sqlite3_errstr(result))));
    }
    sqlite3_int64 limit = image.size() + (sqlite3_int64{1} << 30);
    sqlite3_file_control(database, "main", SQLITE_FCNTL_SIZE_LIMIT, &limit);
}

bool Database::emptyLog() {
    try {
        return value("PRAGMA wal_checkpoint(TRUNCATE)").toInt() == 0;  // its first column: it was kept from it
    } catch (const HistoryError&) {
        return false;  // what was committed is safe in the log
    }
}

TextColumn::TextColumn(Database& database, const char* table, const char* column)
    : m_database(database.handle()), m_table(table), m_column(column) {
}

TextColumn::~TextColumn() {
    sqlite3_blob_close(m_text);
}

void TextColumn::open(qint64 row) {
    // A text that could not be opened leaves a handle that can only be closed.
    const int result = m_text != nullptr ? sqlite3_blob_reopen(m_text, row)
                                         : sqlite3_blob_open(m_database, "main", m_table, m_column, row, 0, &m_text);
    if (result != SQLITE_OK) {
        fail(result);
    }
}

qint64 TextColumn::size() const {
    return sqlite3_blob_bytes(m_text);
}

QByteArray TextColumn::read(qint64 from, qint64 count) {
    const qint64 length = std::clamp(size() - from, qint64{0}, std::max(count, qint64{0}));
    QByteArray bytes(length, Qt::Uninitialized);
    const int result = length == 0
                           ? SQLITE_OK
                           : sqlite3_blob_read(m_text, bytes.data(), static_cast<int>(length), static_cast<int>(from));
    if (result != SQLITE_OK) {
        fail(result);
    }
    return bytes;
}

void TextColumn::fail(int code) const {
    if (code == SQLITE_ERROR) {  // no such row
        throw HistoryError(
            HistoryError::Kind::NotFound,
            QCoreApplication::translate("alcove::HistoryStore", "This entry is no longer in the history."));
    }
    throw HistoryError::from(
        QSqlError({}, QString::fromUtf8(sqlite3_errmsg(m_database)), QSqlError::StatementError, QString::number(code)));
}

Transaction::Transaction(Database& database) : m_database(&database) {
    database.run("BEGIN IMMEDIATE");
}

Transaction::~Transaction() {
    if (m_open) {
        try {
            m_database->run("ROLLBACK");
        } catch (const HistoryError&) {
            // SQLite has rolled back by itself, as it does when the disk is full.
        }
    }
}

void Transaction::commit() {
    m_database->run("COMMIT");
    m_open = false;
}

UnsyncedCommits::UnsyncedCommits(Database& database) : m_database(&database) {
    database.runOnce(QStringLiteral("PRAGMA synchronous=NORMAL"));
}

UnsyncedCommits::~UnsyncedCommits() {
    try {
        m_database->runOnce(QStringLiteral("PRAGMA synchronous=FULL"));
    } catch (const HistoryError&) {
        // The setting is a flag of the connection: it touches no file and cannot fail on one.
    }
}

QString storableText(const QString& text) {
    QString clean = text.isNull() ? QStringLiteral("") : text;
    for (qsizetype i = 0; i < clean.size(); ++i) {
        const QChar unit = clean.at(i);
        if (unit.isHighSurrogate() && i + 1 < clean.size() && clean.at(i + 1).isLowSurrogate()) {
            ++i;
        } else if (unit.isNull() || unit.isSurrogate()) {
            clean[i] = QChar(QChar::ReplacementCharacter);
        }
    }
    return clean;
}

}  // namespace alcove
