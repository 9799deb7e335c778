// Writes a history of many conversations, for measuring. By hand:
//
//     cmake --build build/dev --target make_history
//     build/dev/tests/bench/make_history FOLDER [CONVERSATIONS [MESSAGES]]
//
// The same numbers give the same history: words drawn as often as those of a language are (Zipf's law), questions of a
// line and replies of a few, one conversation of 5,000 messages. 10,000 conversations and 200,000 messages if not said.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <random>
#include <string>
#include <unordered_set>
#include <vector>

#include <QCoreApplication>

#include "app/history/file/database.h"
#include "app/history/file/history_files.h"
#include "app/history/file/migrations.h"
#include "app/history/history_store.h"

using namespace alcove;

namespace {

constexpr int kConversations = 10000;
constexpr int kMessages = 200000;
constexpr int kLongest = 5000;
constexpr std::size_t kWords = 40000;
constexpr std::size_t kShortWords = 600;  // of one syllable
constexpr std::size_t kLongestWord = 3;   // syllables after the first
constexpr qint64 kStart = 1700000000000;  // the first conversation, in ms since 1970
constexpr qint64 kMinute = 60000;

class Writer {
public:
    Writer() {
        const std::vector<std::string> consonants{"b", "c", "d", "f", "g", "h",  "j",  "k",  "l",  "m",  "n", "p",
                                                  "r", "s", "t", "v", "w", "st", "tr", "pl", "ch", "sh", "th"};
        const std::vector<std::string> vowels{"a", "e", "i", "o", "u", "ea", "ou", "ai"};
        const std::vector<std::string> ends{"", "", "n", "s", "r", "t", "d", "ing", "ed"};
        const auto any = [this](const std::vector<std::string>& of) { return of[below(of.size())]; };
        std::unordered_set<std::string> known;
        while (m_words.size() < kWords) {
            std::string word;
            const std::size_t syllables = 1 + below(1 + std::min(m_words.size() / kShortWords, kLongestWord));
            for (std::size_t i = 0; i < syllables; ++i) {
                word += any(consonants) + any(vowels);
            }
            word += any(ends);
            if (known.insert(word).second) {
                m_words.push_back(word);
            }
        }
        double sum = 0;
        for (std::size_t rank = 0; rank < kWords; ++rank) {
            constexpr double kShift = 2.7;
            m_upTo.push_back(sum += 1 / (static_cast<double>(rank) + kShift));
        }
    }

    std::size_t below(std::size_t end) { return m_random() % end; }

    QString text(std::size_t words) {
        std::string text;
        for (std::size_t i = 0; i < words; ++i) {
            const double draw =
                static_cast<double>(m_random()) / static_cast<double>(std::mt19937::max()) * m_upTo.back();
            const auto at = std::lower_bound(m_upTo.begin(), m_upTo.end(), draw);
            text += m_words[static_cast<std::size_t>(std::min(at - m_upTo.begin(), std::ptrdiff_t{kWords - 1}))];
            text += below(12) == 0 ? (below(6) == 0 ? ".\n\n" : ". ") : " ";
        }
        return QString::fromStdString(text).trimmed();
    }

private:
    std::mt19937 m_random{20261129};
    std::vector<std::string> m_words;
    std::vector<double> m_upTo;
};

void writeHistory(Database& database, int conversations, int messages) {
    Writer writer;
    const bool tree = schemaVersion(database) > 4;
    Transaction transaction(database);
    qint64 at = kStart;
    int left = messages;
    for (int i = 0; i < conversations; ++i) {
        const int rest = conversations - i;
        int count = rest == 1                ? left
                    : i == conversations / 2 ? kLongest
                                             : (left - (i < conversations / 2 ? kLongest : 0)) / rest;
        count = std::clamp(count, 2, left);
        left -= count;
        at += 10 * kMinute;
        const qint64 id = database.insert("INSERT INTO conversations (title, created_at, updated_at) VALUES (?, ?, ?)",
                                          {writer.text(2 + writer.below(5)).simplified(), at, at});
        qint64 parent = 0;
        for (int k = 0; k < count; ++k) {
            const bool question = k % 2 == 0;
            at += static_cast<qint64>(1 + writer.below(40)) * 1000;
            const qint64 message = database.insert(
                "INSERT INTO messages (conversation_id, author, text, status, created_at) VALUES (?, ?, ?, 'complete', "
                "?)",
                {id, question ? "user" : "assistant",
                 writer.text(question ? 4 + writer.below(36) : 30 + writer.below(170)), at});
            if (!question) {
                database.run(
                    "INSERT INTO replies (message_id, checkpoint_name, checkpoint_path, device, sampling)"
                    " VALUES (?, ?, '/models/x', 'cpu', '{}')",
                    {message, i % 3 == 0 ? "MobiLlama-1B-Chat" : "MobiLlama-05B-Chat"});
            }
            if (tree) {
                database.run("UPDATE messages SET parent_id = ? WHERE id = ?",
                             {parent == 0 ? QVariant() : QVariant(parent), message});
            }
            parent = message;
        }
        database.run("UPDATE conversations SET updated_at = ? WHERE id = ?", {at, id});
        if (tree) {
            database.run("UPDATE conversations SET leaf_id = ? WHERE id = ?", {parent, id});
        }
    }
    transaction.commit();
}

}  // namespace

int main(int argc, char* argv[]) {
    const QCoreApplication application(argc, argv);
    const QStringList arguments = QCoreApplication::arguments();
    if (arguments.size() < 2) {
        std::fputs("usage: make_history FOLDER [CONVERSATIONS [MESSAGES]]\n", stderr);
        return 2;
    }
    const int conversations = arguments.value(2, QString::number(kConversations)).toInt();
    const int messages = arguments.value(3, QString::number(kMessages)).toInt();
    if (conversations < 1 || messages < 2 * conversations) {
        std::fputs("make_history: a conversation has at least two messages\n", stderr);
        return 2;
    }
    try {
        const HistoryStore store = HistoryStore::open(arguments[1]);
        if (!store.persists()) {
            std::fprintf(stderr, "make_history: %s\n", qPrintable(store.report().sentence));
            return 1;
        }
        Database database(historyFile(arguments[1]), Database::Mode::ReadWrite, 1000);
        writeHistory(database, conversations, messages);
    } catch (const HistoryError& error) {
        std::fprintf(stderr, "make_history: %s\n", qPrintable(error.sentence()));
        return 1;
    }
    return 0;
}
