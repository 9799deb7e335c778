// alcove-fetch: downloads files of models, and is the only program of Alcove that uses the network.
//
// Alcove starts it when a person asked for a download, and it ends when its standard input does. Commands and events
// are lines of JSON (app/fetch/messages/messages.h). Exit codes: 0 the input has ended; 1 it is no such input; 2 it was
// started by hand.
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <string_view>
#include <unistd.h>

#include <QCoreApplication>
#include <QSocketNotifier>

#include "app/fetch/fetch_service.h"
#include "app/fetch/messages/line_buffer.h"
#include "app/process/privacy.h"
#include "app/process/terminal_text.h"
#include "app/version/version.h"

namespace {

constexpr int kNotCommands = 1;
constexpr int kByHand = 2;

// What waits for answers on other threads of Qt's is not waited for: what has come is on the disk.
[[noreturn]] void leave(int code) {
    ::_exit(code);
}

void tell(const alcove::FetchEvent& event) {
    const QByteArray line = alcove::lineOf(event);
    for (QByteArrayView rest = line; !rest.empty();) {
        const ssize_t count = ::write(STDOUT_FILENO, rest.data(), static_cast<std::size_t>(rest.size()));
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            leave(0);  // nobody listens any more
        }
        rest = rest.sliced(count);
    }
}

void readCommands(alcove::LineBuffer& lines, alcove::FetchService& service) {
    std::array<char, 1 << 16> buffer{};
    const ssize_t count = ::read(STDIN_FILENO, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) {
        return;
    }
    if (count <= 0) {
        leave(0);
    }
    lines.add(QByteArrayView(buffer.data(), count));
    while (const std::optional<QByteArray> line = lines.next()) {
        if (const std::optional<alcove::FetchCommand> command = alcove::commandIn(*line)) {
            service.handle(*command);
        } else {
            service.refuse(0);
        }
    }
    if (lines.overflowing()) {
        leave(kNotCommands);
    }
}

}  // namespace

int main(int argc, char* argv[]) {
    alcove::beginPrivately();
    alcove::refuseInspection();
    alcove::showMessagesVisibly();
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGXFSZ, SIG_IGN);
    if (argc > 1 && std::string_view(argv[1]) == "--version") {
        std::printf("Alcove %s\n", alcove::kVersion);
        return 0;
    }
    if (argc > 1 || ::isatty(STDIN_FILENO) == 1) {
        std::fputs("alcove-fetch is started by Alcove when you download a model: see alcove-cli library --help.\n",
                   stderr);
        return kByHand;
    }
    const QCoreApplication application(argc, argv);
    alcove::LineBuffer lines(alcove::kLongestCommand);
    alcove::FetchService service(&tell);
    const QSocketNotifier input(STDIN_FILENO, QSocketNotifier::Read);
    QObject::connect(&input, &QSocketNotifier::activated, &service, [&] { readCommands(lines, service); });
    return QCoreApplication::exec();
}
