// How names of checkpoints and folders are sorted for people.
#pragma once

#include <QCollator>
#include <QLocale>

namespace alcove {

// By the person's locale, numbers by their value, whatever the case of letters. The C locale compares bytes and knows
// no numbers; names are sorted for people in it too.
[[nodiscard]] inline QCollator nameOrder() {
    QCollator order(QLocale().language() == QLocale::C ? QLocale(QLocale::English) : QLocale());
    order.setNumericMode(true);
    order.setCaseSensitivity(Qt::CaseInsensitive);
    return order;
}

}  // namespace alcove
