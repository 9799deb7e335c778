// All requests that Alcove ever made, as alcove-fetch wrote them down (app/fetch/request_log.h).
#pragma once

#include <functional>
#include <optional>

#include <QDateTime>
#include <QString>

namespace alcove {

struct NetworkRequest {
    QDateTime at;
    QString host;
    QString file;        // "ORG/NAME/FILE", or the repository alone
    QString why;         // "listing", "download"
    qint64 bytes = 0;    // that came
    bool ended = false;  // false: it was under way when the program ended; `bytes` is what was noted until then
};

// Calls `each` for every request, in the order in which they were made. Lines that make no sense are passed over. False
// if the file is there and cannot be read.
[[nodiscard]] bool readNetworkLog(const QString& file, const std::function<void(const NetworkRequest&)>& each);

// Where it is in a data folder.
[[nodiscard]] QString networkLogFile(const QString& dataFolder);

}  // namespace alcove
