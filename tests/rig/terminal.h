// A terminal for programs under test.
#pragma once

#include <cstdlib>
#include <fcntl.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <QByteArray>
#include <QString>

namespace alcove::tests {

// What is written to file() arrives as it is: the terminal itself changes nothing and echoes nothing.
class Terminal {
public:
    Terminal() {
        if (m_master < 0 || ::grantpt(m_master) != 0 || ::unlockpt(m_master) != 0) {
            qFatal("There is no pseudo-terminal");
        }
        m_slave = ::open(::ptsname(m_master), O_RDWR | O_NOCTTY | O_CLOEXEC);  // so that nothing is lost at the end
        termios mode{};
        ::tcgetattr(m_slave, &mode);
        mode.c_oflag &= ~static_cast<tcflag_t>(OPOST);
        mode.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        ::tcsetattr(m_slave, TCSANOW, &mode);
    }
    Terminal(const Terminal&) = delete;
    Terminal& operator=(const Terminal&) = delete;
    ~Terminal() {
        ::close(m_slave);
        ::close(m_master);
    }

    [[nodiscard]] QString file() const { return QString::fromLocal8Bit(::ptsname(m_master)); }

    // What programs wrote to it and was not read yet. Only what fits into the terminal's buffer (4 kB) can wait here.
    [[nodiscard]] QByteArray written() const {
        QByteArray bytes;
        char buffer[4096];
        pollfd waiting = {m_master, POLLIN, 0};
        while (::poll(&waiting, 1, 100) == 1) {
            const ssize_t count = ::read(m_master, buffer, sizeof buffer);
            if (count <= 0) {
                break;
            }
            bytes.append(buffer, count);
        }
        return bytes;
    }

    void type(const QByteArray& line) const {
        if (::write(m_master, line.constData(), line.size()) != line.size()) {
            qFatal("The pseudo-terminal takes no input");
        }
    }

private:
    int m_master = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    int m_slave = -1;
};

}  // namespace alcove::tests
