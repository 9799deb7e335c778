// The engine's sentences in the language of the person.
#pragma once

#include <QtCore/QString>

#include "engine/base/sentence.h"

namespace alcove {

// By the translators that the application has installed, for each literal by itself; in English where they know none.
// Any thread.
[[nodiscard]] QString inWords(const engine::Sentence& sentence);

}  // namespace alcove
