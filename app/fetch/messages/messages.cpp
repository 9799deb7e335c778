#include "app/fetch/messages/messages.h"

#include <algorithm>
#include <exception>
#include <stdexcept>

#include <nlohmann/json.hpp>

#include "app/fetch/messages/names.h"
#include "engine/files/bounded_json.h"

namespace alcove {
namespace {

using Json = nlohmann::json;

constexpr engine::JsonLimits kCommandLimits = {
    .bytes = kLongestCommand, .depth = 3, .values = 100, .text = kLongestCommand};
constexpr engine::JsonLimits kEventLimits = {
    .bytes = kLongestEvent, .depth = 4, .values = static_cast<std::size_t>(kMostListedFiles) * 8 + 100, .text = 4096};
constexpr qint64 kLargestNumber = qint64{1} << 53;

class NotAMessage : public std::runtime_error {
public:
    NotAMessage() : std::runtime_error("not a message") {}
};

std::string utf8(const QString& text) {
    return text.toStdString();
}

std::string text(const QByteArray& bytes) {
    return bytes.toStdString();
}

const Json& member(const Json& object, const char* key) {
    const auto found = object.find(key);
    if (found == object.end()) {
        throw NotAMessage();
    }
    return *found;
}

QString textIn(const Json& object, const char* key) {
    const Json& value = member(object, key);
    if (!value.is_string()) {
        throw NotAMessage();
    }
    return QString::fromStdString(value.get_ref<const std::string&>());
}

qint64 numberIn(const Json& object, const char* key) {
    const Json& value = member(object, key);
    if (!value.is_number_integer()) {
        throw NotAMessage();
    }
    const auto number = value.get<qint64>();
    if (number < 0 || number > kLargestNumber) {
        throw NotAMessage();
    }
    return number;
}

int countIn(const Json& object, const char* key) {
    constexpr qint64 kMost = 1 << 30;
    return static_cast<int>(std::min(numberIn(object, key), kMost));
}

Json jsonOf(const ContentIdentity& content) {
    return {{"size", content.size}, {content.kind == HashKind::Sha256 ? "sha256" : "blob", text(content.hex)}};
}

ContentIdentity contentIn(const Json& object) {
    ContentIdentity content;
    content.size = numberIn(object, "size");
    content.kind = object.contains("sha256") ? HashKind::Sha256 : HashKind::GitBlob;
    content.hex = textIn(object, content.kind == HashKind::Sha256 ? "sha256" : "blob").toLatin1();
    if (!isHash(content.kind, content.hex)) {
        throw NotAMessage();
    }
    return content;
}

Json jsonOf(const FetchFailure& failure) {
    return {{"kind", failureName(failure.kind)}, {"host", utf8(failure.host)},   {"status", failure.status},
            {"seconds", failure.seconds},        {"expected", failure.expected}, {"found", failure.found},
            {"detail", utf8(failure.detail)}};
}

FetchFailure failureIn(const Json& object) {
    const Json& value = member(object, "failure");
    if (!value.is_object()) {
        throw NotAMessage();
    }
    return {.kind = failureNamed(textIn(value, "kind").toLatin1()),
            .host = textIn(value, "host"),
            .status = countIn(value, "status"),
            .seconds = numberIn(value, "seconds"),
            .expected = numberIn(value, "expected"),
            .found = numberIn(value, "found"),
            .detail = textIn(value, "detail")};
}

QByteArray line(const Json& object) {
    return QByteArray::fromStdString(object.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
}

struct CommandWriter {
    Json operator()(const FetchConfiguration& command) const {
        const FetchLimits& limits = command.limits;
        return {{"do", "configure"},
                {"base", utf8(command.base)},
                {"token", utf8(command.token)},
                {"proxy", utf8(command.proxy)},
                {"log", utf8(command.log)},
                {"attempts", limits.attempts},
                {"backoff_ms", limits.backoffMs},
                {"longest_wait_ms", limits.longestWaitMs},
                {"stall_ms", limits.stallMs},
                {"trickle_ms", limits.trickleMs},
                {"trickle_bytes", limits.trickleBytes}};
    }
    Json operator()(const FetchList& command) const {
        return {{"do", "list"}, {"repository", utf8(command.repository)}, {"revision", utf8(command.revision)}};
    }
    Json operator()(const FetchFile& command) const {
        Json object = jsonOf(command.content);
        object.update({{"do", "get"},
                       {"id", command.id},
                       {"repository", utf8(command.repository)},
                       {"revision", utf8(command.revision)},
                       {"name", utf8(command.name)},
                       {"target", utf8(command.target)}});
        return object;
    }
};

FetchCommand commandOf(const Json& object) {
    const QString what = textIn(object, "do");
    if (what == QLatin1String("configure")) {
        return FetchConfiguration{.base = textIn(object, "base"),
                                  .token = textIn(object, "token"),
                                  .proxy = textIn(object, "proxy"),
                                  .log = textIn(object, "log"),
                                  .limits = {.attempts = countIn(object, "attempts"),
                                             .backoffMs = countIn(object, "backoff_ms"),
                                             .longestWaitMs = countIn(object, "longest_wait_ms"),
                                             .stallMs = countIn(object, "stall_ms"),
                                             .trickleMs = countIn(object, "trickle_ms"),
                                             .trickleBytes = numberIn(object, "trickle_bytes")}};
    }
    if (what == QLatin1String("list")) {
        return FetchList{textIn(object, "repository"), textIn(object, "revision")};
    }
    if (what == QLatin1String("get")) {
        return FetchFile{numberIn(object, "id"), textIn(object, "repository"), textIn(object, "revision"),
                         textIn(object, "name"), textIn(object, "target"),     contentIn(object)};
    }
    throw NotAMessage();
}

struct EventWriter {
    Json operator()(const FetchListing& event) const {
        Json files = Json::array();
        for (const ListedFile& file : event.files) {
            Json row = jsonOf(file.content);
            row["name"] = utf8(file.name);
            files.push_back(std::move(row));
        }
        return {{"event", "listing"}, {"commit", utf8(event.commit)}, {"files", std::move(files)}};
    }
    Json operator()(const FetchRedirected& event) const {
        return {{"event", "redirect"}, {"id", event.id}, {"host", utf8(event.host)}};
    }
    Json operator()(const FetchProgress& event) const {
        return {{"event", "progress"}, {"id", event.id}, {"bytes", event.bytes}, {"fetched", event.fetched}};
    }
    Json operator()(const FetchWaiting& event) const {
        return {{"event", "waiting"},
                {"id", event.id},
                {"milliseconds", event.milliseconds},
                {"failure", jsonOf(event.failure)}};
    }
    Json operator()(const FetchDone& event) const { return {{"event", "done"}, {"id", event.id}}; }
    Json operator()(const FetchFailed& event) const {
        return {{"event", "failed"}, {"id", event.id}, {"failure", jsonOf(event.failure)}};
    }
};

FetchListing listingIn(const Json& object) {
    FetchListing listing;
    listing.commit = textIn(object, "commit");
    const Json& files = member(object, "files");
    if (!files.is_array() || files.size() > static_cast<std::size_t>(kMostListedFiles)) {
        throw NotAMessage();
    }
    for (const Json& row : files) {
        if (!row.is_object()) {
            throw NotAMessage();
        }
        ListedFile file{textIn(row, "name"), contentIn(row)};
        if (!isSafeName(file.name)) {
            throw NotAMessage();
        }
        listing.files << std::move(file);
    }
    return listing;
}

FetchEvent eventOf(const Json& object) {
    const QString what = textIn(object, "event");
    if (what == QLatin1String("listing")) {
        return listingIn(object);
    }
    if (what == QLatin1String("redirect")) {
        return FetchRedirected{numberIn(object, "id"), textIn(object, "host")};
    }
    if (what == QLatin1String("progress")) {
        return FetchProgress{numberIn(object, "id"), numberIn(object, "bytes"), numberIn(object, "fetched")};
    }
    if (what == QLatin1String("waiting")) {
        return FetchWaiting{numberIn(object, "id"), numberIn(object, "milliseconds"), failureIn(object)};
    }
    if (what == QLatin1String("done")) {
        return FetchDone{numberIn(object, "id")};
    }
    if (what == QLatin1String("failed")) {
        return FetchFailed{numberIn(object, "id"), failureIn(object)};
    }
    throw NotAMessage();
}

template <typename Message, typename Read>
std::optional<Message> messageIn(QByteArrayView line, const engine::JsonLimits& limits, const Read& read) {
    try {
        const engine::JsonDocument document =
            engine::parseJsonObject(std::string_view(line.data(), static_cast<std::size_t>(line.size())), limits,
                                    [](const engine::Sentence&) { throw NotAMessage(); });
        return read(*document);
    } catch (const std::exception&) {
        return std::nullopt;
    }
}

}  // namespace

QByteArray lineOf(const FetchCommand& command) {
    return line(std::visit(CommandWriter(), command));
}

QByteArray lineOf(const FetchEvent& event) {
    return line(std::visit(EventWriter(), event));
}

std::optional<FetchCommand> commandIn(QByteArrayView line) {
    return messageIn<FetchCommand>(line, kCommandLimits, &commandOf);
}

std::optional<FetchEvent> eventIn(QByteArrayView line) {
    return messageIn<FetchEvent>(line, kEventLimits, &eventOf);
}

}  // namespace alcove
