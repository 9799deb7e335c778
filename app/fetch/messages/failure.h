// Why alcove-fetch did not fetch something: a value; the sentence for people is made from it elsewhere
// (app/downloads/failure_text.h).
#pragma once

#include <QByteArray>
#include <QString>

namespace alcove {

enum class FetchFailureKind {
    NotFound,          // 404: no such repository, revision or file, or a private one
    Gated,             // 401: the repository wants an access token, or is missing or private
    Refused,           // 403: the token, or nobody, may read it
    TooManyRequests,   // 429: `seconds` until it may be tried again, 0 if it was not said
    ServerError,       // 5xx: `status`
    UnexpectedAnswer,  // any other status, or an answer that does not fit the question
    Unreachable,       // no such host, nothing listens, no network
    Proxy,             // the proxy cannot be used
    Tls,               // the connection is not to be trusted: `detail`
    Interrupted,       // the connection ended early
    Stalled,           // nothing came for long, or too little
    RedirectLoop,      // too many redirects
    InsecureAddress,   // an address, or a redirect to one, that is neither HTTPS nor on this machine
    ForeignHost,       // a redirect to another host where only the hub's own answer counts: `host`
    UnsafeListing,     // a listing with names that lead elsewhere or contradict each other: `detail`
    ListingTooLarge,   // too many files, or names that are too long
    WrongSize,         // `expected` and `found` bytes
    WrongHash,         // the content is not what it should be, twice
    DiskFull,          // `expected` bytes are needed and `found` are free
    NotWritable,       // the system refuses to write: `detail`
    Busy,              // another program is downloading the same file
    BadRequest,        // alcove-fetch was asked for something it does not do
    Ended,             // alcove-fetch ended by itself
};

struct FetchFailure {
    FetchFailureKind kind = FetchFailureKind::BadRequest;
    QString host = {};  // "huggingface.co", "127.0.0.1:8080"
    int status = 0;     // of HTTP; 0: there was no answer
    qint64 seconds = 0;
    qint64 expected = 0;
    qint64 found = 0;
    QString detail = {};  // what the system or a library says, or what is at fault; made fit for a sentence

    friend bool operator==(const FetchFailure&, const FetchFailure&) = default;
};

// "not_found" …; for the pipe and for `--json`.
[[nodiscard]] const char* failureName(FetchFailureKind kind);
// BadRequest for any other name.
[[nodiscard]] FetchFailureKind failureNamed(const QByteArray& name);

}  // namespace alcove
