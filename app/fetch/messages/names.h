// What names of a hub look like.
#pragma once

#include <QByteArray>
#include <QString>

namespace alcove {

// "ORG/NAME" of letters, digits, ".", "-" and "_", neither part beginning with a dot; up to 96 characters each.
[[nodiscard]] bool isRepository(const QString& name);
// A branch, tag or commit, up to 200 characters, of those of a repository and "/".
[[nodiscard]] bool isRevision(const QString& revision);
// 40 hexadecimal digits.
[[nodiscard]] bool isCommit(const QString& text);

// Whether `name` may be the name of a file below a folder: relative, of at most 1000 bytes, no part of it empty, ".",
// ".." or longer than 200 bytes, without backslashes, control characters and such as turn the direction of text.
[[nodiscard]] bool isSafeName(const QString& name);

}  // namespace alcove
