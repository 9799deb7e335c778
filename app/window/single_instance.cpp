#include "app/window/single_instance.h"

#include <algorithm>

#include <QtCore/QDir>
#include <QtCore/QElapsedTimer>
#include <QtCore/QFileInfo>
#include <QtCore/QThread>
#include <QtCore/QTimer>
#include <QtNetwork/QLocalServer>
#include <QtNetwork/QLocalSocket>

namespace alcove {
namespace {

constexpr qsizetype kMostBytes = 1 << 16;
constexpr int kReadingMs = 2000;
const QByteArray kGreeting = QByteArrayLiteral("alcove-1");
const QByteArray kTaken = QByteArrayLiteral("taken");

// Fields that end in a zero byte each: the greeting, the checkpoint, the token.
QByteArray encoded(const StartRequest& request) {
    QByteArray bytes;
    for (const QByteArray& field : {kGreeting, QFile::encodeName(request.checkpoint), request.activationToken}) {
        bytes += field;
        bytes += '\0';
    }
    return bytes;
}

constexpr qsizetype kFields = 3;

// Whether `bytes` is a whole request; `request` then is it.
bool decode(const QByteArray& bytes, StartRequest& request) {
    const QList<QByteArray> fields = bytes.split('\0');  // one more, which is empty
    if (fields.size() != kFields + 1 || fields[0] != kGreeting || !fields[kFields].isEmpty()) {
        return false;
    }
    request = {QFile::decodeName(fields[1]), fields[2]};
    return request.checkpoint.isEmpty() || QFileInfo(request.checkpoint).isAbsolute();
}

}  // namespace

SingleInstance::SingleInstance(const QString& folder, QObject* parent)
    : QObject(parent),
      m_socketPath(QDir(folder).absoluteFilePath(QStringLiteral("window.socket"))),
      m_lock(QDir(folder).absoluteFilePath(QStringLiteral("window.lock"))) {
    m_lock.setStaleLockTime(0);  // stale only where the program that made it is gone
}

SingleInstance::~SingleInstance() = default;

SingleInstance::Role SingleInstance::begin(const StartRequest& request, int timeoutMs) {
    if (m_lock.tryLock(0)) {
        return listen() ? Role::First : Role::Unanswered;
    }
    // A folder that cannot be written has no lock and no socket: each start then has a window of its own.
    return m_lock.error() == QLockFile::LockFailedError ? handOver(request, timeoutMs) : Role::Unanswered;
}

SingleInstance::Role SingleInstance::handOver(const StartRequest& request, int timeoutMs) const {
    QElapsedTimer elapsed;
    elapsed.start();
    const auto left = [&elapsed, timeoutMs] { return std::max(1, timeoutMs - static_cast<int>(elapsed.elapsed())); };
    const QByteArray bytes = encoded(request);
    do {
        QLocalSocket socket;
        socket.connectToServer(m_socketPath);
        if (socket.waitForConnected(left()) && socket.write(bytes) == bytes.size() &&
            socket.waitForBytesWritten(left()) && socket.waitForReadyRead(left()) && socket.readAll() == kTaken) {
            return Role::Later;
        }
        QThread::msleep(20);  // the other one may have its lock and not its socket yet
    } while (elapsed.elapsed() < timeoutMs);
    return Role::Unanswered;
}

bool SingleInstance::listen() {
    QLocalServer::removeServer(m_socketPath);  // left by a program that was killed: the lock is ours
    m_server = std::make_unique<QLocalServer>();
    m_server->setSocketOptions(QLocalServer::UserAccessOption);
    connect(m_server.get(), &QLocalServer::newConnection, this, [this] {
        while (QLocalSocket* socket = m_server->nextPendingConnection()) {
            take(socket);
        }
    });
    return m_server->listen(m_socketPath);
}

void SingleInstance::take(QLocalSocket* socket) {
    socket->setReadBufferSize(kMostBytes + 1);
    connect(socket, &QLocalSocket::disconnected, socket, &QObject::deleteLater);
    QTimer::singleShot(kReadingMs, socket, &QLocalSocket::abort);
    connect(socket, &QLocalSocket::readyRead, this, [this, socket] {
        const QByteArray bytes = socket->peek(kMostBytes + 1);
        if (bytes.size() > kMostBytes || bytes.count('\0') > kFields) {
            socket->abort();
            return;
        }
        StartRequest request;
        if (bytes.count('\0') == kFields) {
            if (!decode(bytes, request)) {
                socket->abort();
                return;
            }
            socket->readAll();
            socket->write(kTaken);
            socket->disconnectFromServer();
            emit requested(request);
        }
    });
}

}  // namespace alcove

#include "moc_single_instance.cpp"
