// Which items of Markdown's lists a line belongs to, by its indentation.
#pragma once

#include <QtCore/QList>
#include <QtCore/QString>

namespace alcove {

// A value; remembers the items that are open, at most kMostLevels within each other.
class ListLevels {
public:
    static constexpr int kMostLevels = 8;

    // In columns; a tab counts as four.
    [[nodiscard]] static qsizetype indentationOf(const QString& line);
    [[nodiscard]] static bool isItem(const QString& line);

    // The next line of a list: if it is an item, it closes those that it is not in, and opens.
    void take(const QString& line);
    void clear() { m_columns.clear(); }

    [[nodiscard]] bool any() const { return !m_columns.isEmpty(); }
    // How many open items a line is in that is indented by so many columns.
    [[nodiscard]] int levelOf(qsizetype columns) const;
    // Where the text of the items at that level begins; 0 for level 0.
    [[nodiscard]] qsizetype columnOf(int level) const { return level > 0 ? m_columns[level - 1] : 0; }

private:
    QList<qsizetype> m_columns;  // where the text of each open item begins, the outermost first
};

}  // namespace alcove
