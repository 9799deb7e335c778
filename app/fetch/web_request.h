// One GET or HEAD, followed along its redirects, as a stream of bytes.
//
// Plain HTTP/1.1 over a socket of Qt's, a connection for each request: Qt's own client asks again by itself when a
// connection ends at an awkward moment, which would be requests that nobody has written down, for bytes that are there.
#pragma once

#include <optional>
#include <utility>

#include <QAbstractSocket>
#include <QObject>
#include <QTimer>
#include <QUrl>

#include "app/fetch/address_rules.h"
#include "app/fetch/http_answer.h"
#include "app/fetch/messages/messages.h"

class QSslSocket;

namespace alcove {

class RequestLog;

// What all requests of a run share. Each outlives them.
struct WebContext {
    WebContext(RequestLog& requests, FetchConfiguration chosen, QUrl hub)
        : log(requests), configuration(std::move(chosen)), base(std::move(hub)) {}

    RequestLog& log;
    FetchConfiguration configuration;
    QUrl base;  // the token goes to its origin alone
};

struct WebQuestion {
    QUrl url;
    bool head = false;
    RedirectRule rule = RedirectRule::AnyHost;
    qint64 from = 0;            // the first byte that is wanted
    QByteArray validator = {};  // of the answer that the bytes before it came from
    QString file;               // for the log
    QString why;
};

// The answer that is none of a redirect, before its bytes.
struct WebAnswer {
    int status = 0;
    QUrl url;
    QByteArray etag;
    QByteArray link;
    QByteArray commit;       // X-Repo-Commit of this answer or of a redirect to it
    qint64 linkedSize = -1;  // X-Linked-Size, the same; -1: not said
    qint64 first = 0;        // of the bytes that follow
    qint64 total = -1;       // of the whole content; -1: not said
};

// Used once. Nothing is signalled after stop(), `ended` or `failed`; it may be deleted in a slot by deleteLater().
class WebRequest : public QObject {
    Q_OBJECT

public:
    WebRequest(WebContext& context, WebQuestion question, QObject* parent = nullptr);
    ~WebRequest() override;

    void start();
    void stop();

signals:
    void redirected(const QString& host);  // to another one
    void answered(const WebAnswer& answer);
    void received(const QByteArray& bytes);
    void ended();
    void failed(const FetchFailure& failure);

private:
    void ask(const QUrl& url);
    void send();
    void onReadable();
    void onError(QAbstractSocket::SocketError error);
    void onStall();
    void onTrickleCheck();
    void readHead(const QByteArray& bytes);
    void readBody(QByteArrayView bytes);
    void follow(const QUrl& target);
    void answer();
    void end();
    void fail(const FetchFailure& failure);
    void dropConnection();
    [[nodiscard]] FetchFailure failureOfStatus() const;
    [[nodiscard]] FetchFailure failureOfConnection(QAbstractSocket::SocketError error) const;

    WebContext& m_context;
    WebQuestion m_question;
    QSslSocket* m_socket = nullptr;  // without TLS, too, where the address has none
    QUrl m_url;
    QByteArray m_headBytes;  // until the head is whole
    std::optional<HttpHead> m_head;
    std::optional<HttpBody> m_body;
    WebAnswer m_answer;
    bool m_over = false;
    int m_redirects = 0;
    QString m_tlsProblem;
    QTimer m_stall;
    QTimer m_trickle;
    qint64 m_inThisWindow = 0;  // bytes since the trickle was last looked at
    qint64 m_logId = 0;
    qint64 m_bytes = 0;  // of the body that is being received
    qint64 m_bytesLogged = 0;
};

}  // namespace alcove
