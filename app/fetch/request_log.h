// The list of all requests that were ever made, which a person can look at (alcove-cli network-log).
#pragma once

#include <optional>

#include <QByteArray>
#include <QString>

#include "app/fetch/messages/failure.h"

namespace alcove {

// Appends lines to a file, which several programs may do at once. A request is in the file, on the disk, before it is
// made; what came of it follows in lines of their own.
class RequestLog {
public:
    RequestLog() = default;
    RequestLog(const RequestLog&) = delete;
    RequestLog& operator=(const RequestLog&) = delete;
    ~RequestLog();

    // Without a list that can be written, nothing is asked.
    [[nodiscard]] std::optional<FetchFailure> open(const QString& file);

    struct Request {
        QString host;
        QString file;  // "ORG/NAME/FILE", or the repository alone
        QString why;   // "listing", "download"
    };
    // The number by which the others name it; none if it could not be written.
    [[nodiscard]] std::optional<qint64> begin(const Request& request);
    // So far; the last line counts.
    void received(qint64 request, qint64 bytes);

private:
    [[nodiscard]] bool append(const QByteArray& line) const;

    int m_descriptor = -1;
    QByteArray m_run;  // tells the requests of this process from those of others
    qint64 m_requests = 0;
};

}  // namespace alcove
