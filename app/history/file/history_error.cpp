#include "app/history/file/history_error.h"

#include <QCoreApplication>
#include <QSqlError>

namespace alcove {
namespace {

struct ErrorText {
    Q_DECLARE_TR_FUNCTIONS(alcove::HistoryError)
};

// Primary result codes of https://www.sqlite.org/rescode.html
enum SqliteCode {
    kBusy = 5,
    kLocked = 6,
    kReadOnly = 8,
    kIoError = 10,
    kCorrupt = 11,
    kFull = 13,
    kCantOpen = 14,
    kConstraint = 19,
    kNotADatabase = 26
};

}  // namespace

HistoryError::HistoryError(Kind kind, const QString& sentence)
    : std::runtime_error(sentence.toStdString()), m_kind(kind), m_sentence(sentence) {
}

HistoryError HistoryError::from(const QSqlError& error) {
    // Extended codes keep the primary one in their low byte.
    switch (error.nativeErrorCode().toInt() & 0xff) {
        case kFull:
            return {Kind::NoSpace,
                    ErrorText::tr("There is no space left for the history. Nothing was changed; free some disk "
                                  "space and try again.")};
        case kCorrupt:
        case kNotADatabase:
            return {Kind::Damaged,
                    ErrorText::tr("The history file is damaged. Start Alcove again: it sets the file aside and "
                                  "recovers what can be read.")};
        case kReadOnly:
            return {Kind::ReadOnly, ErrorText::tr("The history cannot be written, so nothing new is saved.")};
        case kBusy:
        case kLocked:
            return {Kind::Busy, ErrorText::tr("The history is in use by another program. Try again in a moment.")};
        case kConstraint:
            return {Kind::NotFound, ErrorText::tr("This conversation is no longer in the history.")};
        case kIoError:
            return {Kind::Other, ErrorText::tr("The history could not be read or written (%1). Check the disk.")
                                     .arg(error.databaseText())};
        case kCantOpen:
            return {Kind::Other, ErrorText::tr("The history file could not be opened (%1).").arg(error.databaseText())};
        default:
            return {Kind::Other, ErrorText::tr("The history reported an error: %1").arg(error.text())};
    }
}

}  // namespace alcove
