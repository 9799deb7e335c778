// Carries a query out on an index and the history beside it.
#pragma once

#include "app/search/search_index.h"

namespace alcove {

// For one search. Throws SqliteFailure.
class SearchHitReader {
public:
    SearchHitReader(SqliteLink& link, const SearchQuery& query) : m_link(link), m_query(query), m_matcher(query) {}

    void readTitles(SearchPage& page, int most);
    void readMessages(SearchPage& page, int count, qint64 from);

private:
    // On history.conversations as "c".
    [[nodiscard]] std::string conversationCondition();
    [[nodiscard]] std::string foldersNamed(const QString& name);
    [[nodiscard]] bool isFew(const std::string& messages);
    bool readMessage(SearchPage& page, HistoryText& text, const SqliteRows& found);

    SqliteLink& m_link;
    const SearchQuery& m_query;
    QueryMatcher m_matcher;
};

}  // namespace alcove
