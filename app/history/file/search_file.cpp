#include "app/history/file/search_file.h"

#include <memory>

#include <QFile>
#include <sqlite3.h>

#include "app/history/file/history_files.h"

namespace alcove {
namespace {

constexpr int kIndexTimeoutMs = 3000;

// Not by removing the files: another program that has them open would remove, when it closes, what was made anew.
bool resetInPlace(const QString& path) {
    sqlite3* opened = nullptr;
    const int result = sqlite3_open_v2(path.toUtf8().constData(), &opened, SQLITE_OPEN_READWRITE, nullptr);
    const std::unique_ptr<sqlite3, int (*)(sqlite3*)> database(opened, &sqlite3_close);
    if (result != SQLITE_OK) {
        return false;
    }
    sqlite3_busy_timeout(database.get(), kIndexTimeoutMs);
    sqlite3_db_config(database.get(), SQLITE_DBCONFIG_RESET_DATABASE, 1, nullptr);
    const bool emptied = sqlite3_exec(database.get(), "VACUUM", nullptr, nullptr, nullptr) == SQLITE_OK;
    sqlite3_db_config(database.get(), SQLITE_DBCONFIG_RESET_DATABASE, 0, nullptr);
    return emptied && sqlite3_wal_checkpoint_v2(database.get(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr,
                                                nullptr) == SQLITE_OK;
}

}  // namespace

QString searchFile(const QString& folder) {
    return folder + QStringLiteral("/search.sqlite");
}

bool emptySearchIndex(const QString& folder) {
    const QString path = searchFile(folder);
    if (!QFile::exists(path)) {
        removeDatabase(path);  // what may be left beside it
        return true;
    }
    return resetInPlace(path);
}

}  // namespace alcove
