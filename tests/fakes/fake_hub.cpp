#include "tests/fakes/fake_hub.h"

#include <algorithm>
#include <memory>
#include <mutex>

#include <QCryptographicHash>
#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTcpServer>
#include <QTcpSocket>
#include <QThread>
#include <QUrl>
#include <QUrlQuery>

namespace alcove::tests {

namespace hub {

struct HubFile {
    QByteArray content;
    bool large = true;
    QByteArray sha256;
    QByteArray blob;
};

struct PlannedFault {
    QByteArray part;
    HubFault fault;
    int times = 1;
};

struct HubAnswer {
    int status = 200;
    QByteArray headers;
    QByteArray body;
};

QByteArray headerLine(const char* name, const QByteArray& value) {
    return QByteArray(name) + ": " + value + "\r\n";
}

}  // namespace hub

using namespace hub;

struct FakeHub::State {
    mutable std::mutex mutex;
    QHash<QString, QMap<QString, HubFile>> repositories;
    QByteArray listing;
    int pageSize = 1000;
    QByteArray token;
    bool etags = true;
    QList<PlannedFault> faults;
    QList<HubRequest> requests;
    quint16 hubPort = 0;
    quint16 storagePort = 0;
    QThread thread;
    QObject* servers = nullptr;  // on the thread

    [[nodiscard]] QByteArray hub() const { return "http://127.0.0.1:" + QByteArray::number(hubPort); }
    [[nodiscard]] QByteArray storage() const { return "http://127.0.0.2:" + QByteArray::number(storagePort); }
};

// One of the two hosts.
class FakeHub::Server {
public:
    Server(State& state, bool storage) : m_state(state), m_storage(storage) {}

    // Reads what has come; answers each request in it.
    void read(QTcpSocket& socket, QByteArray& pending) {
        pending += socket.readAll();
        constexpr char kTlsHandshake = 0x16;
        if (pending.startsWith(kTlsHandshake)) {
            socket.write("HTTP/1.1 400 x\r\n\r\n");
            socket.disconnectFromHost();
            return;
        }
        for (qsizetype end = pending.indexOf("\r\n\r\n"); end >= 0; end = pending.indexOf("\r\n\r\n")) {
            const QByteArray head = pending.left(end);
            pending.remove(0, end + 4);
            answer(socket, requestIn(head));
        }
    }

private:
    [[nodiscard]] HubRequest requestIn(const QByteArray& head) const {
        HubRequest request;
        request.storage = m_storage;
        const QList<QByteArray> lines = head.split('\n');
        const QList<QByteArray> words = lines[0].trimmed().split(' ');
        request.method = words.value(0);
        request.path = words.value(1);
        for (const QByteArray& header : lines.mid(1)) {
            const qsizetype colon = header.indexOf(':');
            request.headers.insert(header.left(colon).toLower(), header.mid(colon + 1).trimmed());
        }
        return request;
    }

    void answer(QTcpSocket& socket, HubRequest request) {
        const std::lock_guard lock(m_state.mutex);
        const HubFault* fault = nullptr;
        for (PlannedFault& planned : m_state.faults) {
            if (planned.times > 0 && request.path.contains(planned.part)) {
                --planned.times;
                fault = &planned.fault;
                break;
            }
        }
        HubAnswer answer = m_storage ? storageAnswer(request, fault) : hubAnswer(request);
        bool close = false;
        bool garbage = false;
        QByteArray body = request.method == "HEAD" ? QByteArray() : answer.body;
        qint64 length = answer.body.size();
        if (fault != nullptr) {
            switch (fault->kind) {
                case HubFault::Kind::Status:
                    answer = {static_cast<int>(fault->number), fault->text, {}};
                    body.clear();
                    length = 0;
                    break;
                case HubFault::Kind::Redirect:
                    answer = {302, headerLine("Location", fault->text), {}};
                    body.clear();
                    length = 0;
                    break;
                case HubFault::Kind::Break:
                    body.truncate(fault->number);
                    close = true;
                    break;
                case HubFault::Kind::Hold:
                    body.truncate(fault->number);
                    break;
                case HubFault::Kind::Corrupt:
                    if (fault->number < body.size()) {
                        body[fault->number] = static_cast<char>(body[fault->number] ^ 1);
                    }
                    break;
                case HubFault::Kind::Longer:
                    body += QByteArray(fault->number, 'x');
                    length = body.size();
                    break;
                case HubFault::Kind::Encoded:
                    answer.headers += headerLine("Content-Encoding", "gzip");
                    break;
                case HubFault::Kind::Garbage:
                    garbage = true;
                    break;
                case HubFault::Kind::Chunked: {
                    QByteArray chunked;
                    constexpr qsizetype kChunk = 70'001;
                    for (qsizetype at = 0; at < body.size(); at += kChunk) {
                        const QByteArray chunk = body.mid(at, kChunk);
                        chunked += QByteArray::number(chunk.size(), 16) + ";x=y\r\n" + chunk + "\r\n";
                    }
                    body = chunked + "0\r\nTrailer: x\r\n\r\n";
                    break;
                }
                case HubFault::Kind::NoLength:
                    close = true;
                    break;
                case HubFault::Kind::IgnoreRange:
                    break;
            }
        }
        request.sent = body.size();
        m_state.requests << request;
        if (garbage) {
            socket.write("\x01\x02no HTTP at all\r\n\r\n");
            socket.disconnectFromHost();
            return;
        }
        QByteArray lengthLine = headerLine("Content-Length", QByteArray::number(length));
        if (fault != nullptr && fault->kind == HubFault::Kind::Chunked) {
            lengthLine = headerLine("Transfer-Encoding", "chunked");
        } else if (fault != nullptr && fault->kind == HubFault::Kind::NoLength) {
            lengthLine.clear();
        }
        socket.write("HTTP/1.1 " + QByteArray::number(answer.status) + " x\r\n" + answer.headers + lengthLine + "\r\n");
        socket.write(body);
        if (close) {
            socket.disconnectFromHost();
        }
    }

    // BASE/ORG/NAME/resolve/REVISION/FILE and BASE/api/models/ORG/NAME/tree/REVISION
    [[nodiscard]] HubAnswer hubAnswer(const HubRequest& request) const {
        const QByteArray commit = headerLine("X-Repo-Commit", FakeHub::commit());
        if (!m_state.token.isEmpty() && request.header("authorization") != "Bearer " + m_state.token) {
            return {401, {}, {}};
        }
        const QUrl url(QString::fromLatin1(request.path));
        const QStringList parts = url.path().split(u'/');
        if (parts.value(1) == QLatin1String("api") && parts.value(5) == QLatin1String("tree")) {
            return listing(parts.value(3) + u'/' + parts.value(4), url);
        }
        const QString repository = parts.value(1) + u'/' + parts.value(2);
        const auto files = m_state.repositories.value(repository);
        const auto file = files.constFind(parts.mid(5).join(u'/'));
        if (parts.value(3) != QLatin1String("resolve") || file == files.cend()) {
            return {404, {}, {}};
        }
        if (!file->large) {
            return ranged(request, *file, commit + headerLine("ETag", '"' + file->blob + '"'), false);
        }
        return {302,
                commit + headerLine("X-Linked-Etag", '"' + file->sha256 + '"') +
                    headerLine("X-Linked-Size", QByteArray::number(file->content.size())) +
                    headerLine("Location", m_state.storage() + "/blob/" + repository.toLatin1() + '/' + file->sha256 +
                                               "?signature=" + QByteArray::number(m_state.requests.size())),
                {}};
    }

    [[nodiscard]] HubAnswer listing(const QString& repository, const QUrl& url) const {
        if (!m_state.listing.isEmpty()) {
            return {200, {}, m_state.listing};
        }
        if (!m_state.repositories.contains(repository)) {
            return {404, {}, {}};
        }
        const int from = QUrlQuery(url).queryItemValue("cursor").toInt();
        QJsonArray rows;
        const QMap<QString, HubFile> files = m_state.repositories.value(repository);
        const QStringList names = files.keys();
        for (const QString& name : names.mid(from, m_state.pageSize)) {
            const HubFile& file = *files.constFind(name);
            QJsonObject row{{"type", "file"},
                            {"path", name},
                            {"size", file.content.size()},
                            {"oid", QString::fromLatin1(file.blob)}};
            if (file.large) {
                row["lfs"] = QJsonObject{
                    {"oid", QString::fromLatin1(file.sha256)}, {"size", file.content.size()}, {"pointerSize", 134}};
            }
            rows << row;
        }
        const int next = from + m_state.pageSize;
        const QByteArray link =
            next < names.size()
                ? headerLine("Link", '<' + m_state.hub() + url.path().toLatin1() +
                                         "?recursive=true&cursor=" + QByteArray::number(next) + ">; rel=\"next\"")
                : QByteArray();
        return {200, link, QJsonDocument(rows).toJson(QJsonDocument::Compact)};
    }

    // BASE/blob/ORG/NAME/SHA256
    [[nodiscard]] HubAnswer storageAnswer(const HubRequest& request, const HubFault* fault) const {
        const QByteArray sha256 = request.path.left(request.path.indexOf('?')).split('/').last();
        for (const auto& repository : std::as_const(m_state.repositories)) {
            for (const HubFile& file : repository) {
                if (file.sha256 == sha256) {
                    const QByteArray headers =
                        m_state.etags ? headerLine("ETag", "\"s-" + sha256.left(20) + '"') : QByteArray();
                    return ranged(request, file, headers,
                                  fault != nullptr && fault->kind == HubFault::Kind::IgnoreRange);
                }
            }
        }
        return {404, {}, {}};
    }

    [[nodiscard]] static HubAnswer ranged(const HubRequest& request, const HubFile& file, const QByteArray& headers,
                                          bool ignoreRange) {
        const QByteArray range = request.header("range");
        if (!range.startsWith("bytes=") || ignoreRange) {
            return {200, headers, file.content};
        }
        const qint64 first = range.mid(6).chopped(1).toLongLong();
        return {206,
                headers + headerLine("Content-Range", "bytes " + QByteArray::number(first) + '-' +
                                                          QByteArray::number(file.content.size() - 1) + '/' +
                                                          QByteArray::number(file.content.size())),
                file.content.mid(first)};
    }

    State& m_state;
    bool m_storage;
};

FakeHub::FakeHub() : m_state(std::make_unique<State>()) {
    m_state->servers = new QObject;
    m_state->servers->moveToThread(&m_state->thread);
    m_state->thread.start();
    QMetaObject::invokeMethod(
        m_state->servers,
        [state = m_state.get()] {
            for (const bool storage : {false, true}) {
                auto* listener = new QTcpServer(state->servers);
                if (!listener->listen(QHostAddress(storage ? "127.0.0.2" : "127.0.0.1"))) {
                    qFatal("There is no port for the fake hub");
                }
                (storage ? state->storagePort : state->hubPort) = listener->serverPort();
                auto server = std::make_shared<Server>(*state, storage);
                QObject::connect(listener, &QTcpServer::newConnection, listener, [listener, server] {
                    while (QTcpSocket* socket = listener->nextPendingConnection()) {
                        auto pending = std::make_shared<QByteArray>();
                        QObject::connect(socket, &QTcpSocket::readyRead, socket,
                                         [socket, server, pending] { server->read(*socket, *pending); });
                        QObject::connect(socket, &QTcpSocket::disconnected, socket, &QObject::deleteLater);
                    }
                });
            }
        },
        Qt::BlockingQueuedConnection);
}

FakeHub::~FakeHub() {
    QMetaObject::invokeMethod(
        m_state->servers, [servers = m_state->servers] { delete servers; }, Qt::BlockingQueuedConnection);
    m_state->thread.quit();
    m_state->thread.wait();
}

QString FakeHub::base() const {
    return QString::fromLatin1(m_state->hub());
}

QString FakeHub::storageHost() const {
    return QString::fromLatin1(m_state->storage()).mid(7);
}

QByteArray FakeHub::commit() {
    return "0123456789abcdef0123456789abcdef01234567";
}

void FakeHub::add(const QString& repository, const QString& name, const QByteArray& content, bool large) {
    const std::lock_guard lock(m_state->mutex);
    HubFile file{content, large, {}, {}};
    file.sha256 = QCryptographicHash::hash(content, QCryptographicHash::Sha256).toHex();
    file.blob = QCryptographicHash::hash("blob " + QByteArray::number(content.size()) + '\0' + content,
                                         QCryptographicHash::Sha1)
                    .toHex();
    m_state->repositories[repository].insert(name, file);
}

void FakeHub::addFolder(const QString& repository, const QString& folder) {
    for (const QFileInfo& info : QDir(folder).entryInfoList(QDir::Files)) {
        QFile file(info.filePath());
        if (!file.open(QIODevice::ReadOnly)) {
            qFatal("A file of the fake hub cannot be read");
        }
        add(repository, info.fileName(), file.readAll(),
            info.fileName().endsWith(".bin") || info.fileName().endsWith(".safetensors") ||
                info.fileName() == "tokenizer.model");
    }
}

void FakeHub::setListing(const QByteArray& rows) {
    const std::lock_guard lock(m_state->mutex);
    m_state->listing = rows;
}

void FakeHub::setPageSize(int rows) {
    const std::lock_guard lock(m_state->mutex);
    m_state->pageSize = rows;
}

void FakeHub::requireToken(const QByteArray& token) {
    const std::lock_guard lock(m_state->mutex);
    m_state->token = token;
}

void FakeHub::setEtags(bool given) {
    const std::lock_guard lock(m_state->mutex);
    m_state->etags = given;
}

void FakeHub::fault(const QByteArray& part, const HubFault& fault, int times) {
    const std::lock_guard lock(m_state->mutex);
    m_state->faults << PlannedFault{part, fault, times};
}

void FakeHub::forgetFaults() {
    const std::lock_guard lock(m_state->mutex);
    m_state->faults.clear();
}

QList<HubRequest> FakeHub::requests() const {
    const std::lock_guard lock(m_state->mutex);
    return m_state->requests;
}

void FakeHub::forgetRequests() {
    const std::lock_guard lock(m_state->mutex);
    m_state->requests.clear();
}

}  // namespace alcove::tests
