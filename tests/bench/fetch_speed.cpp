// How fast a file of 2 GB comes from a server on this machine through alcove-fetch onto the disk, verified.
// Usage: fetch_speed FOLDER [MEGABYTES]   (FOLDER is on the disk that is to be measured)
#include <arpa/inet.h>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <netinet/in.h>
#include <string>
#include <sys/resource.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include <QFile>
#include <QProcess>

#include "app/fetch/messages/line_buffer.h"
#include "app/fetch/messages/messages.h"

using namespace alcove;

namespace {

constexpr std::size_t kMegabyte = 1'000'000;

// One answer, to whichever question.
void serve(int listener, const std::vector<char>& block, std::size_t blocks) {
    const int connection = ::accept(listener, nullptr, nullptr);
    std::vector<char> question(1 << 16);
    (void)::read(connection, question.data(), question.size());
    const std::string head = "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(block.size() * blocks) + "\r\n\r\n";
    (void)::write(connection, head.data(), head.size());
    for (std::size_t i = 0; i < blocks; ++i) {
        for (std::size_t sent = 0; sent < block.size();) {
            const ssize_t count = ::write(connection, block.data() + sent, block.size() - sent);
            if (count <= 0) {
                return;
            }
            sent += static_cast<std::size_t>(count);
        }
    }
    ::close(connection);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        std::puts("Usage: fetch_speed FOLDER [MEGABYTES]");
        return 2;
    }
    const QString folder = QFile::decodeName(argv[1]);
    const std::size_t blocks = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 2000;
    std::vector<char> block(kMegabyte);
    unsigned value = 1;
    for (char& each : block) {
        value = value * 1664525U + 1013904223U;
        each = static_cast<char>(value >> 24U);
    }
    ContentHash hash(HashKind::Sha256, static_cast<qint64>(blocks * kMegabyte));
    const auto hashBegin = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < blocks; ++i) {
        hash.add(QByteArrayView(block.data(), static_cast<qsizetype>(block.size())));
    }
    const auto secondsSince = [](std::chrono::steady_clock::time_point begin) {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    };
    std::printf("SHA-256 alone: %.0f MB/s\n", static_cast<double>(blocks) / secondsSince(hashBegin));

    const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener, 1) != 0 ||
        ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
        std::puts("There is no port for the server.");
        return 1;
    }
    std::thread server([&] { serve(listener, block, blocks); });

    QProcess fetch;
    fetch.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    const auto begin = std::chrono::steady_clock::now();
    fetch.start(ALCOVE_FETCH, QStringList());
    fetch.write(lineOf(FetchConfiguration{.base = QStringLiteral("http://127.0.0.1:%1").arg(ntohs(address.sin_port)),
                                          .log = folder + "/fetch-speed.log"}));
    fetch.write(lineOf(FetchFile{.id = 1,
                                 .repository = "org/model",
                                 .revision = "main",
                                 .name = "model.bin",
                                 .target = folder + "/fetch-speed.bin",
                                 .content = {static_cast<qint64>(blocks * kMegabyte), HashKind::Sha256, hash.hex()}}));
    LineBuffer lines(kLongestEvent);
    int exitCode = 1;
    for (bool over = false; !over && fetch.waitForReadyRead(600'000);) {
        lines.add(fetch.readAllStandardOutput());
        while (const std::optional<QByteArray> line = lines.next()) {
            const std::optional<FetchEvent> event = eventIn(*line);
            if (event && std::holds_alternative<FetchDone>(*event)) {
                const double seconds = secondsSince(begin);
                std::printf("Downloaded, verified and on the disk: %.0f MB/s (%.2f s)\n",
                            static_cast<double>(blocks) / seconds, seconds);
                exitCode = 0;
                over = true;
            } else if (event && std::holds_alternative<FetchFailed>(*event)) {
                std::printf("It failed: %s\n", line->constData());
                over = true;
            }
        }
    }
    fetch.closeWriteChannel();
    fetch.waitForFinished();
    rusage used{};
    ::getrusage(RUSAGE_CHILDREN, &used);
    const auto secondsOf = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    std::printf("Processor time of alcove-fetch: %.2f s, and %.2f s in the kernel\n", secondsOf(used.ru_utime),
                secondsOf(used.ru_stime));
    ::shutdown(listener, SHUT_RDWR);
    server.join();
    QFile::remove(folder + "/fetch-speed.bin");
    QFile::remove(folder + "/fetch-speed.log");
    return exitCode;
}
