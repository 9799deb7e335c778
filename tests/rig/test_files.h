// Files of a test, read and written whole.
#pragma once

#include <QByteArray>
#include <QFile>
#include <QString>
#include <QTest>

namespace alcove::tests {

// Empty if it cannot be read.
[[nodiscard]] inline QByteArray contents(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

// Fails the test if it cannot be written.
inline void write(const QString& path, const QByteArray& bytes) {
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    QCOMPARE(file.write(bytes), bytes.size());
}

}  // namespace alcove::tests
