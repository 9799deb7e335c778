#include "app/checkpoints/checkpoint_stamp.h"

#include <QCryptographicHash>
#include <QDateTime>
#include <QDir>
#include <QFileInfo>

namespace alcove {

QString checkpointStamp(const QString& location) {
    const QFileInfo single(location);
    const QFileInfoList files =
        single.isFile() ? QFileInfoList{single, QFileInfo(single.absolutePath() + QStringLiteral("/alcove.json"))}
                        : QDir(location).entryInfoList(QDir::Files, QDir::Name);
    QCryptographicHash hash(QCryptographicHash::Sha256);
    for (const QFileInfo& file : files) {
        hash.addData(file.fileName().toUtf8());
        hash.addData(QByteArray::number(file.size()).prepend('\0'));
        hash.addData(QByteArray::number(file.lastModified().toMSecsSinceEpoch()).prepend('\0').append('\0'));
    }
    return QString::fromLatin1(hash.result().toHex().left(32));
}

}  // namespace alcove
