#include "app/transfer/binary_reader.h"

#include <algorithm>

#include <QtEndian>

namespace alcove {
namespace {

constexpr qsizetype kBinaryChunk = qsizetype{64} << 10;
constexpr quint32 kNullLength = 0xFFFFFFFF;

}  // namespace

bool BinaryReader::fill() {
    if (m_at < m_buffer.size()) {
        return true;
    }
    m_buffer.resize(kBinaryChunk);
    m_buffer.resize(static_cast<qsizetype>(m_source.read(m_buffer.data(), kBinaryChunk)));
    m_at = 0;
    return !m_buffer.isEmpty();
}

bool BinaryReader::atEnd() {
    return !fill();
}

QByteArray BinaryReader::take(qint64 count) {
    QByteArray result;
    while (result.size() < count) {
        if (!fill()) {
            throw BinaryEnd("ends early");
        }
        const qsizetype part = std::min<qsizetype>(count - result.size(), m_buffer.size() - m_at);
        result.append(m_buffer.constData() + m_at, part);
        m_at += part;
        m_position += static_cast<quint64>(part);
    }
    return result;
}

void BinaryReader::skip(quint64 count) {
    while (count > 0) {
        if (!fill()) {
            throw BinaryEnd("ends early");
        }
        const quint64 part = std::min<quint64>(count, static_cast<quint64>(m_buffer.size() - m_at));
        m_at += static_cast<qsizetype>(part);
        m_position += part;
        count -= part;
    }
}

quint8 BinaryReader::byte() {
    return static_cast<quint8>(take(1).at(0));
}

quint32 BinaryReader::word() {
    return qFromBigEndian<quint32>(take(sizeof(quint32)).constData());
}

quint64 BinaryReader::longWord() {
    return qFromBigEndian<quint64>(take(sizeof(quint64)).constData());
}

QString BinaryReader::text() {
    const quint32 length = word();
    if (length == kNullLength || length == 0) {
        return {};
    }
    if (length % 2 != 0 || length > m_longest) {
        throw BinaryEnd("absurd length");
    }
    const QByteArray bytes = take(length);
    QString result(bytes.size() / 2, Qt::Uninitialized);
    qFromBigEndian<quint16>(bytes.constData(), result.size(), result.data());
    return result;
}

qint64 BinaryReader::skipBytes() {
    const quint32 length = word();
    if (length == kNullLength) {
        return 0;
    }
    skip(length);
    return length;
}

}  // namespace alcove
