// What alcove-fetch is told and tells: one JSON object a line, on its standard input and output.
//
// It is started for a download and ends when its input does: closing the pipe is how a download is paused or cancelled.
// What was fetched until then stays beside its place as NAME.part and is not fetched again.
#pragma once

#include <optional>
#include <variant>

#include <QByteArray>
#include <QList>
#include <QString>

#include "app/digest/content_hash.h"
#include "app/fetch/messages/failure.h"

namespace alcove {

inline constexpr qsizetype kLongestCommand = 1 << 16;
inline constexpr qsizetype kLongestEvent = 8 << 20;  // a listing; any other is short
inline constexpr qsizetype kMostListedFiles = 10'000;

// When it is given up, and how long is waited; what a test makes short.
struct FetchLimits {
    int attempts = 6;             // in a row that brought nothing
    int backoffMs = 1000;         // after the first of them; twice as long after each further one, up to a minute
    int longestWaitMs = 120'000;  // that a server may ask for
    int stallMs = 30'000;         // without a byte
    int trickleMs = 60'000;       // in which at least trickleBytes must come
    qint64 trickleBytes = 60 << 10;

    friend bool operator==(const FetchLimits&, const FetchLimits&) = default;
};

// The first command, once.
struct FetchConfiguration {
    QString base;                              // "https://huggingface.co"
    QString token = {};                        // access token, for the host of `base` alone; empty: none
    QString proxy = QStringLiteral("system");  // or "none", or an address: http://host:port, socks5://host:port
    QString log;                               // the file that gets a line for every request, before it is made
    FetchLimits limits = {};

    friend bool operator==(const FetchConfiguration&, const FetchConfiguration&) = default;
};

struct FetchList {
    QString repository;  // "ORG/NAME"
    QString revision;    // a branch, tag or commit

    friend bool operator==(const FetchList&, const FetchList&) = default;
};

struct FetchFile {
    qint64 id = 0;  // of the events about it; above 0
    QString repository;
    QString revision;
    QString name;    // in the repository
    QString target;  // absolute path of the file; its folder is there
    ContentIdentity content;

    friend bool operator==(const FetchFile&, const FetchFile&) = default;
};

using FetchCommand = std::variant<FetchConfiguration, FetchList, FetchFile>;

struct ListedFile {
    QString name;  // relative, with "/" between folders; checked
    ContentIdentity content;

    friend bool operator==(const ListedFile&, const ListedFile&) = default;
};

struct FetchListing {
    QString commit;  // that the revision stands for; empty if the server does not say
    QList<ListedFile> files;

    friend bool operator==(const FetchListing&, const FetchListing&) = default;
};

struct FetchRedirected {  // to another host
    qint64 id = 0;
    QString host;

    friend bool operator==(const FetchRedirected&, const FetchRedirected&) = default;
};

struct FetchProgress {
    qint64 id = 0;
    qint64 bytes = 0;    // of the file that are on the disk
    qint64 fetched = 0;  // of these by this alcove-fetch

    friend bool operator==(const FetchProgress&, const FetchProgress&) = default;
};

struct FetchWaiting {  // until it is tried again
    qint64 id = 0;
    qint64 milliseconds = 0;
    FetchFailure failure;

    friend bool operator==(const FetchWaiting&, const FetchWaiting&) = default;
};

struct FetchDone {  // the file is complete, verified, and in its place
    qint64 id = 0;

    friend bool operator==(const FetchDone&, const FetchDone&) = default;
};

struct FetchFailed {
    qint64 id = 0;  // 0: the listing, or all
    FetchFailure failure;

    friend bool operator==(const FetchFailed&, const FetchFailed&) = default;
};

using FetchEvent = std::variant<FetchListing, FetchRedirected, FetchProgress, FetchWaiting, FetchDone, FetchFailed>;

// One line, with its end.
[[nodiscard]] QByteArray lineOf(const FetchCommand& command);
[[nodiscard]] QByteArray lineOf(const FetchEvent& event);

// None if the line is anything else. Never throws.
[[nodiscard]] std::optional<FetchCommand> commandIn(QByteArrayView line);
[[nodiscard]] std::optional<FetchEvent> eventIn(QByteArrayView line);

}  // namespace alcove
