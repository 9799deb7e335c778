#include "app/chat/visible_characters.h"

#include <algorithm>

namespace alcove {

namespace {

constexpr char32_t kSubstitute = 0x25AF;  // ▯
constexpr qsizetype kCodePointsInAMark = 3;

struct Range {
    char32_t first;
    char32_t last;
};

bool isIn(char32_t character, const Range* begin, const Range* end) {
    return std::any_of(begin, end,
                       [character](const Range& range) { return character >= range.first && character <= range.last; });
}

// Never seen, and nothing that anybody writes needs them.
constexpr Range kHidden[] = {
    {0x0000, 0x0008},   {0x000B, 0x001F},   {0x007F, 0x009F},  // controls but tab and newline
    {0x034F, 0x034F},   {0x061C, 0x061C},                      // Arabic letter mark
    {0x115F, 0x1160},                                          // Hangul fillers
    {0x17B4, 0x17B5},   {0x180E, 0x180E},   {0x200B, 0x200B},  // zero width space
    {0x200E, 0x200F},                                          // marks of direction
    {0x202A, 0x202E},                                          // embedding and overriding directions
    {0x2060, 0x206F},                                          // word joiner, invisible operators, isolates
    {0x3164, 0x3164},   {0xFDD0, 0xFDEF},                      // noncharacters: Qt's documents use some for frames
    {0xFEFF, 0xFEFF},   {0xFFA0, 0xFFA0},   {0xFFF0, 0xFFFC},  // … and U+FFFC for images
    {0xFFFE, 0xFFFF},   {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A}, {0xE0000, 0xE00FF},  // tags
    {0xE0100, 0xE0FFF},  // selectors of a glyph, and what is not assigned
};
constexpr Range kJoiners[] = {{0x200C, 0x200D}};
constexpr Range kSelectors[] = {{0x180B, 0x180D}, {0xFE00, 0xFE0F}};
constexpr char32_t kParagraphSeparator = 0x2029;
constexpr char32_t kSoftHyphen = 0x00AD;
constexpr char32_t kBlackFlag = 0x1F3F4;  // begins the flags of regions, which are spelled in tags
constexpr Range kFlagTags[] = {{0xE0020, 0xE007F}};

bool isLatin(char32_t character) {
    return character < 0x0300;
}

bool isSelector(char32_t character) {
    return isIn(character, std::begin(kSelectors), std::end(kSelectors));
}

bool isHidden(char32_t character, char32_t before, char32_t after, Reading reading) {
    if (isIn(character, std::begin(kHidden), std::end(kHidden))) {
        return true;
    }
    const bool prose = reading == Reading::Prose;
    if (isIn(character, std::begin(kJoiners), std::end(kJoiners))) {
        return !prose || isLatin(before) || isLatin(after);
    }
    if (isSelector(character)) {
        const bool onAKeycap = (before >= U'0' && before <= U'9') || before == U'#' || before == U'*';
        return !prose || isSelector(before) || (before < 0x00A9 && !onAKeycap);
    }
    return character == kSoftHyphen && !(prose && before >= U'A' && after >= U'A');
}

QString codePoint(char32_t character) {
    return QStringLiteral("U+%1").arg(QString::number(character, 16).toUpper().rightJustified(4, u'0'));
}

// Adds to the last run if that looks the same.
void add(TextRuns& runs, const TextRun& like, const QString& text) {
    if (!runs.isEmpty() && runs.last().style == like.style && runs.last().target == like.target) {
        runs.last().text += text;
    } else {
        runs.append({text, like.style, like.target});
    }
}

// Collects hidden characters that follow each other, and writes one mark for them.
class Marker {
public:
    Marker(TextRuns& runs, const TextRun& like) : m_runs(runs), m_like(like) {
        m_marks = std::count_if(runs.begin(), runs.end(), [](const TextRun& run) { return run.style & TextRun::Mark; });
    }

    void take(char32_t character) {
        if (m_count < kCodePointsInAMark) {
            m_names << codePoint(character);
        }
        ++m_count;
    }
    void write() {
        if (m_count == 0) {
            return;
        }
        if (m_marks < kMarks) {
            TextRun mark = {m_names.join(u' '), m_like.style | TextRun::Mark, m_like.target};
            if (m_count > kCodePointsInAMark) {
                mark.text += QStringLiteral(" … %1×").arg(m_count);
            }
            m_runs.append(mark);
            ++m_marks;
        } else {
            add(m_runs, m_like, QString::fromUcs4(&kSubstitute, 1));
        }
        m_names.clear();
        m_count = 0;
    }

private:
    TextRuns& m_runs;
    const TextRun& m_like;
    qsizetype m_marks = 0;
    qsizetype m_count = 0;
    QStringList m_names;
};

char32_t lastOf(const TextRuns& runs) {
    if (runs.isEmpty() || runs.last().text.isEmpty() || (runs.last().style & TextRun::Mark)) {
        return 0;
    }
    const QString& text = runs.last().text;
    const qsizetype size = text.size();
    return size > 1 && text[size - 1].isLowSurrogate() && text[size - 2].isHighSurrogate()
               ? QChar::surrogateToUcs4(text[size - 2], text[size - 1])
               : text[size - 1].unicode();
}

}  // namespace

void appendVisible(TextRuns& runs, QStringView text, Reading reading, const TextRun& like) {
    const auto points = text.toUcs4();
    char32_t before = lastOf(runs);
    bool inFlag = false;
    Marker marker(runs, like);
    qsizetype plainFrom = 0;
    const auto writePlain = [&](qsizetype to) {
        if (to > plainFrom) {
            marker.write();
            add(runs, like,
                QString::fromUcs4(reinterpret_cast<const char32_t*>(points.data()) + plainFrom, to - plainFrom));
        }
    };
    for (qsizetype i = 0; i < points.size(); ++i) {
        const char32_t character = points[i];
        const char32_t after = i + 1 < points.size() ? points[i + 1] : 0;
        inFlag = reading == Reading::Prose &&
                 (character == kBlackFlag || (inFlag && isIn(character, std::begin(kFlagTags), std::end(kFlagTags))));
        if (character == U'\n' || character == kParagraphSeparator) {
            writePlain(i);
            marker.write();
            add(runs, like, QString(QChar(QChar::LineSeparator)));
            plainFrom = i + 1;
        } else if (!inFlag && isHidden(character, before, after, reading)) {
            writePlain(i);
            marker.take(character);
            plainFrom = i + 1;
        }
        before = character;
    }
    writePlain(points.size());
    marker.write();
}

}  // namespace alcove
