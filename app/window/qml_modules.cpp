#include "app/window/qml_modules.h"

// Made by Qt's build tools, which declare them nowhere.
// NOLINTBEGIN(readability-identifier-naming)
void qml_register_types_Alcove_Chat();
void qml_register_types_Alcove_Conversations();
void qml_register_types_Alcove_Library();
void qml_register_types_Alcove_Notices();
void qml_register_types_Alcove_Settings();
void qml_register_types_Alcove_Transfer();
void qml_register_types_Alcove_Window();
// NOLINTEND(readability-identifier-naming)

namespace alcove {

void registerQmlModules() {
    qml_register_types_Alcove_Chat();
    qml_register_types_Alcove_Conversations();
    qml_register_types_Alcove_Library();
    qml_register_types_Alcove_Notices();
    qml_register_types_Alcove_Settings();
    qml_register_types_Alcove_Transfer();
    qml_register_types_Alcove_Window();
}

}  // namespace alcove
