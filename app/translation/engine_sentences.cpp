#include "app/translation/engine_sentences.h"

#include <QtCore/QCoreApplication>

namespace alcove {

QString inWords(const engine::Sentence& sentence) {
    const std::vector<engine::Sentence>& arguments = sentence.arguments();
    QString result;
    if (!sentence.translatable()) {
        result = QString::fromStdString(sentence.source());
        for (const engine::Sentence& part : arguments) {
            result += inWords(part);
        }
        return result;
    }
    const QString text = QCoreApplication::translate("engine", sentence.source().c_str());
    // In one pass, unlike QString::arg() twice: an argument may contain "%1" itself.
    for (qsizetype i = 0; i < text.size(); ++i) {
        const int next = text[i] == u'%' && i + 1 < text.size() ? text[i + 1].unicode() - u'1' : -1;
        if (next >= 0 && next < 9 && static_cast<std::size_t>(next) < arguments.size()) {
            result += inWords(arguments[static_cast<std::size_t>(next)]);
            ++i;
        } else {
            result += text[i];
        }
    }
    return result;
}

}  // namespace alcove
