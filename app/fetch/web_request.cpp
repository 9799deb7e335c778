#include "app/fetch/web_request.h"

#include <algorithm>
#include <utility>

#include <QDateTime>
#include <QSslError>
#include <QSslSocket>

#include "app/fetch/backoff.h"
#include "app/fetch/proxy_choice.h"
#include "app/fetch/request_log.h"
#include "engine/files/file_errors.h"

namespace alcove {
namespace {

constexpr int kMostRedirects = 5;
constexpr qint64 kReadAtOnce = 1 << 20;
constexpr qint64 kBuffered = 4 << 20;           // that may wait to be written
constexpr qint64 kLogEvery = qint64{64} << 20;  // bytes
constexpr int kOk = 200;
constexpr int kPartial = 206;
constexpr int kRedirection = 300;
constexpr int kFirstError = 400;

QString fitForSentence(const QString& text) {
    return QString::fromStdString(engine::shown(text.toStdString()));
}

// The numbers of "bytes 5-9/10"; none if it is anything else.
struct Range {
    qint64 first;
    qint64 total;
};
std::optional<Range> rangeIn(const QByteArray& header) {
    const qsizetype dash = header.indexOf('-');
    const qsizetype slash = header.indexOf('/');
    constexpr qsizetype kUnit = 6;
    if (!header.startsWith("bytes ") || dash < kUnit || slash < dash) {
        return std::nullopt;
    }
    bool firstOk = false;
    bool totalOk = false;
    const Range range{header.mid(kUnit, dash - kUnit).toLongLong(&firstOk), header.mid(slash + 1).toLongLong(&totalOk)};
    return firstOk && totalOk && range.first >= 0 ? std::make_optional(range) : std::nullopt;
}

qint64 numberIn(const QByteArray& header) {
    bool ok = false;
    const qint64 number = header.toLongLong(&ok);
    return ok && number >= 0 ? number : -1;
}

}  // namespace

WebRequest::WebRequest(WebContext& context, WebQuestion question, QObject* parent)
    : QObject(parent), m_context(context), m_question(std::move(question)) {
    m_stall.setSingleShot(true);
    m_stall.setInterval(context.configuration.limits.stallMs);
    m_trickle.setInterval(context.configuration.limits.trickleMs);
    connect(&m_stall, &QTimer::timeout, this, &WebRequest::onStall);
    connect(&m_trickle, &QTimer::timeout, this, &WebRequest::onTrickleCheck);
}

WebRequest::~WebRequest() {
    stop();
}

void WebRequest::start() {
    if (const std::optional<FetchFailure> refusal = refusalOf(m_question.url)) {
        fail(*refusal);
        return;
    }
    ask(m_question.url);
}

void WebRequest::stop() {
    m_over = true;
    dropConnection();
}

void WebRequest::ask(const QUrl& url) {
    m_url = url;
    const std::optional<qint64> logged =
        m_context.log.begin({.host = hostText(url), .file = m_question.file, .why = m_question.why});
    if (!logged) {
        fail({.kind = FetchFailureKind::NotWritable, .detail = m_context.configuration.log});
        return;
    }
    m_logId = *logged;
    m_bytes = 0;
    m_bytesLogged = 0;
    m_headBytes.clear();
    m_head.reset();
    m_body.reset();
    m_socket = new QSslSocket(this);
    m_socket->setProxy(proxyFor(url));
    m_socket->setReadBufferSize(kBuffered);
    connect(m_socket, &QSslSocket::readyRead, this, &WebRequest::onReadable);
    connect(m_socket, &QSslSocket::errorOccurred, this, &WebRequest::onError);
    connect(m_socket, &QSslSocket::sslErrors, this, [this](const QList<QSslError>& errors) {
        m_tlsProblem = errors.isEmpty() ? QString() : errors.first().errorString();
    });
    m_stall.start();
    m_trickle.start();
    m_inThisWindow = 0;
    if (url.scheme() == QLatin1String("https")) {
        connect(m_socket, &QSslSocket::encrypted, this, &WebRequest::send);
        m_socket->connectToHostEncrypted(url.host(), portOf(url));
    } else {
        connect(m_socket, &QSslSocket::connected, this, &WebRequest::send);
        m_socket->connectToHost(url.host(), portOf(url));
    }
}

// Nothing of the person or the system is in it.
void WebRequest::send() {
    const QByteArray host = m_url.host(QUrl::FullyEncoded).toLatin1();
    QByteArray path = m_url.path(QUrl::FullyEncoded).toLatin1();
    if (m_url.hasQuery()) {
        path += '?' + m_url.query(QUrl::FullyEncoded).toLatin1();
    }
    QByteArray question = (m_question.head ? "HEAD " : "GET ") + (path.startsWith('/') ? path : '/' + path) +
                          " HTTP/1.1\r\nHost: " + (host.contains(':') ? '[' + host + ']' : host) +
                          (m_url.port() < 0 ? QByteArray() : ':' + QByteArray::number(m_url.port())) +
                          "\r\nConnection: close\r\nUser-Agent: Alcove\r\nAccept: */*\r\nAccept-Encoding: identity\r\n";
    if (!m_context.configuration.token.isEmpty() && sameOrigin(m_url, m_context.base)) {
        question += "Authorization: Bearer " + m_context.configuration.token.toLatin1() + "\r\n";
    }
    if (m_question.from > 0) {
        question += "Range: bytes=" + QByteArray::number(m_question.from) + "-\r\n";
        if (!m_question.validator.isEmpty()) {
            question += "If-Range: " + m_question.validator + "\r\n";
        }
    }
    m_socket->write(question + "\r\n");
}

void WebRequest::onReadable() {
    while (!m_over && m_socket != nullptr && m_socket->bytesAvailable() > 0) {
        const QByteArray bytes = m_socket->read(kReadAtOnce);
        if (bytes.isEmpty()) {
            break;
        }
        m_stall.start();
        m_inThisWindow += bytes.size();
        if (m_head) {
            readBody(bytes);
        } else {
            readHead(bytes);
        }
    }
}

void WebRequest::readHead(const QByteArray& bytes) {
    m_headBytes += bytes;
    const qsizetype end = m_headBytes.indexOf("\r\n\r\n");
    if (end < 0 && m_headBytes.size() <= kLongestHead) {
        return;
    }
    constexpr qsizetype kEmptyLine = 4;
    m_head = end < 0 || end > kLongestHead ? std::nullopt : HttpHead::read(m_headBytes.left(end));
    if (!m_head) {
        fail({.kind = FetchFailureKind::UnexpectedAnswer, .host = hostText(m_url)});
        return;
    }
    const QByteArray rest = m_headBytes.mid(end + kEmptyLine);
    m_headBytes.clear();
    if (m_head->status() < kOk) {  // another one follows
        m_head.reset();
        readHead(rest);
        return;
    }
    if (sameOrigin(m_url, m_context.base)) {
        if (m_answer.commit.isEmpty()) {
            m_answer.commit = m_head->header("x-repo-commit");
        }
        if (m_answer.linkedSize < 0) {
            m_answer.linkedSize = numberIn(m_head->header("x-linked-size"));
        }
    }
    if (m_head->status() >= kFirstError) {
        fail(failureOfStatus());
    } else if (m_head->status() >= kRedirection) {
        follow(m_url.resolved(QUrl(QString::fromUtf8(m_head->header("location")), QUrl::TolerantMode)));
    } else {
        answer();
        if (!m_over) {
            readBody(rest);
        }
    }
}

void WebRequest::follow(const QUrl& target) {
    if (++m_redirects > kMostRedirects) {
        fail({.kind = FetchFailureKind::RedirectLoop, .host = hostText(target)});
        return;
    }
    if (const std::optional<FetchFailure> refusal = redirectRefusal(m_url, target, m_question.rule)) {
        fail(*refusal);
        return;
    }
    const bool elsewhere = !sameOrigin(m_url, target);
    dropConnection();
    if (elsewhere) {
        emit redirected(hostText(target));
    }
    if (!m_over) {
        ask(target);
    }
}

void WebRequest::answer() {
    const int status = m_head->status();
    m_answer.status = status;
    m_answer.url = m_url;
    m_answer.etag = m_head->header("etag");
    m_answer.link = m_head->header("link");
    m_answer.total = m_head->length();
    const QByteArray encoding = m_head->header("content-encoding");
    const std::optional<Range> range = rangeIn(m_head->header("content-range"));
    const bool fits =
        status == kOk || (status == kPartial && m_question.from > 0 && range && range->first == m_question.from);
    if (!fits || (!encoding.isEmpty() && encoding != "identity")) {
        fail({.kind = FetchFailureKind::UnexpectedAnswer, .host = hostText(m_url), .status = status});
        return;
    }
    if (status == kPartial) {
        m_answer.first = range->first;
        m_answer.total = range->total;
    }
    m_body.emplace(*m_head);
    emit answered(m_answer);
    if (!m_over && (m_question.head || m_body->complete())) {
        end();
    }
}

void WebRequest::readBody(QByteArrayView bytes) {
    const bool good = m_body->add(bytes, [this](QByteArrayView content) {
        if (m_over) {
            return;
        }
        m_bytes += content.size();
        if (m_bytes - m_bytesLogged >= kLogEvery) {
            m_bytesLogged = m_bytes;
            m_context.log.received(m_logId, m_bytes);
        }
        emit received(QByteArray::fromRawData(content.data(), content.size()));
    });
    if (m_over) {
        return;
    }
    if (!good) {
        fail({.kind = FetchFailureKind::UnexpectedAnswer, .host = hostText(m_url)});
    } else if (m_body->complete()) {
        end();
    }
}

void WebRequest::onError(QAbstractSocket::SocketError error) {
    onReadable();  // what came before it
    if (m_over || m_socket == nullptr) {
        return;
    }
    if (error == QAbstractSocket::RemoteHostClosedError && m_body && m_body->endsWithConnection()) {
        end();
    } else {
        fail(failureOfConnection(error));
    }
}

void WebRequest::end() {
    stop();
    emit ended();
}

void WebRequest::onStall() {
    fail({.kind = FetchFailureKind::Stalled, .host = hostText(m_url)});
}

void WebRequest::onTrickleCheck() {
    if (std::exchange(m_inThisWindow, 0) < m_context.configuration.limits.trickleBytes) {
        onStall();
    }
}

void WebRequest::fail(const FetchFailure& failure) {
    if (m_over) {
        return;
    }
    stop();
    emit failed(failure);
}

void WebRequest::dropConnection() {
    m_stall.stop();
    m_trickle.stop();
    if (m_socket == nullptr) {
        return;
    }
    if (m_bytes != m_bytesLogged || m_bytes == 0) {
        m_context.log.received(m_logId, m_bytes);
    }
    QSslSocket* socket = std::exchange(m_socket, nullptr);
    socket->disconnect(this);
    socket->abort();
    socket->deleteLater();
}

FetchFailure WebRequest::failureOfStatus() const {
    constexpr int kUnauthorized = 401;
    constexpr int kForbidden = 403;
    constexpr int kNotFound = 404;
    constexpr int kGone = 410;
    constexpr int kProxyAuthentication = 407;
    constexpr int kTimeout = 408;
    constexpr int kTooMany = 429;
    constexpr int kServer = 500;
    const int status = m_head->status();
    FetchFailure failure{.kind = FetchFailureKind::UnexpectedAnswer, .host = hostText(m_url), .status = status};
    // The signed address at the storage has expired: the hub gives another one.
    const bool expired = !sameOrigin(m_url, m_context.base) && (status == kForbidden || status == kUnauthorized);
    if (expired || status >= kServer || status == kTimeout) {
        failure.kind = FetchFailureKind::ServerError;
    } else if (status == kUnauthorized) {
        failure.kind = FetchFailureKind::Gated;
    } else if (status == kForbidden) {
        failure.kind = FetchFailureKind::Refused;
    } else if (status == kNotFound || status == kGone) {
        failure.kind = FetchFailureKind::NotFound;
    } else if (status == kProxyAuthentication) {
        failure.kind = FetchFailureKind::Proxy;
    } else if (status == kTooMany) {
        failure.kind = FetchFailureKind::TooManyRequests;
    }
    if (failure.kind == FetchFailureKind::TooManyRequests || failure.kind == FetchFailureKind::ServerError) {
        failure.seconds = retryAfterSeconds(m_head->header("retry-after"), QDateTime::currentDateTimeUtc());
    }
    return failure;
}

FetchFailure WebRequest::failureOfConnection(QAbstractSocket::SocketError error) const {
    FetchFailure failure{.kind = FetchFailureKind::Interrupted,
                         .host = hostText(m_url),
                         .detail = fitForSentence(m_socket->errorString())};
    switch (error) {
        case QAbstractSocket::SslHandshakeFailedError:
        case QAbstractSocket::SslInternalError:
        case QAbstractSocket::SslInvalidUserDataError:
            failure.kind = FetchFailureKind::Tls;
            if (!m_tlsProblem.isEmpty()) {
                failure.detail = fitForSentence(m_tlsProblem);
            }
            break;
        case QAbstractSocket::ConnectionRefusedError:
        case QAbstractSocket::HostNotFoundError:
        case QAbstractSocket::SocketTimeoutError:
        case QAbstractSocket::NetworkError:
            failure.kind = m_head ? FetchFailureKind::Interrupted : FetchFailureKind::Unreachable;
            break;
        case QAbstractSocket::ProxyAuthenticationRequiredError:
        case QAbstractSocket::ProxyConnectionRefusedError:
        case QAbstractSocket::ProxyConnectionClosedError:
        case QAbstractSocket::ProxyConnectionTimeoutError:
        case QAbstractSocket::ProxyNotFoundError:
        case QAbstractSocket::ProxyProtocolError:
            failure.kind = FetchFailureKind::Proxy;
            break;
        default:
            break;
    }
    return failure;
}

}  // namespace alcove
