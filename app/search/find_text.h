// Finding a piece of text within texts, as a person would: without regard to case and diacritics.
#pragma once

#include <QList>
#include <QString>
#include <QStringView>

#include "app/search/snippet.h"

namespace alcove {

// Made once for what is looked for.
class TextFinder {
public:
    explicit TextFinder(const QString& wanted);

    [[nodiscard]] bool empty() const { return m_wanted.isEmpty(); }
    // Where it stands in `text`, in order, not overlapping; at most `most`. Any white space matches any other.
    [[nodiscard]] QList<TextRange> ranges(QStringView text, qsizetype most) const;

private:
    QString m_wanted;  // folded
};

}  // namespace alcove
