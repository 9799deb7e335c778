#include "app/search/search_hit_reader.h"

#include <algorithm>

#include "app/search/search_words.h"

namespace alcove {
namespace {

constexpr qint64 kMsPerSecond = 1000;
constexpr qint64 kSchemaWithFolders = 5;
constexpr std::size_t kMostFolders = 500;
constexpr qint64 kFewMessages = 2000;  // that are looked at one by one rather than through the words

qint64 secondsAt(QDate day) {
    return day.startOfDay().toSecsSinceEpoch();
}

QDateTime timeOf(qint64 milliseconds) {
    return QDateTime::fromMSecsSinceEpoch(milliseconds, Qt::UTC);
}

// Whether the words of `wanted` stand at the beginning of words of `text`, one after the other.
bool namedSo(const QString& text, const QString& wanted) {
    SearchQuery query;
    query.terms << SearchTerm{wanted, true, false};
    return !QueryMatcher(query).matches(text, 1).isEmpty();
}

}  // namespace

// The folders of that name and all below them, as a list of ids.
std::string SearchHitReader::foldersNamed(const QString& name) {
    struct FolderName {
        qint64 id;
        qint64 parent;
        bool taken;
    };
    std::vector<FolderName> folders;
    SqliteRows rows =
        m_link.rows("SELECT id, parent_id, name FROM history.folders WHERE deleted_at IS NULL ORDER BY id");
    while (rows.next()) {
        folders.push_back({rows.integer(0), rows.integer(1), namedSo(rows.text(2), name)});
    }
    for (bool more = true; more;) {
        more = false;
        for (FolderName& folder : folders) {
            const bool below =
                !folder.taken && std::any_of(folders.begin(), folders.end(), [&](const FolderName& above) {
                    return above.taken && above.id == folder.parent;
                });
            folder.taken = folder.taken || below;
            more = more || below;
        }
    }
    std::string ids;
    std::size_t count = 0;
    for (const FolderName& folder : folders) {
        if (folder.taken && ++count <= kMostFolders) {
            ids += (ids.empty() ? "" : ",") + std::to_string(folder.id);
        }
    }
    return ids;
}

std::string SearchHitReader::conversationCondition() {
    std::string condition = "c.deleted_at IS NULL";
    const bool folders = m_link.integer("PRAGMA history.user_version") >= kSchemaWithFolders;
    for (const SearchFilter& filter : m_query.filters) {
        std::string wanted;
        if (filter.kind == SearchFilter::Kind::Is && folders) {
            wanted = filter.value == QLatin1String("pinned") ? "c.pinned_at IS NOT NULL" : "c.archived_at IS NOT NULL";
        } else if (filter.kind == SearchFilter::Kind::In && folders) {
            wanted = "ifnull(c.folder_id, 0) IN (" + foldersNamed(filter.value) + ")";
        } else if (filter.kind == SearchFilter::Kind::Is || filter.kind == SearchFilter::Kind::In) {
            wanted = "0";
        } else {
            continue;
        }
        condition += filter.excluded ? " AND NOT (" + wanted + ")" : " AND " + wanted;
    }
    return condition;
}

void SearchHitReader::readTitles(SearchPage& page, int most) {
    // A title was written by nobody in particular.
    if (m_query.has(SearchFilter::Kind::From) || m_query.has(SearchFilter::Kind::By)) {
        return;
    }
    const QByteArray expression = titleExpression(m_query);
    if (expression.isEmpty() && !m_query.terms.isEmpty()) {
        return;  // words that are not wanted, and none that is
    }
    const std::string condition = conversationCondition();
    std::string sql = "SELECT c.id, c.title, c.updated_at FROM history.conversations c WHERE " + condition;
    if (!m_query.before.isNull()) {
        sql += " AND c.updated_at < " + std::to_string(secondsAt(m_query.before) * kMsPerSecond);
    }
    if (!m_query.after.isNull()) {
        sql += " AND c.updated_at >= " + std::to_string(secondsAt(m_query.after) * kMsPerSecond);
    }
    if (!expression.isEmpty()) {
        sql += " AND c.id IN (SELECT rowid FROM titles WHERE titles MATCH ?1)";
    }
    SqliteRows rows = m_link.rowsOnce(sql + " ORDER BY c.updated_at DESC, c.id DESC LIMIT " + std::to_string(most));
    if (!expression.isEmpty()) {
        rows.bindUtf8(expression);
    }
    while (rows.next()) {
        SearchHit hit;
        hit.conversationId = rows.integer(0);
        hit.title = rows.text(1);
        hit.at = timeOf(rows.integer(2));
        hit.snippet = snippetOf(hit.title, m_matcher);
        page.hits << hit;
    }
}

void SearchHitReader::readMessages(SearchPage& page, int count, qint64 from) {
    const QByteArray wanted = messageExpression(m_query);
    const QByteArray excluded = wanted.isEmpty() ? excludedExpression(m_query) : QByteArray();
    if (wanted.isEmpty() && excluded.isEmpty() && m_query.before.isNull() && m_query.after.isNull()) {
        return;  // it asks for conversations alone
    }
    const bool narrowed = m_query.has(SearchFilter::Kind::Is) || m_query.has(SearchFilter::Kind::In);
    const std::string conversations = "SELECT c.id FROM history.conversations c WHERE " +
                                      (narrowed ? conversationCondition() : "c.deleted_at IS NOT NULL");
    const std::string messages =
        "SELECT m.id FROM history.messages m WHERE m.conversation_id IN (" + conversations + ")";
    // Where words are frequent and conversations few, it is the conversations to begin with.
    const bool few = narrowed && !wanted.isEmpty() && isFew(messages);
    std::string sql = "SELECT d.id, d.message, d.bytes, d.start, d.place FROM ";
    sql += wanted.isEmpty() ? "docs d WHERE "
           : few            ? "docs d CROSS JOIN words w ON w.rowid = d.id WHERE words MATCH ?1 AND "
                            : "words w CROSS JOIN docs d ON d.id = w.rowid WHERE words MATCH ?1 AND ";
    const char* const key = wanted.isEmpty() || few ? "d.id" : "w.rowid";
    sql += from > 0 ? std::string(key) + " < " + std::to_string(from) : "1";
    if (!excluded.isEmpty()) {
        sql += " AND d.id NOT IN (SELECT rowid FROM words WHERE words MATCH ?1)";
    }
    sql += few ? " AND d.message IN (" + messages + ")"
               : std::string(" AND d.conversation ") + (narrowed ? "IN (" : "NOT IN (") + conversations + ")";
    if (!m_query.before.isNull()) {
        sql += " AND d.at < " + std::to_string(secondsAt(m_query.before));
    }
    if (!m_query.after.isNull()) {
        sql += " AND d.at >= " + std::to_string(secondsAt(m_query.after));
    }
    SqliteRows rows = m_link.rowsOnce(sql + " ORDER BY " + key + " DESC");
    if (!wanted.isEmpty() || !excluded.isEmpty()) {
        rows.bindUtf8(wanted.isEmpty() ? excluded : wanted);
    }
    HistoryText text(m_link);
    int found = 0;
    while (rows.next()) {
        if (found == count) {
            page.next = rows.integer(0) + 1;
            break;
        }
        found += readMessage(page, text, rows) ? 1 : 0;
    }
}

bool SearchHitReader::isFew(const std::string& messages) {
    SqliteRows row =
        m_link.rowsOnce("SELECT count(*) FROM (" + messages + " LIMIT " + std::to_string(kFewMessages + 1) + ")");
    return row.next() && row.integer(0) <= kFewMessages;
}

// False: the message is gone, or in the bin.
bool SearchHitReader::readMessage(SearchPage& page, HistoryText& text, const SqliteRows& found) {
    const qint64 message = found.integer(1);
    const bool bin = m_link.integer("PRAGMA history.user_version") >= kSchemaWithFolders;
    SqliteRows row =
        m_link.rows(std::string("SELECT m.conversation_id, c.title, m.author, m.created_at FROM history.messages m"
                                " JOIN history.conversations c ON c.id = m.conversation_id WHERE m.id = ?1") +
                    (bin ? " AND m.binned_at IS NULL" : ""));
    if (!row.bind(message).next() || !text.open(message)) {
        return false;
    }
    SearchHit hit;
    hit.messageId = message;
    hit.conversationId = row.integer(0);
    hit.title = row.text(1);
    hit.author = row.text(2) == QLatin1String("user") ? Author::User : Author::Assistant;
    hit.at = timeOf(row.integer(3));
    hit.snippet = snippetOf(QString::fromUtf8(text.read(found.integer(3), found.integer(2))), m_matcher);
    if (hit.snippet.at >= 0) {
        hit.snippet.at += found.integer(4);
    }
    page.hits << hit;
    return true;
}

}  // namespace alcove
