// Root may write everywhere; what a folder forbids shows only to somebody else.
#pragma once

#include <unistd.h>

#include <QtGlobal>

namespace alcove::tests {

class Unprivileged {
public:
    Unprivileged() {
        if (::getuid() == 0 && ::seteuid(65534) != 0) {
            qFatal("seteuid failed");
        }
    }
    Unprivileged(const Unprivileged&) = delete;
    Unprivileged& operator=(const Unprivileged&) = delete;
    ~Unprivileged() {
        if (::getuid() == 0 && ::seteuid(0) != 0) {
            qFatal("seteuid failed");
        }
    }
};

}  // namespace alcove::tests
