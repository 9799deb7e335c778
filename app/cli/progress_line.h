// "12 of 100 items" on standard error, for as long as a command works.
#pragma once

#include <cstdint>
#include <string>

namespace alcove::cli {

// Writes nothing where standard error is no terminal. Leaves no trace when it ends.
class ProgressLine {
public:
    explicit ProgressLine(std::string what);  // "items"
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;
    ~ProgressLine();

    void show(std::uint64_t done, std::uint64_t total);
    void clear();

private:
    std::string m_what;
    bool m_terminal;
    bool m_shown = false;
};

}  // namespace alcove::cli
