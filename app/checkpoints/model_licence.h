// Under which licence a checkpoint says it may be used.
#pragma once

#include <QString>

namespace alcove {

struct ModelLicence {
    QString name;  // as the card in README.md names it, "apache-2.0" for example; empty: it does not
    QString file;  // the licence file in its folder, absolute; empty: there is none
    QString text;  // of that file

    friend bool operator==(const ModelLicence&, const ModelLicence&) = default;
};

// Reads small files of the checkpoint's folder. Never throws: what cannot be read, is too large or no plain text is as
// if it were not there. Any thread.
[[nodiscard]] ModelLicence readModelLicence(const QString& location);

}  // namespace alcove
