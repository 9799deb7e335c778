#include "app/fetch/messages/failure.h"

#include <array>
#include <utility>

namespace alcove {
namespace {

using Kind = FetchFailureKind;

constexpr auto kFailureNames = std::to_array<std::pair<Kind, const char*>>({
    {Kind::NotFound, "not_found"},
    {Kind::Gated, "gated"},
    {Kind::Refused, "refused"},
    {Kind::TooManyRequests, "too_many_requests"},
    {Kind::ServerError, "server_error"},
    {Kind::UnexpectedAnswer, "unexpected_answer"},
    {Kind::Unreachable, "unreachable"},
    {Kind::Proxy, "proxy"},
    {Kind::Tls, "tls"},
    {Kind::Interrupted, "interrupted"},
    {Kind::Stalled, "stalled"},
    {Kind::RedirectLoop, "redirect_loop"},
    {Kind::InsecureAddress, "insecure_address"},
    {Kind::ForeignHost, "foreign_host"},
    {Kind::UnsafeListing, "unsafe_listing"},
    {Kind::ListingTooLarge, "listing_too_large"},
    {Kind::WrongSize, "wrong_size"},
    {Kind::WrongHash, "wrong_hash"},
    {Kind::DiskFull, "disk_full"},
    {Kind::NotWritable, "not_writable"},
    {Kind::Busy, "busy"},
    {Kind::BadRequest, "bad_request"},
    {Kind::Ended, "ended"},
});

}  // namespace

const char* failureName(FetchFailureKind kind) {
    for (const auto& [each, name] : kFailureNames) {
        if (each == kind) {
            return name;
        }
    }
    return "bad_request";
}

FetchFailureKind failureNamed(const QByteArray& name) {
    for (const auto& [kind, each] : kFailureNames) {
        if (name == each) {
            return kind;
        }
    }
    return Kind::BadRequest;
}

}  // namespace alcove
