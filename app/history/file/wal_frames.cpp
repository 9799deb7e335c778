#include "app/history/file/wal_frames.h"

#include <utility>

#include <QtEndian>

namespace alcove {
namespace {

constexpr qint64 kLogHeader = 32;
constexpr qint64 kFrameHeader = 24;
constexpr quint32 kLogMagic = 0x377f0682;  // the lowest bit says in which byte order words are summed
constexpr quint32 kLogVersion = 3007000;

quint32 logWord(const QByteArray& bytes, qsizetype at) {
    return qFromBigEndian<quint32>(bytes.constData() + at);
}

struct LogChecksum {
    quint32 first = 0;
    quint32 second = 0;

    void add(const char* bytes, qint64 count, bool bigEndian) {
        for (qint64 at = 0; at < count; at += 8) {
            const auto word = [&](qint64 where) {
                return bigEndian ? qFromBigEndian<quint32>(bytes + where) : qFromLittleEndian<quint32>(bytes + where);
            };
            first += word(at) + second;
            second += word(at + 4) + first;
        }
    }
    bool operator==(const LogChecksum&) const = default;
};

}  // namespace

WalFrames WalFrames::read(const FileBytes& log, quint32 pageSize) {
    WalFrames result;
    const std::optional<QByteArray> header = log.read(0, kLogHeader);
    if (!header || (logWord(*header, 0) & ~1U) != kLogMagic || logWord(*header, 4) != kLogVersion ||
        logWord(*header, 8) != pageSize) {
        return result;
    }
    const bool bigEndian = (logWord(*header, 0) & 1) != 0;
    LogChecksum previous;
    previous.add(header->constData(), 24, bigEndian);
    bool counts = previous == LogChecksum{logWord(*header, 24), logWord(*header, 28)};
    quint64 salt = qFromBigEndian<quint64>(header->constData() + 16);

    QList<std::pair<quint32, qint64>> pending;  // since the last commit
    const qint64 frameSize = kFrameHeader + qint64{pageSize};
    for (qint64 at = kLogHeader; at + frameSize <= log.size(); at += frameSize) {
        if (const qint64 unwritten = (log.nextWritten(at) - at) / frameSize; unwritten > 0) {
            at += (unwritten - 1) * frameSize;  // the last of these frames without content stands for all
        }
        const std::optional<QByteArray> frame = log.read(at, frameSize);
        if (!frame) {
            break;
        }
        const quint32 number = logWord(*frame, 0);
        const quint64 frameSalt = qFromBigEndian<quint64>(frame->constData() + 8);
        const LogChecksum stored{logWord(*frame, 16), logWord(*frame, 20)};
        LogChecksum sum = previous;
        sum.add(frame->constData(), 8, bigEndian);
        sum.add(frame->constData() + kFrameHeader, pageSize, bigEndian);
        if (number != 0 && frameSalt == salt && sum == stored) {
            pending.emplaceBack(number, at + kFrameHeader);
        } else {
            counts = false;
            pending.clear();
        }
        if (const quint32 size = logWord(*frame, 4); size != 0 && !pending.isEmpty()) {  // a commit
            for (const auto& [page, offset] : std::as_const(pending)) {
                if (counts) {
                    result.committed.insert(page, offset);
                } else {
                    result.others[page] << offset;
                }
            }
            if (counts) {
                result.databasePages = size;
            }
            pending.clear();
        }
        // What a frame says of itself, so that those behind a damaged one can be checked too.
        previous = stored;
        salt = frameSalt;
    }
    return result;
}

}  // namespace alcove
