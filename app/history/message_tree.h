// The messages of a conversation as a tree: what follows what, and what is shown of it.
//
// What the file says is not trusted. A parent is always older than its children: one that is not, or is unknown, stands
// for the message before. So nothing is lost from sight, and no walk runs in circles.
#pragma once

#include <vector>

#include <QList>

namespace alcove {

class MessageTree {
public:
    struct Node {
        qint64 id = 0;
        qint64 parent = 0;  // 0: none
        // In the bin, or an interrupted reply without text. What follows such a message follows the one before it.
        bool hidden = false;
    };

    // Oldest first, by ascending ids.
    explicit MessageTree(std::vector<Node> nodes);

    // Not a hidden one. All functions below take ids of messages that are there, unless they say otherwise.
    [[nodiscard]] bool contains(qint64 id) const;
    [[nodiscard]] bool isEmpty() const { return m_shown == 0; }  // nothing but hidden messages
    // Where a path ends whose stored end is `stored`, whatever became of that one; 0: there is no message.
    [[nodiscard]] qint64 leaf(qint64 stored) const;
    [[nodiscard]] QList<qint64> path(qint64 id) const;  // from the beginning to `id`; none for 0
    [[nodiscard]] qint64 parent(qint64 id) const;       // 0: none
    // Those that follow the same message, oldest first, with `id` itself.
    [[nodiscard]] QList<qint64> siblings(qint64 id) const;
    [[nodiscard]] int siblingIndex(qint64 id) const;
    [[nodiscard]] int siblingCount(qint64 id) const;
    // The newest message without children among `id` and those below it.
    [[nodiscard]] qint64 newestEnd(qint64 id) const;
    // `id` and all below it, hidden ones too, oldest first.
    [[nodiscard]] QList<qint64> branch(qint64 id) const;
    [[nodiscard]] QList<qint64> all() const;  // oldest first

private:
    static constexpr int kNone = -1;
    struct Place {
        int stored = kNone;  // the parent, which may be hidden
        int parent = kNone;  // the nearest one that is not hidden
        int siblingIndex = 0;
        int children = 0;
    };
    [[nodiscard]] int find(qint64 id) const;
    [[nodiscard]] int require(qint64 id) const;
    [[nodiscard]] int childrenOf(int index) const;
    // Whether each is `from` or below it; by the stored parents where `hiddenToo`.
    [[nodiscard]] std::vector<char> below(int from, bool hiddenToo) const;

    std::vector<Node> m_nodes;
    std::vector<Place> m_places;
    int m_roots = 0;
    int m_shown = 0;
};

}  // namespace alcove
