#include "app/cli/line_reader.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <poll.h>
#include <unistd.h>

namespace alcove::cli {

namespace {
constexpr std::size_t kLongestLine = std::size_t{1} << 20U;
}

std::optional<std::string> LineReader::next(int wakeDescriptor) {
    while (true) {
        const std::size_t end = m_buffer.find('\n');
        if (end != std::string::npos || m_buffer.size() >= kLongestLine || (m_ended && !m_buffer.empty())) {
            std::string line = m_buffer.substr(0, std::min(end, kLongestLine));
            m_buffer.erase(0, line.size() + (end == line.size() ? 1 : 0));
            return line;
        }
        if (m_ended) {
            return std::nullopt;
        }
        std::array<pollfd, 2> waited = {{{STDIN_FILENO, POLLIN, 0}, {wakeDescriptor, POLLIN, 0}}};
        if (::poll(waited.data(), waited.size(), -1) < 0) {
            if (errno == EINTR) {
                continue;
            }
            return std::nullopt;
        }
        if (waited[1].revents != 0) {
            return std::nullopt;
        }
        std::array<char, 4096> bytes = {};
        const ssize_t count = ::read(STDIN_FILENO, bytes.data(), bytes.size());
        if (count > 0) {
            m_buffer.append(bytes.data(), static_cast<std::size_t>(count));
        } else if (count == 0 || errno != EINTR) {
            m_ended = true;
        }
    }
}

}  // namespace alcove::cli
