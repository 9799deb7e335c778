#include "app/fake/fake_scan.h"

namespace alcove {

CheckpointScan fakeScan() {
    return [](const ScanRequest& request, const CheckpointPublish& publish, const std::atomic<bool>&) {
        const auto entry = [](const QString& name, const QString& detail, CheckpointKind kind) {
            CheckpointEntry result;
            result.name = name;
            result.path = "/checkpoints/" + name;
            result.usable = true;
            result.detail = detail;
            result.kind = kind;
            return result;
        };
        CheckpointEntry starter =
            entry("Starter", "1.58 M parameters · shared block · F16 · 3.15 MB", CheckpointKind::Chat);
        starter.card.description = "Pretends to be the small model that comes with Alcove.";
        starter.card.suggestions = QStringList{"What leaves my machine?", "Tell me a short story about a fox"};
        QList<CheckpointEntry> entries = {
            starter,
            entry("MobiLlama-05B", "535 M parameters · shared block · F32 · 4.78 GB", CheckpointKind::Base),
            entry("MobiLlama-05B-Chat", "535 M parameters · shared block · BF16 · 1.07 GB", CheckpointKind::Chat),
            entry("MobiLlama-1B-Chat", "1.26 B parameters · F16 · 2.52 GB", CheckpointKind::Chat),
        };
        CheckpointEntry damaged = entry("damaged-download", "312 MB", CheckpointKind::Base);
        damaged.usable = false;
        damaged.problem = "model.safetensors ends before the header says it should. Download it again.";
        entries << damaged;
        for (const QString& path : request.added) {
            CheckpointEntry added = entry(path.section('/', -1), "added by path", CheckpointKind::Chat);
            added.path = path;
            added.addedByPath = true;
            entries << added;
        }
        publish(entries, true);
    };
}

}  // namespace alcove
