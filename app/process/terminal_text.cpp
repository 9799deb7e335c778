#include "app/process/terminal_text.h"

#include <cstdio>
#include <unistd.h>

#include <QtGlobal>

namespace alcove {
namespace {

constexpr char16_t kFirstPicture = 0x2400;  // of NUL; those of the others follow
constexpr char16_t kDelete = 0x7F;
constexpr char16_t kPictureOfDelete = 0x2421;

bool isC0(char16_t code) {
    return code < 0x20 && code != u'\n' && code != u'\t';
}

// Unicode's property Bidi_Control.
bool isBidiControl(char16_t code) {
    return code == 0x061C || code == 0x200E || code == 0x200F || (code >= 0x202A && code <= 0x202E) ||
           (code >= 0x2066 && code <= 0x2069);
}

bool isHidden(char16_t code) {
    return isC0(code) || (code >= kDelete && code < 0xA0) || isBidiControl(code);
}

QString shownAs(char16_t code, Shown how) {
    if (how == Shown::AsJsonEscape) {
        return QStringLiteral("\\u%1").arg(code, 4, 16, QLatin1Char('0'));
    }
    if (isC0(code)) {
        return QChar(kFirstPicture + code);
    }
    return code == kDelete ? QString(QChar(kPictureOfDelete))
                           : QStringLiteral("<U+%1>").arg(code, 4, 16, QLatin1Char('0')).toUpper();
}

void writeMessage(QtMsgType type, const QMessageLogContext& context, const QString& message) {
    static const bool terminal = ::isatty(STDERR_FILENO) == 1;
    const QString line = qFormatLogMessage(type, context, message);
    std::fprintf(stderr, "%s\n", qUtf8Printable(terminal ? visible(line) : line));
    std::fflush(stderr);
}

}  // namespace

QString visible(const QString& text, Shown how) {
    QString result;
    result.reserve(text.size());
    for (const QChar character : text) {
        if (const char16_t code = character.unicode(); isHidden(code)) {
            result += shownAs(code, how);
        } else {
            result += character;
        }
    }
    return result;
}

QByteArray VisibleText::next(QByteArrayView piece, Shown how) {
    return visible(m_decoder.decode(piece), how).toUtf8();
}

void showMessagesVisibly() {
    qInstallMessageHandler(&writeMessage);
}

}  // namespace alcove
