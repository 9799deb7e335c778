// Makes Markdown that somebody else wrote safe to hand to Qt's Text.
#pragma once

#include <QtCore/QString>

namespace alcove {

// `markdown` without images, raw HTML, and links to anything but http, https and mailto: what is taken
// out is shown as the characters that were written. The result is checked with the same parser that Qt
// uses; text that does not pass is shown wholly as it was written.
[[nodiscard]] QString safeMarkdown(const QString& markdown);

}  // namespace alcove
