#include "app/fetch/request_log.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

#include <QDateTime>
#include <QFile>
#include <QRandomGenerator>
#include <nlohmann/json.hpp>

namespace alcove {

RequestLog::~RequestLog() {
    if (m_descriptor >= 0) {
        ::close(m_descriptor);
    }
}

std::optional<FetchFailure> RequestLog::open(const QString& file) {
    constexpr mode_t kOwnerAlone = 0600;
    m_descriptor = ::open(QFile::encodeName(file).constData(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
                          kOwnerAlone);
    if (m_descriptor < 0) {
        return FetchFailure{.kind = FetchFailureKind::NotWritable,
                            .detail = file + QStringLiteral(": ") + QString::fromLocal8Bit(std::strerror(errno))};
    }
    m_run = QByteArray::number(QRandomGenerator::system()->generate64(), 16);
    return std::nullopt;
}

std::optional<qint64> RequestLog::begin(const Request& request) {
    const nlohmann::ordered_json line = {
        {"request", m_run.toStdString() + "-" + std::to_string(m_requests + 1)},
        {"at", QDateTime::currentDateTimeUtc().toString(Qt::ISODate).toStdString()},
        {"host", request.host.toStdString()},
        {"file", request.file.toStdString()},
        {"why", request.why.toStdString()},
    };
    if (!append(QByteArray::fromStdString(line.dump()) + '\n') || ::fdatasync(m_descriptor) != 0) {
        return std::nullopt;
    }
    return ++m_requests;
}

void RequestLog::received(qint64 request, qint64 bytes) {
    const nlohmann::ordered_json line = {{"request", m_run.toStdString() + "-" + std::to_string(request)},
                                         {"bytes", bytes}};
    static_cast<void>(append(QByteArray::fromStdString(line.dump()) + '\n'));
}

bool RequestLog::append(const QByteArray& line) const {
    return ::write(m_descriptor, line.constData(), static_cast<std::size_t>(line.size())) == line.size();
}

}  // namespace alcove
