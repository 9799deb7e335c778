// What is sent of what a person typed.
#pragma once

#include <QtCore/QString>

namespace alcove {

// Without blank lines before and white space after; the first line keeps its indentation.
[[nodiscard]] QString trimmedMessage(const QString& text);

}  // namespace alcove
