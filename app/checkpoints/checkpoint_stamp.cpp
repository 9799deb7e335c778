#include "app/checkpoints/checkpoint_stamp.h"

#include <algorithm>

#include <QCryptographicHash>
#include <QDateTime>
#include <QDirIterator>
#include <QFileInfo>

namespace alcove {
namespace {

constexpr qsizetype kMostFiles = 1000;  // of a folder that are looked at

QFileInfoList filesIn(const QString& folder) {
    QFileInfoList files;
    QDirIterator entries(folder, QDir::Files);
    while (entries.hasNext() && files.size() < kMostFiles) {
        entries.next();
        files << entries.fileInfo();
    }
    std::sort(files.begin(), files.end(),
              [](const QFileInfo& a, const QFileInfo& b) { return a.fileName() < b.fileName(); });
    return files;
}

}  // namespace

QString checkpointStamp(const QString& location) {
    const QFileInfo single(location);
    const QFileInfoList files =
        single.isFile() ? QFileInfoList{single, QFileInfo(single.absolutePath() + QStringLiteral("/alcove.json"))}
                        : filesIn(location);
    QCryptographicHash hash(QCryptographicHash::Sha256);
    for (const QFileInfo& file : files) {
        hash.addData(file.fileName().toUtf8());
        hash.addData(QByteArray::number(file.size()).prepend('\0'));
        hash.addData(QByteArray::number(file.lastModified().toMSecsSinceEpoch()).prepend('\0').append('\0'));
    }
    return QString::fromLatin1(hash.result().toHex().left(32));
}

}  // namespace alcove
