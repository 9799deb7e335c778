// The one error of the history: a sentence a person can act on.
#pragma once

#include <stdexcept>

#include <QString>

class QSqlError;

namespace alcove {

class HistoryError : public std::runtime_error {
public:
    enum class Kind {
        NoSpace,   // the disk (or the allowed size) is full; nothing was changed
        Damaged,   // the file contradicts itself; the next start sets it aside and recovers it
        ReadOnly,  // this history cannot be written
        Busy,      // another program held it for too long
        NotFound,  // no such conversation or message
        Other,
    };

    HistoryError(Kind kind, const QString& sentence);
    // The kind and sentence that fit SQLite's error code.
    [[nodiscard]] static HistoryError from(const QSqlError& error);

    [[nodiscard]] Kind kind() const noexcept { return m_kind; }
    [[nodiscard]] const QString& sentence() const noexcept { return m_sentence; }

private:
    Kind m_kind;
    QString m_sentence;
};

}  // namespace alcove
