#include "app/search/find_text.h"

#include "app/search/search_words.h"

namespace alcove {
namespace {

constexpr char16_t kLastAscii = 0x7F;

// A text without case, diacritics and doubled spaces, and where each of its characters stood.
struct Folded {
    QString text;
    QList<qsizetype> origin;

    explicit Folded(QStringView source) {
        text.reserve(source.size());
        origin.reserve(source.size() + 1);
        for (qsizetype at = 0; at < source.size();) {
            const qsizetype units =
                source[at].isHighSurrogate() && at + 1 < source.size() && source[at + 1].isLowSurrogate() ? 2 : 1;
            take(source.mid(at, units), at);
            at += units;
        }
        origin << source.size();
    }

private:
    void take(QStringView character, qsizetype at) {
        const QChar first = character[0];
        if (first.isSpace()) {
            if (text.isEmpty() || !text.back().isSpace()) {
                text += u' ';
                origin << at;
            }
        } else if (first.unicode() <= kLastAscii) {
            text += first.toLower();
            origin << at;
        } else {
            const QString folded = foldedText(character);
            text += folded;
            for (qsizetype i = 0; i < folded.size(); ++i) {
                origin << at;
            }
        }
    }
};

}  // namespace

TextFinder::TextFinder(const QString& wanted) : m_wanted(Folded(wanted.left(kLongestQuery)).text) {
    if (m_wanted.trimmed().isEmpty()) {
        m_wanted.clear();
    }
}

QList<TextRange> TextFinder::ranges(QStringView text, qsizetype most) const {
    QList<TextRange> result;
    if (m_wanted.isEmpty()) {
        return result;
    }
    const Folded folded(text);
    for (qsizetype at = folded.text.indexOf(m_wanted); at >= 0 && result.size() < most;
         at = folded.text.indexOf(m_wanted, at + m_wanted.size())) {
        result << TextRange{folded.origin[at], folded.origin[at + m_wanted.size()]};
    }
    return result;
}

}  // namespace alcove
