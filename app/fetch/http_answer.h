// Reading an HTTP/1.1 answer: its head, and its body out of pieces. All of it is a stranger's.
#pragma once

#include <functional>
#include <optional>

#include <QByteArray>
#include <QByteArrayView>
#include <QList>

namespace alcove {

inline constexpr qsizetype kLongestHead = 64 << 10;

class HttpHead {
public:
    // The lines of an answer up to the empty one, without that. None if it is no HTTP/1.x, has lines that are no
    // headers, or contradicts itself about its length.
    [[nodiscard]] static std::optional<HttpHead> read(const QByteArray& text);

    [[nodiscard]] int status() const { return m_status; }
    // The first one of the name, which is in lower case; empty if there is none.
    [[nodiscard]] QByteArray header(const char* name) const;
    [[nodiscard]] bool chunked() const { return m_chunked; }
    [[nodiscard]] qint64 length() const { return m_length; }  // -1: not said

private:
    struct Field {
        QByteArray name;
        QByteArray value;
    };

    int m_status = 0;
    QList<Field> m_fields;
    bool m_chunked = false;
    qint64 m_length = -1;
};

// The body of one answer.
class HttpBody {
public:
    explicit HttpBody(const HttpHead& head) : m_chunked(head.chunked()), m_left(head.chunked() ? 0 : head.length()) {}

    // Calls `take` with what of `bytes` is content. False: they are no body. What comes after the end is passed over.
    [[nodiscard]] bool add(QByteArrayView bytes, const std::function<void(QByteArrayView)>& take);

    [[nodiscard]] bool complete() const { return m_chunked ? m_state == State::Done : m_left == 0; }
    // The end of the connection is the end of the body.
    [[nodiscard]] bool endsWithConnection() const { return !m_chunked && m_left < 0; }

private:
    enum class State { Size, Data, DataEnd, Trailer, Done };

    [[nodiscard]] bool addChunked(QByteArrayView bytes, const std::function<void(QByteArrayView)>& take);
    [[nodiscard]] bool endLine();

    bool m_chunked;
    qint64 m_left;  // of the body, or of the chunk; -1: up to the end of the connection
    State m_state = State::Size;
    QByteArray m_line;
    qsizetype m_trailer = 0;  // bytes of it
};

}  // namespace alcove
