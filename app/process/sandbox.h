// What the kernel refuses this program and all that it starts, from a point in main() on, whatever runs in it.
#pragma once

#include <string>
#include <vector>

namespace alcove {

enum class Protection {
    NoNewPrivileges,  // no program that is started can gain rights (PR_SET_NO_NEW_PRIVS)
    NoNetwork,        // no socket but AF_UNIX can be made (seccomp)
    NoInspection,     // no other process can be read or steered, and no kernel programs loaded (seccomp)
};

struct ProtectionState {
    Protection protection{};
    bool enforced = false;
    std::string problem;  // why not, as the system says it; empty: it is enforced, or was not asked for
};

// Asks the kernel for all of it, for this thread and those that it will start. Before any other thread, and after
// startBroker(), since it cannot be taken back and is inherited by every program that is started. What the kernel does
// not offer is left out: read protections() for that.
// Where asserts are compiled in, ALCOVE_ALLOW_TRACING=1 leaves NoInspection out, for debuggers and leak checks.
void lockDown();

// What lockDown() has reached; nothing is enforced before.
[[nodiscard]] const std::vector<ProtectionState>& protections();

// One thing that must be refused, tried for real.
struct ProtectionTrial {
    Protection protection{};
    std::string what;      // "socket(AF_INET)": the call, for people who know such
    bool refused = false;  // by the kernel
    std::string answer;    // of the kernel: "Address family not supported by protocol"
};

// Tries each of them, now, in this thread. A socket that could be made is closed unused.
[[nodiscard]] std::vector<ProtectionTrial> tryProtections();

}  // namespace alcove
