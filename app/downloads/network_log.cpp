#include "app/downloads/network_log.h"

#include <exception>
#include <stdexcept>

#include <QFile>
#include <QHash>
#include <QList>
#include <nlohmann/json.hpp>

#include "engine/files/bounded_json.h"

namespace alcove {
namespace {

constexpr engine::JsonLimits kLineLimits = {.bytes = 1 << 14, .depth = 2, .values = 50, .text = 1 << 12};

QString logText(const nlohmann::json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? QString::fromStdString(found->get<std::string>()) : QString();
}

class LogReader {
public:
    void read(const QByteArray& line) {
        try {
            const engine::JsonDocument document = engine::parseJsonObject(
                std::string_view(line.constData(), static_cast<std::size_t>(line.size())), kLineLimits,
                [](const engine::Sentence&) { throw std::runtime_error("no line of the log"); });
            const QString id = logText(*document, "request");
            const auto bytes = document->find("bytes");
            if (id.isEmpty()) {
                return;
            }
            if (bytes == document->end()) {
                m_numbers.insert(id, m_requests.size());
                m_requests << NetworkRequest{
                    .at = QDateTime::fromString(logText(*document, "at"), Qt::ISODate),
                    .host = logText(*document, "host"),
                    .file = logText(*document, "file"),
                    .why = logText(*document, "why"),
                };
            } else if (const auto number = m_numbers.constFind(id);
                       number != m_numbers.cend() && bytes->is_number_integer()) {
                m_requests[*number].bytes = bytes->get<qint64>();
                m_requests[*number].ended = true;
            }
        } catch (const std::exception&) {  // half a line, after a power cut
        }
    }

    [[nodiscard]] const QList<NetworkRequest>& requests() const { return m_requests; }

private:
    QHash<QString, qsizetype> m_numbers;
    QList<NetworkRequest> m_requests;
};

}  // namespace

bool readNetworkLog(const QString& file, const std::function<void(const NetworkRequest&)>& each) {
    QFile log(file);
    if (!log.exists()) {
        return true;
    }
    if (!log.open(QIODevice::ReadOnly)) {
        return false;
    }
    LogReader reader;
    while (!log.atEnd()) {
        constexpr qint64 kLongestLine = 1 << 14;
        reader.read(log.readLine(kLongestLine));
    }
    for (const NetworkRequest& request : reader.requests()) {
        each(request);
    }
    return true;
}

QString networkLogFile(const QString& dataFolder) {
    return dataFolder + QStringLiteral("/network-log.jsonl");
}

}  // namespace alcove
