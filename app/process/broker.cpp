#include "app/process/broker.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <mutex>
#include <string_view>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <climits>

namespace alcove {
namespace {

enum class BrokerTask : char { OpenAddress = 'a', OpenFolder = 'f', StartFetch = 'd' };

constexpr std::size_t kLongestText = 8 << 10;
constexpr int kDescriptors = 2;

int g_broker = -1;
std::mutex g_brokerMutex;  // one request at a time, whichever thread asks

struct BrokerRequest {
    BrokerTask task{};
    std::string text;
    std::array<int, kDescriptors> descriptors = {-1, -1};
};

union ControlSpace {
    cmsghdr header;
    std::array<char, CMSG_SPACE(kDescriptors * sizeof(int))> bytes;
};

bool sendRequest(int socket, const BrokerRequest& request) {
    std::string bytes(1, static_cast<char>(request.task));
    bytes += request.text;
    iovec part = {.iov_base = bytes.data(), .iov_len = bytes.size()};
    msghdr message = {};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    ControlSpace control = {};
    if (request.descriptors[0] >= 0) {
        message.msg_control = control.bytes.data();
        message.msg_controllen = control.bytes.size();
        cmsghdr* header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(kDescriptors * sizeof(int));
        std::memcpy(CMSG_DATA(header), request.descriptors.data(), kDescriptors * sizeof(int));
    }
    ssize_t sent = 0;
    do {
        sent = ::sendmsg(socket, &message, MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    return sent == static_cast<ssize_t>(bytes.size());
}

// False: the program has gone, or sent what makes no sense.
bool receiveRequest(int socket, BrokerRequest& request) {
    std::string bytes(kLongestText + 2, '\0');
    iovec part = {.iov_base = bytes.data(), .iov_len = bytes.size()};
    ControlSpace control = {};
    msghdr message = {};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.bytes.data();
    message.msg_controllen = control.bytes.size();
    ssize_t received = 0;
    do {
        received = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    } while (received < 0 && errno == EINTR);
    if (received <= 0 || (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0) {
        return false;
    }
    request = {};
    request.task = static_cast<BrokerTask>(bytes.front());
    request.text = bytes.substr(1, static_cast<std::size_t>(received) - 1);
    for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr; header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS &&
            header->cmsg_len == CMSG_LEN(kDescriptors * sizeof(int))) {
            std::memcpy(request.descriptors.data(), CMSG_DATA(header), kDescriptors * sizeof(int));
        }
    }
    return true;
}

bool isOpenableAddress(const std::string& text) {
    const auto begins = [&text](std::string_view scheme) { return text.compare(0, scheme.size(), scheme) == 0; };
    const bool plain = std::all_of(text.begin(), text.end(),
                                   [](char each) { return static_cast<unsigned char>(each) > ' ' && each != '\x7f'; });
    return plain && text.size() <= kLongestText && (begins("http://") || begins("https://") || begins("mailto:"));
}

bool isFolder(const std::string& path) {
    struct stat status {};
    return !path.empty() && path.front() == '/' && path.find('\0') == std::string::npos &&
           ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

// Whether the program could be started; it runs on by itself. `input` and `output`: its own, or -1.
bool startProgram(const char* program, const char* argument, int input = -1, int output = -1) {
    std::array<int, 2> failure{};  // gets a byte where the program cannot be run, and is closed by running it
    if (::pipe2(failure.data(), O_CLOEXEC) != 0) {
        return false;
    }
    const pid_t child = ::fork();
    if (child == 0) {
        ::setsid();
        const int nothing = ::open("/dev/null", O_RDWR);
        ::dup2(input >= 0 ? input : nothing, STDIN_FILENO);
        ::dup2(output >= 0 ? output : nothing, STDOUT_FILENO);
        ::signal(SIGPIPE, SIG_DFL);
        ::signal(SIGINT, SIG_DFL);
        ::signal(SIGCHLD, SIG_DFL);
        ::execlp(program, program, argument, static_cast<char*>(nullptr));
        const char byte = 1;
        (void)!::write(failure[1], &byte, 1);
        ::_exit(127);
    }
    ::close(failure[1]);
    char byte = 0;
    ssize_t got = 0;
    do {
        got = ::read(failure[0], &byte, 1);
    } while (got < 0 && errno == EINTR);
    ::close(failure[0]);
    return child > 0 && got == 0;
}

std::string fetchProgram() {
    std::string path(PATH_MAX, '\0');
    const ssize_t length = ::readlink("/proc/self/exe", path.data(), path.size());
    path.resize(length < 0 ? 0 : static_cast<std::size_t>(length));
    return path.substr(0, path.rfind('/') + 1) + "alcove-fetch";
}

bool perform(const BrokerRequest& request) {
    switch (request.task) {
        case BrokerTask::OpenAddress:
            return isOpenableAddress(request.text) && startProgram("xdg-open", request.text.c_str());
        case BrokerTask::OpenFolder:
            return isFolder(request.text) && startProgram("xdg-open", request.text.c_str());
        case BrokerTask::StartFetch:
            return request.descriptors[0] >= 0 &&
                   startProgram(fetchProgram().c_str(), nullptr, request.descriptors[0], request.descriptors[1]);
    }
    return false;
}

[[noreturn]] void serve(int socket) {
    // Who reads from the program's output must not wait for this process; messages of alcove-fetch go to its errors.
    if (const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC); nothing >= 0) {
        ::dup2(nothing, STDIN_FILENO);
        ::dup2(nothing, STDOUT_FILENO);
    }
    ::signal(SIGCHLD, SIG_IGN);  // nobody waits for what was started
    ::signal(SIGINT, SIG_IGN);   // Ctrl-C in the terminal is the program's
    ::prctl(PR_SET_NAME, "alcove-broker");
    BrokerRequest request;
    while (receiveRequest(socket, request)) {
        const char answer = perform(request) ? 1 : 0;
        for (const int descriptor : request.descriptors) {
            if (descriptor >= 0) {
                ::close(descriptor);
            }
        }
        if (::send(socket, &answer, 1, MSG_NOSIGNAL) != 1) {
            break;
        }
    }
    ::_exit(0);
}

bool ask(const BrokerRequest& request) {
    const std::lock_guard lock(g_brokerMutex);
    if (g_broker < 0 || request.text.size() > kLongestText || !sendRequest(g_broker, request)) {
        return false;
    }
    char answer = 0;
    ssize_t got = 0;
    do {
        got = ::recv(g_broker, &answer, 1, 0);
    } while (got < 0 && errno == EINTR);
    return got == 1 && answer == 1;
}

}  // namespace

void startBroker() {
    std::array<int, 2> ends{};
    if (g_broker >= 0 || ::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
        return;
    }
    const pid_t child = ::fork();
    if (child == 0) {
        ::close(ends[0]);
        serve(ends[1]);
    }
    ::close(ends[1]);
    if (child < 0) {
        ::close(ends[0]);
        return;
    }
    g_broker = ends[0];
}

bool openAddressOutside(const std::string& address) {
    return ask({.task = BrokerTask::OpenAddress, .text = address});
}

bool openFolderOutside(const std::string& path) {
    return ask({.task = BrokerTask::OpenFolder, .text = path});
}

bool startFetch(int input, int output) {
    return ask({.task = BrokerTask::StartFetch, .text = {}, .descriptors = {input, output}});
}

}  // namespace alcove
