// Which addresses alcove-fetch asks, and where it lets itself be sent.
#pragma once

#include <optional>

#include <QString>
#include <QUrl>

#include "app/fetch/messages/failure.h"

namespace alcove {

// This machine, by its name or address.
[[nodiscard]] bool isLoopback(const QString& host);

// "host" or "host:port", for people and the log.
[[nodiscard]] QString hostText(const QUrl& url);

// Of the address, or of its scheme.
[[nodiscard]] quint16 portOf(const QUrl& url);

// Why the address is not asked: neither HTTPS nor, on this machine, HTTP; no host; a name or password in it.
[[nodiscard]] std::optional<FetchFailure> refusalOf(const QUrl& url);

enum class RedirectRule {
    SameHost,  // the answer itself is believed: it must be the hub's
    AnyHost,   // the content is verified by its hash, wherever it comes from
};

// Why a redirect is not followed. Beside what refusalOf() refuses: from another machine to this one, and against the
// rule.
[[nodiscard]] std::optional<FetchFailure> redirectRefusal(const QUrl& from, const QUrl& to, RedirectRule rule);

// The same scheme, host and port: the only place that an access token may go to.
[[nodiscard]] bool sameOrigin(const QUrl& a, const QUrl& b);

}  // namespace alcove
