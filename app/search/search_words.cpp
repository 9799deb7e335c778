#include "app/search/search_words.h"

namespace alcove {
namespace {

constexpr char16_t kAsciiEnd = 0x80;
constexpr char32_t kSoftHyphen = 0x00AD;
constexpr char32_t kNonJoiner = 0x200C;
constexpr char32_t kJoiner = 0x200D;
constexpr char16_t kSharpS = 0x00DF;
constexpr char32_t kLongVowel = 0x30FC;  // of Japanese; Unicode counts it to no script

bool isAsciiWord(char16_t unit) {
    return (unit >= u'a' && unit <= u'z') || (unit >= u'0' && unit <= u'9') || (unit >= u'A' && unit <= u'Z');
}

struct CodePoint {
    char32_t value = 0;
    qsizetype units = 1;
};

CodePoint codePointAt(QStringView text, qsizetype at) {
    const QChar unit = text[at];
    if (unit.isHighSurrogate() && at + 1 < text.size() && text[at + 1].isLowSurrogate()) {
        return {QChar::surrogateToUcs4(unit, text[at + 1]), 2};
    }
    return {unit.unicode(), 1};
}

bool isMark(char32_t character) {
    constexpr char32_t kHalfwidthVoiced = 0xFF9E;  // marks of Japanese that Unicode counts to the letters
    constexpr char32_t kHalfwidthHalfVoiced = 0xFF9F;
    return QChar::isMark(character) || character == kHalfwidthVoiced || character == kHalfwidthHalfVoiced;
}

// Belongs to a word that has begun.
bool goesOn(char32_t character) {
    return QChar::isLetterOrNumber(character) || isMark(character) || character == kSoftHyphen ||
           character == kNonJoiner || character == kJoiner;
}

bool standsAlone(char32_t character) {
    switch (QChar::script(character)) {
        case QChar::Script_Han:
        case QChar::Script_Hiragana:
        case QChar::Script_Katakana:
        case QChar::Script_Bopomofo:
        case QChar::Script_Hangul:
        case QChar::Script_Yi:
        case QChar::Script_Thai:
        case QChar::Script_Lao:
        case QChar::Script_Khmer:
        case QChar::Script_Myanmar:
            return true;
        default:
            return character == kLongVowel;
    }
}

// Marks of Latin, Greek, Cyrillic, Hebrew and Arabic, without which a word reads nearly the same. Those of other
// scripts are vowels.
bool isDiacritic(char32_t character) {
    struct Span {
        char32_t first;
        char32_t last;
    };
    static constexpr Span kSpans[] = {{0x0300, 0x036F}, {0x0483, 0x0487}, {0x0591, 0x05C7}, {0x0610, 0x061A},
                                      {0x064B, 0x065F}, {0x0670, 0x0670}, {0x06D6, 0x06ED}, {0x1AB0, 0x1AFF},
                                      {0x1DC0, 0x1DFF}, {0x20D0, 0x20FF}, {0xFE20, 0xFE2F}};
    for (const Span& span : kSpans) {
        if (character <= span.last) {
            return character >= span.first && isMark(character);
        }
    }
    return false;
}

// Letters that Unicode does not take apart.
QChar withoutStroke(QChar letter) {
    switch (letter.unicode()) {
        case 0x00F8:  // ø
            return u'o';
        case 0x0111:  // đ
            return u'd';
        case 0x0127:  // ħ
            return u'h';
        case 0x0131:  // ı
            return u'i';
        case 0x0142:  // ł
            return u'l';
        case 0x0167:  // ŧ
            return u't';
        default:
            return letter;
    }
}

}  // namespace

QString foldedText(QStringView text) {
    const QString apart = text.toString().normalized(QString::NormalizationForm_KD);
    QString kept;
    kept.reserve(apart.size());
    for (qsizetype at = 0; at < apart.size();) {
        const CodePoint point = codePointAt(apart, at);
        const bool hidden = point.value == kSoftHyphen || point.value == kNonJoiner || point.value == kJoiner;
        if (!hidden && !isDiacritic(point.value)) {
            kept += QStringView(apart).mid(at, point.units);
        }
        at += point.units;
    }
    kept = kept.toCaseFolded().normalized(QString::NormalizationForm_C);
    for (QChar& letter : kept) {
        letter = withoutStroke(letter);
    }
    return kept.replace(QChar(kSharpS), QLatin1String("ss"));
}

bool WordReader::next() {
    const qsizetype size = m_text.size();
    qsizetype at = m_end;
    CodePoint point;
    for (; at < size; at += point.units) {
        const char16_t unit = m_text[at].unicode();
        point = unit < kAsciiEnd ? CodePoint{unit, 1} : codePointAt(m_text, at);
        if (unit < kAsciiEnd ? isAsciiWord(unit) : QChar::isLetterOrNumber(point.value)) {
            break;
        }
    }
    if (at >= size) {
        m_begin = m_end = size;
        return false;
    }
    m_begin = at;
    m_plain = point.value < kAsciiEnd;
    const bool alone = !m_plain && standsAlone(point.value);
    for (at += point.units; at < size; at += point.units) {
        const char16_t unit = m_text[at].unicode();
        if (unit < kAsciiEnd) {
            if (alone || !isAsciiWord(unit)) {
                break;
            }
            point.units = 1;
            continue;
        }
        point = codePointAt(m_text, at);
        if (alone ? !isMark(point.value) : (!goesOn(point.value) || standsAlone(point.value))) {
            break;
        }
        m_plain = false;
    }
    m_end = at;
    fold();
    return true;
}

void WordReader::fold() {
    QStringView word = m_text.mid(m_begin, m_end - m_begin);
    if (word.size() > kLongestWord) {
        word = word.left(word[kLongestWord - 1].isHighSurrogate() ? kLongestWord - 1 : kLongestWord);
    }
    if (!m_plain) {
        m_folded = foldedText(word);
        return;
    }
    m_folded.resize(word.size());
    for (qsizetype i = 0; i < word.size(); ++i) {
        const char16_t unit = word[i].unicode();
        m_folded[i] = unit >= u'A' && unit <= u'Z' ? QChar(unit - u'A' + u'a') : QChar(unit);
    }
}

}  // namespace alcove
