#include "app/chat/trimmed_message.h"

namespace alcove {

QString trimmedMessage(const QString& text) {
    qsizetype begin = 0;
    for (qsizetype i = 0; i < text.size() && text[i].isSpace(); ++i) {
        if (text[i] == u'\n') {
            begin = i + 1;
        }
    }
    qsizetype end = text.size();
    while (end > begin && text[end - 1].isSpace()) {
        --end;
    }
    return text.mid(begin, end - begin);
}

}  // namespace alcove
