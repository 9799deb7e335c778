// Where a link leads to.
#pragma once

#include <QtCore/QString>

namespace alcove {

// `target`, as somebody wrote it, as a complete http, https or mailto address in ASCII: names of hosts in the form in
// which look-alike letters differ ("xn--…"). Empty: it is none of these, or longer than kAddressCharacters.
[[nodiscard]] QString webAddress(const QString& target);

// The host of what webAddress() gave, or the address of a mail.
[[nodiscard]] QString placeOf(const QString& address);

constexpr qsizetype kAddressCharacters = 2000;

}  // namespace alcove
