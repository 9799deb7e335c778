// A conversation's title, made from its first message.
#pragma once

#include <QString>

namespace alcove {

constexpr qsizetype kTitleLength = 60;

// The first line that is not blank, spaces collapsed, at most kTitleLength characters: cut between words (or,
// in text without spaces, between characters) and marked with "…". Blank text: "New conversation".
[[nodiscard]] QString conversationTitle(const QString& firstMessage);

}  // namespace alcove
