#include "app/cli/progress_bar.h"

#include <algorithm>
#include <cstdio>
#include <unistd.h>

#include "app/process/terminal_text.h"

namespace alcove::cli {

namespace {

constexpr const char* kClearLine = "\r\x1B[K";
constexpr int kCells = 24;
constexpr qint64 kEveryMs = 80;
constexpr qsizetype kLongestText = 90;

}  // namespace

ProgressBar::ProgressBar() : m_terminal(::isatty(STDERR_FILENO) == 1) {
}

ProgressBar::~ProgressBar() {
    clear();
}

void ProgressBar::clear() {
    if (m_shown) {
        std::fputs(kClearLine, stderr);
        m_shown = false;
    }
}

void ProgressBar::show(double share, const QString& text) {
    if (!m_terminal || (m_since.isValid() && m_since.elapsed() < kEveryMs)) {
        return;
    }
    m_since.start();
    QString line;
    if (share >= 0) {
        const auto filled = static_cast<qsizetype>(std::clamp(share, 0.0, 1.0) * kCells);
        line = u'[' + QString(filled, u'#') + QString(kCells - filled, u'.') + QStringLiteral("] ");
    }
    line += visible(text.left(kLongestText));
    std::fputs((kClearLine + line.toStdString()).c_str(), stderr);
    std::fflush(stderr);
    m_shown = true;
}

}  // namespace alcove::cli
