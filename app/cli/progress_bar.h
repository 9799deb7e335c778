// How far something long has come, as one line that is written again and again.
#pragma once

#include <string>

#include <QElapsedTimer>
#include <QString>

namespace alcove::cli {

// On standard error; writes nothing where that is no terminal, and leaves no trace when it ends.
class ProgressBar {
public:
    ProgressBar();
    ProgressBar(const ProgressBar&) = delete;
    ProgressBar& operator=(const ProgressBar&) = delete;
    ~ProgressBar();

    // `share` is from 0 to 1; below 0: not known, and no bar is drawn. At most some ten times a second are written.
    void show(double share, const QString& text);
    void clear();

private:
    bool m_terminal;
    bool m_shown = false;
    QElapsedTimer m_since;
};

}  // namespace alcove::cli
