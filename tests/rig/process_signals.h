// What another process does with signals.
#pragma once

#include "tests/rig/test_files.h"

namespace alcove::tests {

// Whether the process has a handler of its own for the signal: from then on it can be told to end.
[[nodiscard]] inline bool catches(qint64 process, int signal) {
    constexpr int kDigits = 16;
    const QByteArray status = contents(QStringLiteral("/proc/%1/status").arg(process));
    const QByteArray name = "SigCgt:\t";
    const qsizetype at = status.indexOf(name);
    return at >= 0 && (status.mid(at + name.size(), kDigits).toULongLong(nullptr, kDigits) >> (signal - 1) & 1U) != 0;
}

}  // namespace alcove::tests
