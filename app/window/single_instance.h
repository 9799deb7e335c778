// One window for each data folder: a program that is started later asks the running one to show itself, and ends.
#pragma once

#include <memory>

#include <QtCore/QLockFile>
#include <QtCore/QObject>

class QLocalServer;
class QLocalSocket;

namespace alcove {

// What a later start asks of the running program.
struct StartRequest {
    QString checkpoint;          // an absolute path to open; empty: none
    QByteArray activationToken;  // the desktop's permission to come to the front (Wayland); empty: none

    friend bool operator==(const StartRequest&, const StartRequest&) = default;
};

// GUI thread. The programs speak over a local socket in the data folder, which its owner alone may use. What arrives is
// bounded in size and time, and what makes no sense is dropped.
class SingleInstance : public QObject {
    Q_OBJECT

public:
    enum class Role {
        First,      // no other program has the folder's window; `requested` tells of those started later
        Later,      // another has it, and has taken the request: this program should end
        Unanswered  // another has it and does not answer, or nothing can be told: open a window all the same
    };

    // `folder`: the data folder, which exists.
    explicit SingleInstance(const QString& folder, QObject* parent = nullptr);
    ~SingleInstance() override;

    // Waits at most `timeoutMs` for the other program. Call it once.
    [[nodiscard]] Role begin(const StartRequest& request, int timeoutMs = 3000);

signals:
    void requested(const alcove::StartRequest& request);

private:
    [[nodiscard]] Role handOver(const StartRequest& request, int timeoutMs) const;
    [[nodiscard]] bool listen();
    void take(QLocalSocket* socket);

    QString m_socketPath;
    QLockFile m_lock;  // held for the program's whole life, so that two that start at once cannot both be first
    std::unique_ptr<QLocalServer> m_server;
};

}  // namespace alcove
