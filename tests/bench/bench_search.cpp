// How quick search is, how large its index, and what it adds to writing a message. By hand, on an idle machine:
//
//     cmake --build build/dev --target make_history bench_search
//     build/dev/tests/bench/make_history FOLDER
//     build/dev/tests/bench/bench_search FOLDER
//
// Of FOLDER, which make_history has filled, the index is built anew.
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <functional>
#include <vector>

#include <QCoreApplication>
#include <QElapsedTimer>
#include <QHash>
#include <QRegularExpression>
#include <QThread>

#include "app/history/file/database.h"
#include "app/history/file/history_files.h"
#include "app/history/file/search_file.h"
#include "app/history/history_store.h"
#include "app/search/search_index.h"
#include "app/search/search_thread.h"

using namespace alcove;

namespace {

constexpr int kPage = 30;
constexpr int kRuns = 7;
constexpr int kMessages = 300;

double milliseconds(const std::function<void()>& action) {
    QElapsedTimer timer;
    timer.start();
    action();
    return static_cast<double>(timer.nsecsElapsed()) / 1e6;
}

// Of the processor: what it would take on a machine that does nothing else.
double processorMs(const std::function<void()>& action) {
    const std::clock_t begin = std::clock();
    action();
    return static_cast<double>(std::clock() - begin) * 1e3 / CLOCKS_PER_SEC;
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

// Words by how often they are written: the most frequent one first.
QStringList wordsByFrequency(const QString& folder) {
    Database database(historyFile(folder), Database::Mode::ReadOnly, 1000);
    QHash<QString, int> counts;
    Rows rows = database.rows("SELECT text FROM messages ORDER BY id LIMIT 20000");
    while (rows.next()) {
        const QStringList words = rows.value(0).toString().remove('.').split(QRegularExpression("\\s+"));
        for (const QString& word : words) {
            ++counts[word];
        }
    }
    QStringList words = counts.keys();
    std::sort(words.begin(), words.end(), [&counts](const QString& a, const QString& b) {
        return counts[a] != counts[b] ? counts[a] > counts[b] : a < b;
    });
    return words;
}

void measureQueries(SearchIndex& index, const QStringList& words) {
    const QString& most = words[0];
    const QString& often = words[100];
    const QString& rare = words[20000];
    const QString phrase = most + ' ' + words[1] + ' ' + words[2];
    const QStringList queries{most,
                              often,
                              rare,
                              most + ' ' + words[1],
                              most + ' ' + rare,
                              '"' + most + ' ' + words[1] + '"',
                              '"' + phrase + '"',
                              often + " -" + most,
                              "sha*",
                              "tra*",
                              "-" + most,
                              most + " from:me by:mobillama-1b",
                              most + " from:me",
                              most + " before:2023-11-16",
                              most + " after:2026-01-01",
                              most + " is:pinned",
                              most + " in:nowhere",
                              QString::fromUtf8("面包"),
                              "xyzzy"};
    double worst = 0;
    for (const QString& query : queries) {
        std::vector<double> times;
        qsizetype hits = 0;
        for (int run = 0; run < kRuns; ++run) {
            times.push_back(
                processorMs([&] { hits = index.search(parseSearch(query, LastWord::BeingTyped), kPage).hits.size(); }));
        }
        worst = std::max(worst, median(times));
        std::printf("  %-34s %6.1f ms, the first time %6.1f; %lld hits\n", qPrintable(query), median(times), times[0],
                    static_cast<long long>(hits));
    }
    std::printf("  the slowest of them %.1f ms\n", worst);
}

double writing(HistoryStore& store, const QString& text, SearchThread* search) {
    std::vector<double> times;
    const qint64 id = store.startConversation(QStringLiteral("bench")).conversationId;
    for (int i = 0; i < kMessages; ++i) {
        times.push_back(milliseconds([&] {
            store.appendMessage(id, Author::User, text);
            if (search != nullptr) {
                search->followHistory();
            }
        }));
        QThread::msleep(2);
    }
    std::sort(times.begin(), times.end());
    std::printf("  %-17s median %.2f ms, 99 %% %.2f ms\n", search != nullptr ? "with search" : "without", median(times),
                times[times.size() * 99 / 100]);
    return median(times);
}

}  // namespace

int main(int argc, char* argv[]) {
    const QCoreApplication application(argc, argv);
    if (argc != 2) {
        std::fputs("usage: bench_search FOLDER\n", stderr);
        return 2;
    }
    const QString folder = QCoreApplication::arguments()[1];
    try {
        HistoryStore store = HistoryStore::open(folder);
        emptySearchIndex(folder);
        SearchIndex index(folder);
        std::vector<double> steps;
        const double building = milliseconds([&] {
            index.look();
            bool more = true;
            while (more) {
                steps.push_back(milliseconds([&] { more = index.step(); }));
            }
        });
        std::sort(steps.begin(), steps.end());
        const SearchIndex::Size size = index.size();
        std::printf("built in %.1f s; a step median %.1f ms, 99 %% %.1f, longest %.1f\n", building / 1000,
                    median(steps), steps[steps.size() * 99 / 100], steps.back());
        std::printf("texts %.1f MB, index %.1f MB: %.2f of it\n", static_cast<double>(size.texts) / 1e6,
                    static_cast<double>(size.file) / 1e6,
                    static_cast<double>(size.file) / static_cast<double>(size.texts));
        std::printf("opened and compared in %.1f ms\n", milliseconds([&] {
                        SearchIndex again(folder);
                        again.bringUpToDate();
                    }));
        std::puts("first page, time of the processor:");
        measureQueries(index, wordsByFrequency(folder));
        std::puts("writing a message:");
        const QString text = QStringLiteral("Some words of a question that somebody may have asked once. ").repeated(4);
        writing(store, text, nullptr);
        SearchThread search(folder, 0);
        writing(store, text, &search);
    } catch (const HistoryError& error) {
        std::fprintf(stderr, "bench_search: %s\n", qPrintable(error.sentence()));
        return 1;
    }
    return 0;
}
