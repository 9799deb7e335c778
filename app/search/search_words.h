// The words of a text, as search knows them: without case and diacritics.
//
// A word is a run of letters, digits and the marks on them. In scripts that put no spaces between words (Chinese,
// Japanese, Korean, Thai, Lao, Khmer, Burmese) each character is a word of its own, so that any part of a sentence is
// found as a phrase.
#pragma once

#include <QString>
#include <QStringView>

namespace alcove {

// Reads the words of a text one after the other. The text must outlive it.
class WordReader {
public:
    // Of a longer word, as in what looks like random bytes, only so many characters count.
    static constexpr qsizetype kLongestWord = 64;

    explicit WordReader(QStringView text) : m_text(text) {}

    // False: there is no further one.
    bool next();

    // Of the word that was read.
    [[nodiscard]] const QString& folded() const { return m_folded; }
    [[nodiscard]] qsizetype begin() const { return m_begin; }  // in the text
    [[nodiscard]] qsizetype end() const { return m_end; }

private:
    void fold();

    QStringView m_text;
    qsizetype m_begin = 0;
    qsizetype m_end = 0;
    bool m_plain = true;  // the word is of Latin letters and digits alone
    QString m_folded;
};

// `text` in small letters, without diacritics and what has no width. Letters that only look like another one with a
// stroke (ø, ł, đ) become that one.
[[nodiscard]] QString foldedText(QStringView text);

}  // namespace alcove
