#include "app/fetch/http_answer.h"

#include <algorithm>

namespace alcove {
namespace {

constexpr qsizetype kMostFields = 200;
constexpr qsizetype kLongestChunkLine = 1000;

// Of a header's name: what HTTP calls a token.
bool isHeaderName(QByteArrayView text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || QByteArrayView("!#$%&'*+-.^_`|~").contains(c);
    });
}

std::optional<int> statusIn(const QByteArray& line) {
    constexpr qsizetype kStatusAt = 9;
    constexpr qsizetype kDigits = 3;
    if (!line.startsWith("HTTP/1.") || line.size() < kStatusAt + kDigits || line[kStatusAt - 1] != ' ') {
        return std::nullopt;
    }
    bool ok = false;
    const int status = line.mid(kStatusAt, kDigits).toInt(&ok);
    constexpr int kLeast = 100;
    return ok && status >= kLeast ? std::make_optional(status) : std::nullopt;
}

std::optional<qint64> lengthIn(const QByteArray& text) {
    const bool digits =
        !text.isEmpty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
    bool ok = false;
    const qint64 length = text.toLongLong(&ok);
    return digits && ok ? std::make_optional(length) : std::nullopt;
}

}  // namespace

std::optional<HttpHead> HttpHead::read(const QByteArray& text) {
    HttpHead head;
    QList<QByteArray> lines = text.split('\n');
    const std::optional<int> status = statusIn(lines.takeFirst().trimmed());
    if (!status || lines.size() > kMostFields) {
        return std::nullopt;
    }
    head.m_status = *status;
    for (const QByteArray& line : lines) {
        const qsizetype colon = line.indexOf(':');
        Field field{line.left(std::max<qsizetype>(colon, 0)).toLower(), line.mid(colon + 1).trimmed()};
        if (!isHeaderName(field.name)) {
            return std::nullopt;
        }
        if (field.name == "content-length") {
            const std::optional<qint64> length = lengthIn(field.value);
            if (!length || (head.m_length >= 0 && head.m_length != *length)) {
                return std::nullopt;
            }
            head.m_length = *length;
        } else if (field.name == "transfer-encoding") {
            if (head.m_chunked || field.value.toLower() != "chunked") {
                return std::nullopt;
            }
            head.m_chunked = true;
        }
        head.m_fields << std::move(field);
    }
    return head.m_chunked && head.m_length >= 0 ? std::nullopt : std::make_optional(std::move(head));
}

QByteArray HttpHead::header(const char* name) const {
    const auto found =
        std::find_if(m_fields.begin(), m_fields.end(), [name](const Field& field) { return field.name == name; });
    return found == m_fields.end() ? QByteArray() : found->value;
}

bool HttpBody::add(QByteArrayView bytes, const std::function<void(QByteArrayView)>& take) {
    if (m_chunked) {
        return addChunked(bytes, take);
    }
    const qsizetype count = m_left < 0 ? bytes.size() : static_cast<qsizetype>(std::min<qint64>(m_left, bytes.size()));
    if (m_left > 0) {
        m_left -= count;
    }
    if (count > 0) {
        take(bytes.first(count));
    }
    return true;
}

bool HttpBody::addChunked(QByteArrayView bytes, const std::function<void(QByteArrayView)>& take) {
    while (!bytes.empty() && m_state != State::Done) {
        if (m_state == State::Data) {
            const auto count = static_cast<qsizetype>(std::min<qint64>(m_left, bytes.size()));
            m_left -= count;
            if (m_left == 0) {
                m_state = State::DataEnd;
            }
            take(bytes.first(count));
            bytes = bytes.sliced(count);
            continue;
        }
        const char c = bytes.front();
        bytes = bytes.sliced(1);
        if (c != '\n') {
            m_line += c;
            if (m_line.size() > kLongestChunkLine) {
                return false;
            }
        } else if (!endLine()) {
            return false;
        }
    }
    return true;
}

bool HttpBody::endLine() {
    const QByteArray line = m_line.trimmed();
    m_line.clear();
    switch (m_state) {
        case State::Size: {
            constexpr int kHexadecimal = 16;
            bool ok = false;
            const QByteArray size = line.split(';').first().trimmed();
            m_left = size.toLongLong(&ok, kHexadecimal);
            if (!ok || m_left < 0 || size.startsWith('+') || size.startsWith("0x")) {
                return false;
            }
            m_state = m_left == 0 ? State::Trailer : State::Data;
            return true;
        }
        case State::DataEnd:
            m_state = State::Size;
            return line.isEmpty();
        case State::Trailer:
            m_trailer += line.size() + 1;
            if (line.isEmpty()) {
                m_state = State::Done;
            }
            return m_trailer <= kLongestHead;
        case State::Data:
        case State::Done:
            break;
    }
    return false;
}

}  // namespace alcove
