#include "app/checkpoints/checkpoint_library.h"

#include <algorithm>
#include <filesystem>
#include <new>

#include <QCoreApplication>
#include <QDir>
#include <QDirIterator>
#include <QFileInfo>
#include <QSet>
#include <QUrl>

#include "app/checkpoints/file_path.h"
#include "app/checkpoints/name_order.h"
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
constexpr qsizetype kMostListed = 10'000;  // of one folder that are looked at

struct LibraryText {
    Q_DECLARE_TR_FUNCTIONS(alcove::CheckpointLibrary)
};

QStringList subfolders(const QString& folder) {
    QStringList result;
    QDirIterator entries(folder, QDir::Dirs | QDir::NoDotAndDotDot);
    for (qsizetype seen = 0; entries.hasNext() && seen < kMostListed; ++seen) {
        result << QFileInfo(entries.next()).absoluteFilePath();
    }
    result.sort();
    return result;
}

QStringList ggufFiles(const QString& folder) {
    QStringList result;
    for (const std::filesystem::path& file : engine::ggufFilesIn(toPath(folder))) {
        result << fromPath(file);
    }
    return result;
}

// Where checkpoints are: NAME in a library folder, or OWNER/NAME as the Hub names them, and GGUF files at each of these
// places.
class LocationSearch {
public:
    explicit LocationSearch(const engine::Cancellation& cancel) : m_cancel(cancel) {}

    [[nodiscard]] QStringList in(const QString& folder) {
        m_found = ggufFiles(folder);
        look(folder, 2);
        return m_found.mid(0, CheckpointLibrary::kMostCheckpoints);
    }

private:
    void look(const QString& folder, int depth) {
        for (const QString& child : subfolders(folder)) {
            if (++m_folders > CheckpointLibrary::kMostFolders ||
                m_found.size() >= CheckpointLibrary::kMostCheckpoints || m_cancel.requested()) {
                return;
            }
            if (CheckpointLibrary::holdsCheckpoint(child)) {
                m_found << child;
                continue;
            }
            m_found << ggufFiles(child);
            if (depth > 1) {
                look(child, depth - 1);
            }
        }
    }

    const engine::Cancellation& m_cancel;
    QStringList m_found;
    qsizetype m_folders = 0;  // seen in all
};

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

QList<CheckpointEntry> CheckpointLibrary::scan(const QStringList& addedPaths, const ScanOptions& options) {
    struct Place {
        QString path;
        qsizetype group = 0;  // the number of the library folder; beyond these, each that was added is one of its own
    };
    QList<Place> places;
    LocationSearch search(options.cancel);
    for (qsizetype i = 0; i < m_folders.size(); ++i) {
        for (const QString& path : search.in(m_folders[i])) {
            places << Place{path, i};
        }
    }
    for (qsizetype i = 0; i < addedPaths.size(); ++i) {
        places << Place{addedPaths[i], m_folders.size() + i};
    }
    if (!options.first.isEmpty()) {
        const QString wanted = locationOf(options.first);
        const auto found = std::find_if(places.begin(), places.end(),
                                        [&](const Place& place) { return locationOf(place.path) == wanted; });
        if (found != places.end()) {
            std::rotate(places.begin(), found, found + 1);
        }
    }
    const QCollator byName = nameOrder();
    QList<CheckpointEntry> entries;
    QList<qsizetype> groups;  // of the entries
    QSet<QString> seen;
    for (const Place& place : std::as_const(places)) {
        CheckpointEntry entry = examine(place.path, options.cancel);
        if (options.cancel.requested() || entries.size() >= kMostCheckpoints) {
            break;
        }
        if (seen.contains(entry.path)) {
            continue;
        }
        seen.insert(entry.path);
        entry.addedByPath = place.group >= m_folders.size();
        const auto comesBefore = [&](const CheckpointEntry& other, qsizetype group) {
            if (place.group != group) {
                return place.group < group;
            }
            if (entry.card.order != other.card.order) {
                return entry.card.order < other.card.order;
            }
            const int names = byName.compare(entry.name, other.name);
            return names != 0 ? names < 0 : entry.path < other.path;
        };
        qsizetype at = entries.size();
        while (at > 0 && comesBefore(entries[at - 1], groups[at - 1])) {
            --at;
        }
        entries.insert(at, entry);
        groups.insert(at, place.group);
        if (options.found) {
            options.found(entries);
        }
    }
    return entries;
}

CheckpointEntry CheckpointLibrary::examine(const QString& path, const engine::Cancellation& cancel) {
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
            remember(entry, readFacts(entry.path, cancel));
        }
        entry.usable = true;
    } catch (const engine::Error& error) {
        entry.problem = inWords(error.sentence());
    } catch (const std::bad_alloc&) {
        entry.problem = LibraryText::tr("There is not enough free memory to read %1.").arg(entry.path);
    } catch (const std::exception& error) {  // the file system's
        entry.problem = QString::fromUtf8(error.what());
    }
    CheckpointFacts sizeOnly;
    sizeOnly.fileBytes = entry.bytes;
    entry.detail = factsLine(entry.facts.value_or(sizeOnly));
    return entry;
}

void CheckpointLibrary::remember(CheckpointEntry& entry, const CheckpointFacts& facts) {
    m_cache.keep(entry.path, facts);
    entry.facts = facts;
    entry.detail = factsLine(facts);
}

CheckpointFacts CheckpointLibrary::readFacts(const QString& path, const engine::Cancellation& cancel) {
    return factsOf(engine::Checkpoint::open(toPath(locationOf(path)), cancel));
}

bool CheckpointLibrary::holdsCheckpoint(const QString& folder) {
    for (const char* name : {"config.json", "model.safetensors", "model.safetensors.index.json", "pytorch_model.bin",
                             "pytorch_model.bin.index.json"}) {
        if (QFileInfo::exists(folder + QLatin1Char('/') + QLatin1String(name))) {
            return true;
        }
    }
    return false;
}

bool CheckpointLibrary::isCheckpointFile(const QString& name) {
    return engine::isGgufName(toPath(name));
}

QString CheckpointLibrary::refusal(const QString& location) {
    const QFileInfo info(location);
    if (!info.exists()) {
        return LibraryText::tr("There is nothing at %1.").arg(location);
    }
    if (info.isFile() || holdsCheckpoint(location)) {
        return {};
    }
    if (!ggufFiles(location).isEmpty()) {
        return LibraryText::tr("%1 holds several GGUF files. Choose one of them.").arg(location);
    }
    return LibraryText::tr(
               "%1 is not a model. Choose a folder with config.json, tokenizer.model and the weights, or a GGUF file.")
        .arg(location);
}

QString CheckpointLibrary::locationOf(const QString& pathOrUrl) {
    const QUrl url(pathOrUrl);
    const QString path = url.isLocalFile() ? url.toLocalFile() : pathOrUrl;
    QFileInfo info(path);
    if (info.isFile() && !engine::isGgufName(toPath(path))) {
        info.setFile(info.absolutePath());
    }
    if (info.isDir() && !CheckpointLibrary::holdsCheckpoint(info.absoluteFilePath())) {
        if (const QStringList files = ggufFiles(info.absoluteFilePath()); files.size() == 1) {
            info.setFile(files.first());
        }
    }
    const QString canonical = info.canonicalFilePath();  // empty if there is no such thing
    return canonical.isEmpty() ? QDir::cleanPath(info.absoluteFilePath()) : canonical;
}

std::optional<CheckpointEntry> defaultCheckpoint(const QList<CheckpointEntry>& entries, const QString& lastUsed) {
    const QString last = lastUsed.isEmpty() ? QString() : CheckpointLibrary::locationOf(lastUsed);
    const CheckpointEntry* chosen = nullptr;
    for (const CheckpointEntry& entry : entries) {
        if (!entry.usable) {
            continue;
        }
        if (!last.isEmpty() && entry.path == last) {
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
