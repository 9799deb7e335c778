// A damaged history and its log: any bytes lead to rows within bounds. The first four bytes of the input say how many
// of the others are the history's; the rest is the log. tests/fuzz/make_history_seed.py made the seeds.
#include <cstdlib>

#include "app/history/file/page_reader.h"
#include "app/history/file/row_tag.h"
#include "tests/fuzz/fuzz_file.h"

using namespace alcove;

namespace {

// At most this many times as much as the input has may come out of it (page_reader.cpp reads nothing more than eight
// times, and of the log both what counts and what does not).
constexpr std::size_t kMostGrowth = 32;
constexpr std::size_t kLargestPage = 65536;

struct RowsSeen {
    std::size_t rows = 0;
    std::size_t units = 0;
    std::size_t tagged = 0;
    bool operator==(const RowsSeen&) const = default;
};

RowsSeen read(const PageReader& reader) {
    RowsSeen seen;
    reader.forEachRow([&seen](const RecoveredRow& row) {
        ++seen.rows;
        if (row.columns.size() > row.types.size() || row.types.size() > 64) {
            std::abort();
        }
        for (const QVariant& column : row.columns) {
            seen.units += static_cast<std::size_t>(column.toString().size());
        }
        for (const RowTag& tag : {kConversationTag, kMessageTag, kReplyTag, kDraftTag}) {
            seen.tagged += hasTag(row, tag) ? 1 : 0;
        }
    });
    return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const fuzz::FuzzFile history;
    static const fuzz::FuzzFile log;
    static const fuzz::FuzzFolder folder({{"history.sqlite", &history}, {"history.sqlite-wal", &log}});
    constexpr std::size_t kLength = 4;
    if (size < kLength) {
        return 0;
    }
    const std::size_t bytes = size - kLength;
    const std::size_t wanted = data[0] | (data[1] << 8) | (data[2] << 16) | (std::size_t{data[3]} << 24);
    const std::size_t first = wanted > bytes ? wanted % (bytes + 1) : wanted;
    history.write(data + kLength, first);
    log.write(data + kLength + first, bytes - first);

    const PageReader reader(QString::fromStdString((folder.path() / "history.sqlite").string()));
    const RowsSeen seen = read(reader);
    if (seen.units > kMostGrowth * (bytes + kLargestPage) || seen.tagged > seen.rows || !(read(reader) == seen) ||
        static_cast<std::size_t>(reader.image().size()) > bytes) {
        std::abort();
    }
    return 0;
}
