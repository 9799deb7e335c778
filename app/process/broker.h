// A process of its own that starts other programs for this one, which is locked down (sandbox.h): what a locked program
// starts is locked as well, and a browser without a network is of no use.
//
// It is forked before anything is locked, has nothing of a conversation in its memory, and does three things, each on
// request: open a web or mail address, open a folder, start the download program. It ends with the program.
#pragma once

#include <string>

namespace alcove {

// Once, before there is a second thread and before lockDown().
void startBroker();

// Each returns false where there is no broker, or where it refused or failed.

// Only http, https and mailto, of at most 8 KiB, without control characters and spaces.
[[nodiscard]] bool openAddressOutside(const std::string& address);
// An absolute path of a folder that is there.
[[nodiscard]] bool openFolderOutside(const std::string& path);
// The program alcove-fetch beside this one, which reads from `input` and writes to `output`; the caller closes both on
// its side. Its standard error is this program's.
[[nodiscard]] bool startFetch(int input, int output);

}  // namespace alcove
