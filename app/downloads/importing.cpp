#include "app/downloads/importing.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <numeric>
#include <span>
#include <unistd.h>

#include <QDir>
#include <QFile>
#include <QFileInfo>

#include "app/checkpoints/file_path.h"
#include "app/digest/content_hash.h"
#include "app/downloads/file_selection.h"
#include "app/translation/engine_sentences.h"
#include "engine/base/error.h"
#include "engine/checkpoint/model_files.h"
#include "engine/files/new_file.h"

namespace alcove {
namespace {

constexpr qint64 kImportSlice = engine::kBytesBetweenQuestions;

QStringList weightFiles(const QString& location) {
    if (QFileInfo(location).isFile()) {
        return {location};
    }
    QStringList files;
    try {
        for (const std::filesystem::path& file : engine::findModelFiles(toPath(location)).weights) {
            files << fromPath(file);
        }
    } catch (const engine::Error&) {
        return {};  // it has none, and is like no other
    }
    return files;
}

QList<qint64> sizesOf(const QStringList& files) {
    QList<qint64> sizes;
    for (const QString& file : files) {
        sizes << QFileInfo(file).size();
    }
    return sizes;
}

// Empty if it cannot be read.
QByteArray hashOf(const QString& path, const engine::Cancellation& cancel) {
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly)) {
        return {};
    }
    ContentHash hash(HashKind::Sha256, file.size());
    for (QByteArray slice = file.read(kImportSlice); !slice.isEmpty(); slice = file.read(kImportSlice)) {
        cancel.check(ALCOVE_TEXT("engine", "Comparing the files was stopped."));
        hash.add(slice);
    }
    return hash.hex();
}

// The files of a folder that a checkpoint is made of.
QStringList partsOf(const QString& location) {
    if (QFileInfo(location).isFile()) {
        return {location};
    }
    QList<ListedFile> listed;
    for (const QFileInfo& info : QDir(location).entryInfoList(QDir::Files)) {
        listed << ListedFile{info.fileName(), {.size = info.size(), .kind = HashKind::Sha256, .hex = {}}};
    }
    const FileSelection selection = chooseFiles(listed);
    if (!selection.problem.isEmpty()) {
        throw engine::Error(engine::ErrorCode::FileMissing,
                            engine::Sentence::verbatim(selection.problem.toStdString()));
    }
    QStringList files;
    for (const ListedFile& file : selection.files) {
        files << location + u'/' + file.name;
    }
    return files;
}

void copyFile(const QString& from, const QString& to, qint64& done, qint64 total,
              const std::function<void(qint64, qint64)>& progress, const engine::Cancellation& cancel) {
    QFile source(from);
    if (!source.open(QIODevice::ReadOnly)) {
        throw engine::Error(engine::ErrorCode::FileUnreadable, ALCOVE_TEXT("engine", "%1 cannot be read: %2."),
                            toPath(from), source.errorString().toStdString());
    }
    engine::NewFile target(toPath(to), static_cast<std::uint64_t>(source.size()), true);
    for (QByteArray slice = source.read(kImportSlice); !slice.isEmpty(); slice = source.read(kImportSlice)) {
        cancel.check(ALCOVE_TEXT("engine", "Copying was stopped."));
        target.append(std::as_bytes(std::span(slice.constData(), static_cast<std::size_t>(slice.size()))));
        done += slice.size();
        progress(done, total);
    }
    target.commit();
}

// Removes itself, with what is in it.
class StagingFolder {
public:
    explicit StagingFolder(const QString& checkpointFolder)
        : m_path(checkpointFolder + QStringLiteral("/.downloads/import-%1").arg(::getpid())) {
        QDir(m_path).removeRecursively();
        QDir().mkpath(m_path);
    }
    StagingFolder(const StagingFolder&) = delete;
    StagingFolder& operator=(const StagingFolder&) = delete;
    ~StagingFolder() {
        QDir(m_path).removeRecursively();
        QDir().rmdir(QFileInfo(m_path).absolutePath());
    }
    [[nodiscard]] const QString& path() const { return m_path; }

private:
    QString m_path;
};

}  // namespace

std::optional<CheckpointEntry> sameContent(const QString& location, const QList<CheckpointEntry>& entries,
                                           const engine::Cancellation& cancel) {
    const QStringList wanted = weightFiles(location);
    QList<QByteArray> hashes;
    for (const CheckpointEntry& entry : entries) {
        const QStringList files = entry.path == location ? QStringList() : weightFiles(entry.path);
        if (wanted.isEmpty() || files.size() != wanted.size() || sizesOf(files) != sizesOf(wanted)) {
            continue;
        }
        bool same = true;
        for (qsizetype i = 0; same && i < files.size(); ++i) {
            if (hashes.size() <= i) {
                hashes << hashOf(wanted[i], cancel);
            }
            same = !hashes[i].isEmpty() && hashOf(files[i], cancel) == hashes[i];
        }
        if (same) {
            return entry;
        }
    }
    return std::nullopt;
}

QString copyIntoLibrary(const QString& location, const QString& checkpointFolder,
                        const std::function<void(qint64, qint64)>& progress, const engine::Cancellation& cancel) {
    const bool single = QFileInfo(location).isFile();
    const QString name = QFileInfo(location).fileName();
    QString target = checkpointFolder + u'/' + name;
    for (int number = 2; QFileInfo::exists(target); ++number) {
        target = checkpointFolder + u'/' +
                 (single ? QFileInfo(name).completeBaseName() + QStringLiteral(" (%1).gguf").arg(number)
                         : name + QStringLiteral(" (%1)").arg(number));
    }
    const QStringList files = partsOf(location);
    const QList<qint64> sizes = sizesOf(files);
    const qint64 total = std::accumulate(sizes.begin(), sizes.end(), qint64{0});
    qint64 done = 0;
    const StagingFolder staging(checkpointFolder);
    const QString whole = staging.path() + u'/' + name;
    if (!single) {
        QDir().mkpath(whole);
    }
    for (const QString& file : files) {
        copyFile(file, single ? whole : whole + u'/' + QFileInfo(file).fileName(), done, total, progress, cancel);
    }
    if (::renameat2(AT_FDCWD, QFile::encodeName(whole).constData(), AT_FDCWD, QFile::encodeName(target).constData(),
                    RENAME_NOREPLACE) != 0) {
        throw engine::Error(engine::ErrorCode::FileUnwritable,
                            ALCOVE_TEXT("engine", "%1 could not be written: %2. Choose a place where you may write."),
                            toPath(target), std::strerror(errno));
    }
    return target;
}

}  // namespace alcove
