#include "app/process/privacy.h"

#include <algorithm>
#include <cstdlib>
#include <pthread.h>
#include <string_view>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "app/process/environment.h"

namespace alcove {
namespace {

constexpr mode_t kOwnerOnly = 077;
// Less than any core file, so none is written; and exactly 1 also keeps the kernel from piping one to a program such as
// systemd-coredump or apport, which 0 does not.
constexpr rlim_t kNoCore = 1;

// What programs that are started get back; written before there is a second thread.
struct Given {
    mode_t umask = 022;
    rlimit core = {};
    bool hasCore = false;
};
Given g_given;

// Between fork and exec, where only system calls and global objects may be used.
void giveBack() {
    ::umask(g_given.umask);
    if (g_given.hasCore) {
        ::setrlimit(RLIMIT_CORE, &g_given.core);
    }
    restoreEnvironmentInChild();
}

}  // namespace

void beginPrivately() {
    g_given.umask = ::umask(kOwnerOnly);
    g_given.hasCore = ::getrlimit(RLIMIT_CORE, &g_given.core) == 0;
    if (g_given.hasCore) {
        const rlimit none = {.rlim_cur = std::min(kNoCore, g_given.core.rlim_max), .rlim_max = g_given.core.rlim_max};
        ::setrlimit(RLIMIT_CORE, &none);
    }
    restrictEnvironment();
    ::pthread_atfork(nullptr, nullptr, &giveBack);
}

bool tracingAllowed() {
#ifndef NDEBUG
    const char* allowed = std::getenv("ALCOVE_ALLOW_TRACING");
    return allowed != nullptr && std::string_view(allowed) == "1";
#else
    return false;
#endif
}

void refuseInspection() {
    if (!tracingAllowed()) {
        ::prctl(PR_SET_DUMPABLE, 0);
    }
}

mode_t umaskOfPerson() {
    return g_given.umask;
}

}  // namespace alcove
