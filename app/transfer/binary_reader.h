// The beginnings of Qt's binary format (QDataStream, big-endian), read without believing any length in it.
#pragma once

#include <cstdint>
#include <stdexcept>

#include <QByteArray>
#include <QString>

#include "engine/files/streamed_json.h"

namespace alcove {

// The bytes end, or a length is absurd.
class BinaryEnd : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

class BinaryReader {
public:
    // Texts longer than `longest` bytes throw.
    BinaryReader(engine::ByteSource& source, qint64 longest) : m_source(source), m_longest(longest) {}

    // Throw BinaryEnd.
    quint8 byte();
    quint32 word();  // 32 bits
    quint64 longWord();
    bool flag() { return byte() != 0; }
    QString text();            // QString
    qint64 skipBytes();        // QByteArray; its length
    void skip(quint64 count);  // reads on, however many there are
    [[nodiscard]] quint64 position() const { return m_position; }
    [[nodiscard]] bool atEnd();

private:
    bool fill();
    QByteArray take(qint64 count);

    engine::ByteSource& m_source;
    qint64 m_longest;
    QByteArray m_buffer;
    qsizetype m_at = 0;
    quint64 m_position = 0;
};

}  // namespace alcove
