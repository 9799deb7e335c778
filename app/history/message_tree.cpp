#include "app/history/message_tree.h"

#include <algorithm>

namespace alcove {

MessageTree::MessageTree(std::vector<Node> nodes) : m_nodes(std::move(nodes)), m_places(m_nodes.size()) {
    for (std::size_t i = 0; i < m_nodes.size(); ++i) {
        const Node& node = m_nodes[i];
        Place& place = m_places[i];
        if (node.parent != 0) {
            const int found = node.parent < node.id ? find(node.parent) : kNone;
            place.stored = found != kNone ? found : static_cast<int>(i) - 1;
        }
        place.parent = place.stored;
        if (place.parent != kNone && m_nodes[static_cast<std::size_t>(place.parent)].hidden) {
            place.parent = m_places[static_cast<std::size_t>(place.parent)].parent;
        }
        if (!node.hidden) {
            int& count = place.parent == kNone ? m_roots : m_places[static_cast<std::size_t>(place.parent)].children;
            place.siblingIndex = count++;
            ++m_shown;
        }
    }
}

int MessageTree::find(qint64 id) const {
    const auto found = std::lower_bound(m_nodes.begin(), m_nodes.end(), id,
                                        [](const Node& node, qint64 wanted) { return node.id < wanted; });
    return found != m_nodes.end() && found->id == id ? static_cast<int>(found - m_nodes.begin()) : kNone;
}

int MessageTree::require(qint64 id) const {
    const int index = find(id);
    Q_ASSERT(index != kNone);
    return index;
}

int MessageTree::childrenOf(int index) const {
    return index == kNone ? m_roots : m_places[static_cast<std::size_t>(index)].children;
}

bool MessageTree::contains(qint64 id) const {
    const int index = find(id);
    return index != kNone && !m_nodes[static_cast<std::size_t>(index)].hidden;
}

qint64 MessageTree::leaf(qint64 stored) const {
    if (contains(stored)) {
        return stored;
    }
    if (const int index = find(stored); index != kNone) {
        if (const int above = m_places[static_cast<std::size_t>(index)].parent; above != kNone) {
            return m_nodes[static_cast<std::size_t>(above)].id;
        }
    }
    for (std::size_t i = m_nodes.size(); i > 0; --i) {
        if (!m_nodes[i - 1].hidden && m_places[i - 1].children == 0) {
            return m_nodes[i - 1].id;
        }
    }
    return 0;
}

QList<qint64> MessageTree::path(qint64 id) const {
    QList<qint64> path;
    for (int index = id == 0 ? kNone : require(id); index != kNone;
         index = m_places[static_cast<std::size_t>(index)].parent) {
        path.append(m_nodes[static_cast<std::size_t>(index)].id);
    }
    std::reverse(path.begin(), path.end());
    return path;
}

qint64 MessageTree::parent(qint64 id) const {
    const int above = m_places[static_cast<std::size_t>(require(id))].parent;
    return above == kNone ? 0 : m_nodes[static_cast<std::size_t>(above)].id;
}

QList<qint64> MessageTree::siblings(qint64 id) const {
    const int parent = m_places[static_cast<std::size_t>(require(id))].parent;
    QList<qint64> siblings;
    for (std::size_t i = 0; i < m_nodes.size(); ++i) {
        if (!m_nodes[i].hidden && m_places[i].parent == parent) {
            siblings.append(m_nodes[i].id);
        }
    }
    return siblings;
}

int MessageTree::siblingIndex(qint64 id) const {
    return m_places[static_cast<std::size_t>(require(id))].siblingIndex;
}

int MessageTree::siblingCount(qint64 id) const {
    return childrenOf(m_places[static_cast<std::size_t>(require(id))].parent);
}

std::vector<char> MessageTree::below(int from, bool hiddenToo) const {
    std::vector<char> below(m_nodes.size(), 0);
    for (auto i = static_cast<std::size_t>(from); i < m_nodes.size(); ++i) {
        const int parent = hiddenToo ? m_places[i].stored : m_places[i].parent;
        below[i] = static_cast<int>(i) == from || (parent != kNone && below[static_cast<std::size_t>(parent)] != 0);
    }
    return below;
}

qint64 MessageTree::newestEnd(qint64 id) const {
    const std::vector<char> marks = below(require(id), false);
    for (std::size_t i = m_nodes.size(); i > 0; --i) {
        if (marks[i - 1] != 0 && !m_nodes[i - 1].hidden && m_places[i - 1].children == 0) {
            return m_nodes[i - 1].id;
        }
    }
    Q_UNREACHABLE();
}

QList<qint64> MessageTree::branch(qint64 id) const {
    const std::vector<char> marks = below(require(id), true);
    QList<qint64> branch;
    for (std::size_t i = 0; i < m_nodes.size(); ++i) {
        if (marks[i] != 0) {
            branch.append(m_nodes[i].id);
        }
    }
    return branch;
}

QList<qint64> MessageTree::all() const {
    QList<qint64> all;
    for (const Node& node : m_nodes) {
        if (!node.hidden) {
            all.append(node.id);
        }
    }
    return all;
}

}  // namespace alcove
