#include "app/downloads/hub_cache.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>

#include "app/fetch/messages/names.h"

namespace alcove {

QString hubCacheFolder() {
    const QString chosen = qEnvironmentVariable("HF_HOME");
    return chosen.isEmpty() ? QDir::homePath() + QStringLiteral("/.cache/huggingface") : chosen;
}

QString hubCacheSnapshot(const QString& cacheFolder, const QString& repository, const QString& revision) {
    if (!isRepository(repository) || !isRevision(revision)) {
        return {};
    }
    QString name = repository;
    name.replace(u'/', QLatin1String("--"));
    const QString model = cacheFolder + QStringLiteral("/hub/models--") + name;
    QString commit = revision;
    if (!isCommit(commit)) {
        constexpr qint64 kCommitLength = 64;
        QFile ref(model + QStringLiteral("/refs/") + revision);
        commit = ref.open(QIODevice::ReadOnly) ? QString::fromLatin1(ref.read(kCommitLength).trimmed()) : QString();
    }
    const QString snapshot = model + QStringLiteral("/snapshots/") + commit;
    return isCommit(commit) && QFileInfo(snapshot).isDir() ? snapshot : QString();
}

}  // namespace alcove
