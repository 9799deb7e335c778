// Opening the checkpoint that is talked to: its smaller copy, where there is one.
#pragma once

#include <memory>

#include "engine/generator.h"

namespace CLI {
class App;
}

namespace alcove::cli {

// For the commands that write replies. Those that measure or show a checkpoint open exactly what is named.
struct TalkOpening {
    bool original = false;

    void addTo(CLI::App& command);
    // Opens `options.checkpoint` or, unless `original` or the settings say otherwise, its smaller copy, and says so on
    // stderr the first time. Throws engine::Error.
    [[nodiscard]] std::unique_ptr<engine::Generator> open(engine::OpenOptions options);

private:
    bool m_told = false;
};

}  // namespace alcove::cli
