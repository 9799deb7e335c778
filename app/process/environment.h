// Which variables of the environment a program of Alcove keeps.
//
// Qt's variables can make it listen on the network (QT_QPA_PLATFORM=vnc, QT_QPA_GENERIC_PLUGINS=tuiotouch), load code
// (QT_PLUGIN_PATH, QML_IMPORT_PATH, QT_LOAD_TESTABILITY) or write files elsewhere (QML_DISK_CACHE_PATH,
// QSG_RHI_PIPELINE_CACHE_SAVE), so only those that are known to do nothing of the kind are kept. Addresses of the
// desktop's services are kept where they are on this machine. DISPLAY is left as it is: whoever names a display on
// another machine wants the window there.
#pragma once

#include <string>
#include <string_view>

namespace alcove {

// Takes out what the rules above refuse, naming each variable on standard error, and points drivers of graphics
// devices, and what looks for the session's folder where there is none, to Alcove's cache folder. Before there is a
// second thread.
void restrictEnvironment();

// In a child between fork and exec: the environment as it was given, with what was added since.
void restoreEnvironmentInChild();

// Whether a variable of this name and value is kept as it is.
[[nodiscard]] bool keepsVariable(std::string_view name, std::string_view value);

// Of a list of Qt platforms ("wayland;xcb"), those that show a window on the desktop of this machine, or nowhere
// (offscreen), without their parameters. Empty: none of them does.
[[nodiscard]] std::string allowedPlatforms(std::string_view platforms);

}  // namespace alcove
