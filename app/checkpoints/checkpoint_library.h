// The checkpoints a person can choose from.
#pragma once

#include <functional>
#include <optional>

#include <QList>
#include <QString>
#include <QStringList>

#include "app/checkpoints/checkpoint_card.h"
#include "app/checkpoints/checkpoint_facts.h"
#include "engine/base/cancellation.h"

namespace alcove {

enum class CheckpointKind { Chat, Base };  // answers; continues the text it is given

struct CheckpointEntry {
    QString name;  // its display name, or the folder's or file's name
    QString path;  // of the folder or GGUF file: absolute, symbolic links resolved
    bool usable = false;
    QString problem;  // why not; a sentence that names the file at fault
    QString detail;   // "535 M parameters · shared block · BF16 · 1.07 GB"; the size alone until the rest is known
    CheckpointKind kind = CheckpointKind::Base;
    bool addedByPath = false;
    qint64 bytes = 0;  // of the weight files
    CheckpointCard card;
    // Not known before the checkpoint was opened once; looking is what readFacts() is for.
    std::optional<CheckpointFacts> facts;
};

// Used on one thread, except for the static functions. Never throws: what is wrong with a checkpoint is its
// entry's `problem`.
class CheckpointLibrary {
public:
    // `folders` hold checkpoints (each in a folder of its own, or in OWNER/NAME, or a GGUF file); those that do not
    // exist are passed over. `factsFile` is where facts are kept between runs; empty: nowhere.
    explicit CheckpointLibrary(const QStringList& folders, const QString& factsFile = {});

    struct ScanOptions {
        QString first = {};  // a checkpoint that is looked at before the others, wherever its place among them is
        // Called with those found so far, in their order, after each of them.
        std::function<void(const QList<CheckpointEntry>&)> found = {};
        engine::Cancellation cancel = {};
    };
    // All checkpoints in the folders, each once: folder after folder, in each by the order their cards give, then
    // by name; at the end those added by hand, in their order, also when they are gone. Cheap: reads the small files
    // and the sizes of the large ones, and opens only checkpoints that are small themselves. Looks at kMostFolders
    // folders and kMostCheckpoints checkpoints at most, and returns early once cancelled.
    [[nodiscard]] QList<CheckpointEntry> scan(const QStringList& addedPaths, const ScanOptions& options);
    [[nodiscard]] QList<CheckpointEntry> scan(const QStringList& addedPaths) { return scan(addedPaths, {}); }
    static constexpr qsizetype kMostFolders = 2000;
    static constexpr qsizetype kMostCheckpoints = 500;

    // One folder (or a file in it) or GGUF file, looked at the same way. Cancelled, it is not usable.
    [[nodiscard]] CheckpointEntry examine(const QString& path, const engine::Cancellation& cancel = {});

    // What opening the checkpoint has shown; kept for the next scan, and put into its entry.
    void remember(CheckpointEntry& entry, const CheckpointFacts& facts);

    // Opens the checkpoint to find its facts; may take as long as reading it. Any thread. Throws engine::Error.
    [[nodiscard]] static CheckpointFacts readFacts(const QString& path, const engine::Cancellation& cancel = {});

    // By the names of its files alone: something that was meant to be a checkpoint, even if files are missing. Any
    // thread.
    [[nodiscard]] static bool holdsCheckpoint(const QString& folder);

    // By its name alone: a file that is a checkpoint by itself.
    [[nodiscard]] static bool isCheckpointFile(const QString& name);

    // Why there is no checkpoint at a location that locationOf() gave, as a sentence; empty: there may be one. Goes by
    // the names of files alone. Any thread.
    [[nodiscard]] static QString refusal(const QString& location);

    // What is meant by a path or a file:// URL that was chosen or typed: a GGUF file (also by its folder, if that holds
    // nothing but this one), otherwise a folder; of any other file, the folder it lies in.
    [[nodiscard]] static QString locationOf(const QString& pathOrUrl);

private:
    QStringList m_folders;
    CheckpointFactsCache m_cache;
};

// The checkpoint the window would choose: the one used last if it is there and usable, otherwise the first usable
// one, chat models before base models: in an installation, the starter.
[[nodiscard]] std::optional<CheckpointEntry> defaultCheckpoint(const QList<CheckpointEntry>& entries,
                                                               const QString& lastUsed);

// The library folders of an installation: the one with shipped checkpoints
// (`applicationFolder`/../share/alcove/checkpoints), then the person's own.
[[nodiscard]] QStringList libraryFolders(const QString& checkpointFolder, const QString& applicationFolder);

}  // namespace alcove
