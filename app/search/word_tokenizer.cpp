#include "app/search/word_tokenizer.h"

#include <new>

#include <sqlite3.h>

#include "app/search/search_words.h"

namespace alcove {
namespace {

// There is nothing to keep between two texts: what FTS5 is given is the address of this.
int g_noState = 0;

int createTokenizer(void* /*context*/, const char** /*arguments*/, int /*count*/, Fts5Tokenizer** made) {
    *made = reinterpret_cast<Fts5Tokenizer*>(&g_noState);
    return SQLITE_OK;
}

void deleteTokenizer(Fts5Tokenizer* /*tokenizer*/) {
}

// Offsets are for FTS5's own functions that cut texts; ours are cut by snippet.h, so they are left out.
int tokenize(Fts5Tokenizer* /*tokenizer*/, void* context, int /*flags*/, const char* text, int size,
             int (*take)(void*, int, const char*, int, int, int)) {
    try {
        const QString decoded = QString::fromUtf8(text, size);
        WordReader words(decoded);
        while (words.next()) {
            const QByteArray word = words.folded().toUtf8();
            if (word.isEmpty()) {
                continue;
            }
            if (const int result = take(context, 0, word.constData(), static_cast<int>(word.size()), 0, 0);
                result != SQLITE_OK) {
                return result == SQLITE_DONE ? SQLITE_OK : result;
            }
        }
        return SQLITE_OK;
    } catch (const std::bad_alloc&) {
        return SQLITE_NOMEM;
    }
}

}  // namespace

int addWordTokenizer(sqlite3* database) {
    fts5_api* api = nullptr;
    sqlite3_stmt* statement = nullptr;
    int result = sqlite3_prepare_v2(database, "SELECT fts5(?1)", -1, &statement, nullptr);
    if (result == SQLITE_OK) {
        sqlite3_bind_pointer(statement, 1, static_cast<void*>(&api), "fts5_api_ptr", nullptr);
        sqlite3_step(statement);
        result = sqlite3_finalize(statement);
    }
    if (result != SQLITE_OK || api == nullptr) {
        return result != SQLITE_OK ? result : SQLITE_ERROR;
    }
    fts5_tokenizer functions{createTokenizer, deleteTokenizer, tokenize};
    return api->xCreateTokenizer(api, kWordTokenizer, nullptr, &functions, nullptr);
}

}  // namespace alcove
