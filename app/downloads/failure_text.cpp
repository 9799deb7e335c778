#include "app/downloads/failure_text.h"

#include <QCoreApplication>

#include "app/checkpoints/checkpoint_facts.h"

namespace alcove {
namespace {

struct FailureText {
    Q_DECLARE_TR_FUNCTIONS(alcove::FetchFailure)
};

QString waitText(qint64 seconds) {
    constexpr qint64 kMinute = 60;
    constexpr qint64 kTwoMinutes = 120;
    return seconds < kTwoMinutes
               ? FailureText::tr("%n second(s)", nullptr, static_cast<int>(seconds))
               : FailureText::tr("%n minute(s)", nullptr, static_cast<int>((seconds + kMinute - 1) / kMinute));
}

}  // namespace

QString failureText(const FetchFailure& failure, const QString& what) {
    const QString& host = failure.host;
    switch (failure.kind) {
        case FetchFailureKind::NotFound:
            return FailureText::tr(
                       "%1 was not found on %2. Look at its name and revision; if it is private, an access "
                       "token is needed.")
                .arg(what, host);
        case FetchFailureKind::Gated:
            return FailureText::tr(
                       "%1 does not give %2 to everybody. Look at the name; if the model asks for consent, "
                       "give it on its page and use your access token.")
                .arg(host, what);
        case FetchFailureKind::Refused:
            return FailureText::tr(
                       "%1 refuses %2. The access token may not read it: accept the model's conditions on its "
                       "page, or use another token.")
                .arg(host, what);
        case FetchFailureKind::TooManyRequests:
            return failure.seconds > 0
                       ? FailureText::tr(
                             "%1 is being asked too often, and wants to be left alone for %2. Try again then.")
                             .arg(host, waitText(failure.seconds))
                       : FailureText::tr("%1 is being asked too often. Try again later.").arg(host);
        case FetchFailureKind::ServerError:
            return FailureText::tr("%1 has a fault of its own (%2). Try again later.")
                .arg(host, QString::number(failure.status));
        case FetchFailureKind::UnexpectedAnswer:
            return failure.status > 0
                       ? FailureText::tr("%1 gave an answer that makes no sense (%2). Is it a hub of models?")
                             .arg(host, QString::number(failure.status))
                       : FailureText::tr("%1 gave an answer that makes no sense. Is it a hub of models?").arg(host);
        case FetchFailureKind::Unreachable:
            return FailureText::tr("%1 could not be reached. Look at the connection to the network, and try again.")
                .arg(host);
        case FetchFailureKind::Proxy:
            return FailureText::tr(
                       "The proxy between this machine and %1 does not let Alcove through. Look at its "
                       "settings.")
                .arg(host);
        case FetchFailureKind::Tls:
            return FailureText::tr(
                       "The connection to %1 is not to be trusted (%2). Look at this machine's clock; "
                       "somebody may be listening.")
                .arg(host, failure.detail);
        case FetchFailureKind::Interrupted:
            return FailureText::tr(
                       "The connection to %1 breaks off again and again. What has come is kept: try again to "
                       "carry on.")
                .arg(host);
        case FetchFailureKind::Stalled:
            return FailureText::tr(
                       "%1 sends nothing any more, or next to nothing. What has come is kept: try again to "
                       "carry on.")
                .arg(host);
        case FetchFailureKind::RedirectLoop:
            return FailureText::tr(
                       "The address leads from one place to the next and never ends, lastly at %1. Try again "
                       "later.")
                .arg(host);
        case FetchFailureKind::InsecureAddress:
            return FailureText::tr(
                       "The address leads to %1 without encryption, and is not followed. Use an address that "
                       "begins with https://.")
                .arg(host);
        case FetchFailureKind::ForeignHost:
            return FailureText::tr(
                       "The list of files is at another host, %1, which is not asked. Give that address if it "
                       "is the right one.")
                .arg(host);
        case FetchFailureKind::UnsafeListing:
            return FailureText::tr("The list of files of %1 cannot be trusted: %2. Nothing was downloaded.")
                .arg(what, failure.detail);
        case FetchFailureKind::ListingTooLarge:
            return FailureText::tr("%1 lists more files than any model has. Nothing was downloaded.").arg(what);
        case FetchFailureKind::WrongSize:
            return FailureText::tr(
                       "%1 has another size (%2) than it should have (%3). Try again later, or use another "
                       "address.")
                .arg(what, bytesText(failure.found), bytesText(failure.expected));
        case FetchFailureKind::WrongHash:
            return FailureText::tr(
                       "%1 was downloaded twice, and twice its content was not what it should be. It was "
                       "removed. Try again later, or use another address.")
                .arg(what);
        case FetchFailureKind::DiskFull:
            return FailureText::tr(
                       "There is no room for %1: it needs %2 more, and the disk has %3. What has come is kept. "
                       "Make room, and try again.")
                .arg(what, bytesText(failure.expected), bytesText(failure.found));
        case FetchFailureKind::NotWritable:
            return FailureText::tr("%1 could not be written: %2.").arg(what, failure.detail);
        case FetchFailureKind::Busy:
            return FailureText::tr("%1 is being downloaded by another window or terminal.").arg(what);
        case FetchFailureKind::BadRequest:
        case FetchFailureKind::Ended:
            break;
    }
    return FailureText::tr(
        "The program that downloads (alcove-fetch) ended unexpectedly. Try again; if that does not "
        "help, install Alcove again.");
}

}  // namespace alcove
