#include "app/process/sandbox.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <functional>
#include <memory>
#include <seccomp.h>
#include <span>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "app/process/privacy.h"

namespace alcove {
namespace {

std::vector<ProtectionState> g_protections = {{Protection::NoNewPrivileges, false, {}},
                                              {Protection::NoNetwork, false, {}},
                                              {Protection::NoInspection, false, {}}};

struct RefusedCall {
    int number;
    int error;
};

// io_uring makes sockets without a system call that a filter sees, so it is said not to exist; programs then do
// without.
constexpr std::array kRefusedForNetwork = {RefusedCall{SCMP_SYS(io_uring_setup), ENOSYS}};

constexpr std::array kRefusedForInspection = {
    RefusedCall{SCMP_SYS(ptrace), EPERM},
    RefusedCall{SCMP_SYS(process_vm_readv), EPERM},
    RefusedCall{SCMP_SYS(process_vm_writev), EPERM},
    RefusedCall{SCMP_SYS(bpf), EPERM},
    RefusedCall{SCMP_SYS(keyctl), EPERM},
    RefusedCall{SCMP_SYS(add_key), EPERM},
    RefusedCall{SCMP_SYS(request_key), EPERM},
    RefusedCall{SCMP_SYS(userfaultfd), EPERM},
    RefusedCall{SCMP_SYS(perf_event_open), EPERM},
    RefusedCall{SCMP_SYS(pidfd_getfd), EPERM},
    RefusedCall{SCMP_SYS(kexec_load), EPERM},
    RefusedCall{SCMP_SYS(init_module), EPERM},
    RefusedCall{SCMP_SYS(finit_module), EPERM},
};

using Filter = std::unique_ptr<void, void (*)(scmp_filter_ctx)>;

// LeakSanitizer looks at its own process by ptrace.
#ifdef __SANITIZE_ADDRESS__
constexpr bool kInspectsItself = true;
#else
constexpr bool kInspectsItself = false;
#endif

// Each returns 0, or a negative errno as libseccomp has it.
int refuseAll(scmp_filter_ctx filter, std::span<const RefusedCall> calls) {
    for (const RefusedCall& call : calls) {
        const auto answer = SCMP_ACT_ERRNO(static_cast<unsigned>(call.error));
        if (const int result = ::seccomp_rule_add(filter, answer, call.number, 0); result != 0) {
            return result;
        }
    }
    return 0;
}

int refuseNetwork(scmp_filter_ctx filter) {
    for (const int call : {SCMP_SYS(socket), SCMP_SYS(socketpair)}) {
        const int result = ::seccomp_rule_add(filter, SCMP_ACT_ERRNO(EAFNOSUPPORT), call, 1,
                                              SCMP_A0(SCMP_CMP_NE, static_cast<scmp_datum_t>(AF_UNIX)));
        if (result != 0) {
            return result;
        }
    }
    return refuseAll(filter, kRefusedForNetwork);
}

int refuseInspecting(scmp_filter_ctx filter) {
    return refuseAll(filter, kRefusedForInspection);
}

// A filter of its own for each protection, so that what stands in the way of one does not cost the other. Calls of
// foreign architectures, which have other numbers, end the program (libseccomp's default).
std::string install(int (*rules)(scmp_filter_ctx)) {
    const Filter filter(::seccomp_init(SCMP_ACT_ALLOW), &::seccomp_release);
    if (!filter) {
        return "libseccomp has no filter";
    }
    int result = rules(filter.get());
    if (result == 0) {
        result = ::seccomp_load(filter.get());
    }
    return result == 0 ? std::string() : std::string(std::strerror(-result));
}

void note(Protection protection, const std::string& problem) {
    for (ProtectionState& state : g_protections) {
        if (state.protection == protection) {
            state.enforced = problem.empty();
            state.problem = problem;
        }
    }
}

ProtectionTrial trialOf(Protection protection, const char* what, const std::function<long()>& call) {
    errno = 0;
    const long result = call();
    const int error = errno;
    return {protection, what, result < 0, result < 0 ? std::strerror(error) : "It was allowed."};
}

ProtectionTrial trialOfSocket(const char* what, int family, int type) {
    return trialOf(Protection::NoNetwork, what, [family, type] {
        const long made = ::syscall(SYS_socket, family, type, 0);
        const int error = errno;
        if (made >= 0) {
            ::close(static_cast<int>(made));
        }
        errno = error;
        return made;
    });
}

}  // namespace

void lockDown() {
    note(Protection::NoNewPrivileges,
         ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 ? std::string() : std::string(std::strerror(errno)));
    note(Protection::NoNetwork, install(&refuseNetwork));
    if (!kInspectsItself && !tracingAllowed()) {
        note(Protection::NoInspection, install(&refuseInspecting));
    }
}

const std::vector<ProtectionState>& protections() {
    return g_protections;
}

std::vector<ProtectionTrial> tryProtections() {
    std::vector<ProtectionTrial> trials;
    const bool noNewRights = ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
    trials.push_back(
        {Protection::NoNewPrivileges, "prctl(PR_GET_NO_NEW_PRIVS)", noNewRights, noNewRights ? "Set." : "Not set."});
    trials.push_back(trialOfSocket("socket(AF_INET)", AF_INET, SOCK_STREAM));
    trials.push_back(trialOfSocket("socket(AF_INET6)", AF_INET6, SOCK_DGRAM));
    trials.push_back(trialOfSocket("socket(AF_NETLINK)", AF_NETLINK, SOCK_RAW));
    trials.push_back(trialOfSocket("socket(AF_PACKET)", AF_PACKET, SOCK_RAW));
    trials.push_back(trialOf(Protection::NoNetwork, "io_uring_setup", [] {
        // Without the filter: EFAULT for the missing parameters, which is no refusal.
        const long result = ::syscall(SYS_io_uring_setup, 1, nullptr);
        return result < 0 && errno == ENOSYS ? -1L : 0L;
    }));
    trials.push_back(trialOf(Protection::NoInspection, "ptrace", [] {
        const long result = ::syscall(SYS_ptrace, PTRACE_ATTACH, 0, nullptr, nullptr);
        return result < 0 && errno == EPERM ? -1L : 0L;  // without the filter: ESRCH
    }));
    trials.push_back(trialOf(Protection::NoInspection, "process_vm_readv", [] {
        const long result = ::syscall(SYS_process_vm_readv, ::getpid(), nullptr, 0, nullptr, 0, 0);
        return result < 0 ? -1L : 0L;  // without the filter: 0 bytes
    }));
    trials.push_back(trialOf(Protection::NoInspection, "bpf", [] {
        const long result = ::syscall(SYS_bpf, -1, nullptr, 0);
        return result < 0 && errno == EPERM ? -1L : 0L;  // as root and without the filter: EINVAL
    }));
    return trials;
}

}  // namespace alcove
