#include "app/chat/list_levels.h"

#include <algorithm>

#include <QtCore/QRegularExpression>

namespace alcove {

namespace {

constexpr qsizetype kTabColumns = 4;
constexpr qsizetype kMostSpaces = 4;  // after a marker; more belong to the text

const QRegularExpression& itemPattern() {
    static const QRegularExpression pattern(R"(^\s*([-+*]|\d{1,9}[.)])(\s+|$))");
    return pattern;
}

}  // namespace

qsizetype ListLevels::indentationOf(const QString& line) {
    qsizetype columns = 0;
    for (const QChar character : line) {
        if (character == u' ') {
            ++columns;
        } else if (character == u'\t') {
            columns += kTabColumns;
        } else {
            break;
        }
    }
    return columns;
}

bool ListLevels::isItem(const QString& line) {
    return itemPattern().match(line).hasMatch();
}

void ListLevels::take(const QString& line) {
    const QRegularExpressionMatch match = itemPattern().match(line);
    if (!match.hasMatch()) {
        return;
    }
    const qsizetype indentation = indentationOf(line);
    m_columns.resize(levelOf(indentation));
    if (m_columns.size() < kMostLevels) {
        const qsizetype spaces = match.capturedLength(2);
        m_columns.append(indentation + match.capturedLength(1) + (spaces > kMostSpaces || spaces == 0 ? 1 : spaces));
    }
}

int ListLevels::levelOf(qsizetype columns) const {
    return static_cast<int>(std::upper_bound(m_columns.begin(), m_columns.end(), columns) - m_columns.begin());
}

}  // namespace alcove
