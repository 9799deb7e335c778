#include "app/checkpoints/checkpoint_library.h"

#include <algorithm>
#include <filesystem>
#include <new>

#include <QCollator>
#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>
#include <QLocale>
#include <QSet>
#include <QUrl>

#include "app/checkpoints/file_path.h"
#include "app/translation/engine_sentences.h"
#include "engine/base/error.h"
#include "engine/checkpoint/checkpoint.h"
#include "engine/checkpoint/config_reader.h"
#include "engine/checkpoint/gguf_model.h"
#include "engine/checkpoint/location.h"
#include "engine/checkpoint/model_files.h"
#include "engine/text/gguf_vocabulary.h"
#include "engine/text/template_selection.h"

namespace alcove {
namespace {

// Opened during a scan already; reading so much takes no noticeable time.
constexpr qint64 kSmallCheckpoint = 16 << 20;
constexpr qsizetype kMostFolders = 2000;

struct LibraryText {
    Q_DECLARE_TR_FUNCTIONS(alcove::CheckpointLibrary)
};

// Something that was meant to be a checkpoint, even if files are missing.
bool looksLikeCheckpoint(const QString& folder) {
    for (const char* name : {"config.json", "model.safetensors", "model.safetensors.index.json", "pytorch_model.bin",
                             "pytorch_model.bin.index.json"}) {
        if (QFileInfo::exists(folder + QLatin1Char('/') + QLatin1String(name))) {
            return true;
        }
    }
    return false;
}

QStringList subfolders(const QString& folder) {
    QStringList result;
    const QFileInfoList found = QDir(folder).entryInfoList(QDir::Dirs | QDir::NoDotAndDotDot, QDir::Name);
    for (const QFileInfo& info : found.mid(0, kMostFolders)) {
        result << info.absoluteFilePath();
    }
    return result;
}

QStringList ggufFiles(const QString& folder) {
    QStringList result;
    for (const std::filesystem::path& file : engine::ggufFilesIn(toPath(folder))) {
        result << fromPath(file);
    }
    return result;
}

// Checkpoints in `folder`: NAME, or OWNER/NAME as the Hub names them, and GGUF files at each of these places.
QStringList checkpointLocations(const QString& folder) {
    QStringList result = ggufFiles(folder);
    for (const QString& child : subfolders(folder)) {
        if (looksLikeCheckpoint(child)) {
            result << child;
            continue;
        }
        result << ggufFiles(child);
        for (const QString& grandchild : subfolders(child)) {
            if (looksLikeCheckpoint(grandchild)) {
                result << grandchild;
            } else {
                result << ggufFiles(grandchild);
            }
        }
    }
    return result;
}

// The header, the configuration and the size of the vocabulary. Throws engine::Error.
qint64 checkGguf(const std::filesystem::path& path) {
    const engine::MappedFile file(path);
    file.unchangedAfter([&file] {
        const engine::GgufFile gguf(file);
        (void)engine::declaredBy(gguf);
        engine::checkGgufVocabulary(gguf);
    });
    return static_cast<qint64>(file.bytes().size());
}

// Checks that are cheap whatever the size of the weights. Throws engine::Error.
qint64 checkFiles(const QString& folder) {
    const std::filesystem::path path = toPath(folder);
    if (QFileInfo(folder).isFile()) {
        return checkGguf(path);
    }
    (void)engine::readConfig(path);
    qint64 bytes = 0;
    for (const std::filesystem::path& file : engine::findModelFiles(path).weights) {
        const QFileInfo info(fromPath(file));
        if (!info.isFile() || info.size() == 0) {
            throw engine::Error(engine::ErrorCode::FileDamaged,
                                ALCOVE_TEXT("engine", "%1 is empty. Download that file again."), file);
        }
        bytes += info.size();
    }
    if (!QFileInfo::exists(folder + QStringLiteral("/tokenizer.model"))) {
        throw engine::Error(engine::ErrorCode::FileMissing,
                            ALCOVE_TEXT("engine", "%1 has no tokenizer.model. Download that file into the folder."),
                            path);
    }
    return bytes;
}

CheckpointKind kindOf(const QString& folder) {
    return engine::templateNamed(engine::selectTemplate(toPath(folder)).name).chat ? CheckpointKind::Chat
                                                                                   : CheckpointKind::Base;
}

}  // namespace

CheckpointLibrary::CheckpointLibrary(const QStringList& folders, const QString& factsFile)
    : m_folders(folders), m_cache(factsFile) {
}

QList<CheckpointEntry> CheckpointLibrary::scan(const QStringList& addedPaths) {
    QList<CheckpointEntry> entries;
    QSet<QString> seen;
    // The C locale compares bytes and knows no numbers; names are sorted for people in it too.
    QCollator byName(QLocale().language() == QLocale::C ? QLocale(QLocale::English) : QLocale());
    byName.setNumericMode(true);
    byName.setCaseSensitivity(Qt::CaseInsensitive);
    for (const QString& folder : std::as_const(m_folders)) {
        const qsizetype first = entries.size();
        for (const QString& path : checkpointLocations(folder)) {
            CheckpointEntry entry = examine(path);
            if (!seen.contains(entry.path)) {
                seen.insert(entry.path);
                entries << entry;
            }
        }
        std::stable_sort(
            entries.begin() + first, entries.end(), [&byName](const CheckpointEntry& a, const CheckpointEntry& b) {
                return a.card.order != b.card.order ? a.card.order < b.card.order : byName.compare(a.name, b.name) < 0;
            });
    }
    for (const QString& path : addedPaths) {
        CheckpointEntry entry = examine(path);
        if (!seen.contains(entry.path)) {
            seen.insert(entry.path);
            entry.addedByPath = true;
            entries << entry;
        }
    }
    return entries;
}

CheckpointEntry CheckpointLibrary::examine(const QString& path) {
    CheckpointEntry entry;
    entry.path = locationOf(path);
    entry.card = readCheckpointCard(entry.path);
    entry.name = checkpointName(entry.path);
    if (!QFileInfo::exists(entry.path)) {
        entry.problem = LibraryText::tr("%1 is no longer there.").arg(entry.path);
        return entry;
    }
    try {
        entry.bytes = checkFiles(entry.path);
        entry.kind = kindOf(entry.path);
        entry.facts = m_cache.find(entry.path);
        if (!entry.facts && entry.bytes <= kSmallCheckpoint) {
            remember(entry.path, readFacts(entry.path));
            entry.facts = m_cache.find(entry.path);
        }
        entry.usable = true;
    } catch (const engine::Error& error) {
        entry.problem = inWords(error.sentence());
    } catch (const std::bad_alloc&) {
        entry.problem = LibraryText::tr("There is not enough free memory to look at %1.").arg(entry.path);
    } catch (const std::exception& error) {  // the file system's
        entry.problem = QString::fromUtf8(error.what());
    }
    CheckpointFacts sizeOnly;
    sizeOnly.fileBytes = entry.bytes;
    entry.detail = factsLine(entry.facts.value_or(sizeOnly));
    return entry;
}

void CheckpointLibrary::remember(const QString& path, const CheckpointFacts& facts) {
    m_cache.keep(locationOf(path), facts);
}

CheckpointFacts CheckpointLibrary::readFacts(const QString& path) {
    return factsOf(engine::Checkpoint::open(toPath(locationOf(path))));
}

QString CheckpointLibrary::locationOf(const QString& pathOrUrl) {
    const QUrl url(pathOrUrl);
    const QString path = url.isLocalFile() ? url.toLocalFile() : pathOrUrl;
    QFileInfo info(path);
    if (info.isFile() && !engine::isGgufName(toPath(path))) {
        info.setFile(info.absolutePath());
    }
    if (info.isDir() && !looksLikeCheckpoint(info.absoluteFilePath())) {
        if (const QStringList files = ggufFiles(info.absoluteFilePath()); files.size() == 1) {
            info.setFile(files.first());
        }
    }
    const QString canonical = info.canonicalFilePath();  // empty if there is no such thing
    return canonical.isEmpty() ? QDir::cleanPath(info.absoluteFilePath()) : canonical;
}

std::optional<CheckpointEntry> defaultCheckpoint(const QList<CheckpointEntry>& entries, const QString& lastUsed) {
    const CheckpointEntry* chosen = nullptr;
    for (const CheckpointEntry& entry : entries) {
        if (!entry.usable) {
            continue;
        }
        if (!lastUsed.isEmpty() && entry.path == CheckpointLibrary::locationOf(lastUsed)) {
            return entry;
        }
        if (chosen == nullptr || (chosen->kind == CheckpointKind::Base && entry.kind == CheckpointKind::Chat)) {
            chosen = &entry;
        }
    }
    return chosen == nullptr ? std::nullopt : std::make_optional(*chosen);
}

QStringList libraryFolders(const QString& checkpointFolder, const QString& applicationFolder) {
    return {QDir::cleanPath(applicationFolder + QStringLiteral("/../share/alcove/checkpoints")), checkpointFolder};
}

}  // namespace alcove
