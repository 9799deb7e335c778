// Lines from standard input, until the person presses Ctrl-C or the input ends.
#pragma once

#include <optional>
#include <string>

namespace alcove::cli {

class LineReader {
public:
    // The next line without its end; nothing when the input ends, `wakeDescriptor` becomes readable, or reading
    // fails. A line longer than 1 MiB is handed out in pieces.
    [[nodiscard]] std::optional<std::string> next(int wakeDescriptor);

private:
    std::string m_buffer;
    bool m_ended = false;
};

}  // namespace alcove::cli
