// The facts about a checkpoint that the menu shows, and a cache of them.
//
// Finding the facts compares the feed-forward blocks of all layers and so may read gigabytes; they are found once
// and kept until a file of the checkpoint changes.
#pragma once

#include <filesystem>
#include <optional>

#include <QHash>
#include <QString>
#include <nlohmann/json_fwd.hpp>

namespace alcove::engine {
class Checkpoint;
}

namespace alcove {

struct CheckpointFacts {
    quint64 parameters = 0;  // unique ones; shared and tied values count once
    bool shared = false;     // every layer holds the same feed-forward block
    QString dtype;           // "BF16"; several: "F16 + F32"
    qint64 fileBytes = 0;    // of the weight files

    friend bool operator==(const CheckpointFacts&, const CheckpointFacts&) = default;
};

[[nodiscard]] CheckpointFacts factsOf(const engine::Checkpoint& checkpoint);

// "535 M parameters · shared block · BF16 · 1.07 GB"
[[nodiscard]] QString factsLine(const CheckpointFacts& facts);
[[nodiscard]] QString parametersText(quint64 parameters);  // "535 M", "1.26 B", "260 K"
[[nodiscard]] QString bytesText(qint64 bytes);             // "1.07 GB"; decimal units

// Facts by folder, in one small JSON file. A cache that cannot be read is empty, one that cannot be written is
// forgotten at the end: neither is an error.
class CheckpointFactsCache {
public:
    // An empty path: nothing is kept on disk.
    explicit CheckpointFactsCache(const QString& path);

    // If they were found for the folder's files as they are now (by name, size and time of change).
    [[nodiscard]] std::optional<CheckpointFacts> find(const QString& folder) const;
    void keep(const QString& folder, const CheckpointFacts& facts);

private:
    struct Entry {
        QString stamp;
        CheckpointFacts facts;
    };
    [[nodiscard]] static std::optional<Entry> entryFrom(const nlohmann::json& object);
    void write() const;

    QString m_path;
    QHash<QString, Entry> m_entries;
};

}  // namespace alcove
