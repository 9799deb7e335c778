// The QML modules of app/.
#pragma once

namespace alcove {

// Makes the types of all modules of app/ known to QML. They are linked into the program and have no plugins, so nothing
// else would do it. Call it once, before the first QML engine is made.
void registerQmlModules();

}  // namespace alcove
