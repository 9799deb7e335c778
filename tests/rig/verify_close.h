// Numbers compared with the reference in double precision.
#pragma once

#include <QTest>

#include "tests/reference/reference.h"

#define VERIFY_CLOSE(got, expected, bound)                                                                \
    do {                                                                                                  \
        const double closeness = alcove::reference::normalisedError(got, expected);                       \
        QVERIFY2(closeness <= (bound), qPrintable(QStringLiteral("normalised error %1").arg(closeness))); \
    } while (false)
