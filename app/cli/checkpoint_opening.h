// Opening a checkpoint that is to write replies: its smaller copy, where there is one.
#pragma once

#include <memory>

#include <QString>

#include "engine/generator.h"

namespace CLI {
class App;
}

namespace alcove::cli {

// For the commands that write replies. Those that measure or show a checkpoint open exactly what is named.
struct CheckpointOpening {
    bool original = false;

    void addTo(CLI::App& command);
    // Not if `original` or the settings say otherwise.
    [[nodiscard]] bool useCopies() const;
    // Opens `options.checkpoint` or, where copies are used, its smaller copy, and says so. Throws engine::Error.
    [[nodiscard]] std::unique_ptr<engine::Generator> open(engine::OpenOptions options);
    // Says on stderr, the first time, that the smaller copy of `checkpoint` was opened.
    void announceCopy(const QString& checkpoint);

private:
    bool m_announced = false;
};

}  // namespace alcove::cli
