// Text from outside on its way to a terminal.
//
// A terminal obeys control characters: they set its title and clipboard, move the cursor, answer as if the person had
// typed. So in text that a checkpoint, a model or a file gave, each of them but line break and tab becomes a character
// that shows it, and so do those that turn the direction of text. Files and pipes get the text as it is.
#pragma once

#include <QByteArray>
#include <QString>
#include <QStringDecoder>

namespace alcove {

// How a character that must not reach a terminal is shown.
enum class Shown {
    AsPicture,     // ␛ for escape; <U+202E> where there is no picture
    AsJsonEscape,  // \u001b, as JSON may have it within a text
};

// A text that comes in pieces, each of which may end within a character.
class VisibleText {
public:
    // UTF-8 in, UTF-8 out; what is no UTF-8 becomes U+FFFD. What a piece begins and does not end comes with the next
    // one.
    [[nodiscard]] QByteArray next(QByteArrayView piece, Shown how = Shown::AsPicture);

private:
    QStringDecoder m_decoder{QStringDecoder::Utf8, QStringConverter::Flag::ConvertInitialBom};
};

[[nodiscard]] QString visible(const QString& text, Shown how = Shown::AsPicture);

// From now on Qt's own messages go to standard error, made visible where that is a terminal.
void showMessagesVisibly();

}  // namespace alcove
