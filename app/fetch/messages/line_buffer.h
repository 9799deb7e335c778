// Lines out of bytes that come in pieces, none of them longer than a limit.
#pragma once

#include <optional>
#include <utility>

#include <QByteArray>

namespace alcove {

class LineBuffer {
public:
    explicit LineBuffer(qsizetype longest) : m_longest(longest) {}

    void add(QByteArrayView bytes) {
        m_bytes.remove(0, std::exchange(m_begin, 0));
        m_bytes.append(bytes);
    }

    // The next whole line, without its end; none before more has come.
    [[nodiscard]] std::optional<QByteArray> next() {
        const qsizetype end = m_bytes.indexOf('\n', m_begin);
        if (end < 0) {
            return std::nullopt;
        }
        QByteArray line = m_bytes.mid(m_begin, end - m_begin);
        m_begin = end + 1;
        return line;
    }

    // A line has become too long: whoever writes it does not keep to the rules.
    [[nodiscard]] bool overflowing() const { return m_bytes.size() - m_begin > m_longest; }

private:
    qsizetype m_longest;
    qsizetype m_begin = 0;
    QByteArray m_bytes;
};

}  // namespace alcove
