// What of the window's command line is refused before Qt sees it.
#pragma once

#include <optional>
#include <string>

namespace alcove {

struct RefusedArgument {
    std::string name;   // "-platform", "QT_QPA_PLATFORM", "-qmljsdebugger"
    std::string value;  // what it asked for, where it is a platform; otherwise empty
};

// Qt takes options of its own from the command line, with one dash or two, and acts on some while the application is
// made: it would listen on the network (-platform vnc, -plugin tuiotouch, -qmljsdebugger) or load code from anywhere
// (-platformpluginpath, -testability). The first of these, or else a QT_QPA_PLATFORM that environment.h does not allow.
// A -platform or QT_QPA_PLATFORM of which something is allowed is reduced to that, in place.
[[nodiscard]] std::optional<RefusedArgument> refusedArgument(int argc, char** argv);

}  // namespace alcove
