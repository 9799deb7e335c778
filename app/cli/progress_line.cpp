#include "app/cli/progress_line.h"

#include <cstdio>
#include <unistd.h>
#include <utility>

namespace alcove::cli {

namespace {

constexpr const char* kClear = "\r\x1B[K";  // to the beginning of the line, and erase it

}  // namespace

ProgressLine::ProgressLine(std::string what) : m_what(std::move(what)), m_terminal(::isatty(STDERR_FILENO) == 1) {
}

ProgressLine::~ProgressLine() {
    clear();
}

void ProgressLine::clear() {
    if (m_shown) {
        std::fputs(kClear, stderr);
        m_shown = false;
    }
}

void ProgressLine::show(std::uint64_t done, std::uint64_t total) {
    if (m_terminal) {
        const std::string text = kClear + std::to_string(done) + " of " + std::to_string(total) + " " + m_what;
        std::fputs(text.c_str(), stderr);
        m_shown = true;
    }
}

}  // namespace alcove::cli
