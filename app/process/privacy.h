// How a program begins, so that it leaves nothing on the machine that others can read.
#pragma once

#include <sys/types.h>

namespace alcove {

// The first statement of each program's main(), before any other thread and before Qt:
// - files and folders that it makes are its owner's alone (umask 077);
// - the system writes no core dump of it, which would hold conversations;
// - the environment has none of what environment.h refuses, and drivers keep their caches in Alcove's cache folder.
// Programs that it starts (the browser for a link) get the umask, the limit and the environment that it was given
// itself.
void beginPrivately();

// Other programs of the same person can no longer read this one's memory, and no core dump is made whatever the limits
// are. Desktop portals recognise a program by reading what this forbids, once for each connection to the bus, so the
// window calls it after a portal has answered.
// Left out where tracingAllowed().
void refuseInspection();

// Whether a debugger may look at this program: where asserts are compiled in, and ALCOVE_ALLOW_TRACING is 1.
[[nodiscard]] bool tracingAllowed();

// The umask that the program was started with, for files that a person asked for by name.
[[nodiscard]] mode_t umaskOfPerson();

}  // namespace alcove
