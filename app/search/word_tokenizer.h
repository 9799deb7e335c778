// Lets FTS5 split texts and queries into the words of search_words.h.
#pragma once

struct sqlite3;

namespace alcove {

constexpr const char* kWordTokenizer = "alcove";  // its name in CREATE VIRTUAL TABLE

// For a connection, before its first statement on an index. Returns a result code of SQLite.
[[nodiscard]] int addWordTokenizer(sqlite3* database);

}  // namespace alcove
