// Several checkpoints open at once, in a bounded amount of memory.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <iterator>
#include <list>
#include <utility>
#include <vector>

#include "engine/base/error.h"

namespace alcove {

// Hands out an id for each checkpoint that it holds; ids are not used twice, 0 is none. Not thread-safe.
//
// Key says what was opened, and how: equal keys mean the same open checkpoint. Checkpoint is movable and has
//   std::uint64_t bytes() const;  the memory that it takes
//   void close();                 gives that memory back
//   void reopen();                undoes close(); throws what opening throws
template <typename Key, typename Checkpoint>
class CheckpointPool {
public:
    using Id = std::uint64_t;
    // Opens a checkpoint, or throws. `mayStepDown`: nothing is left that could be closed to make room, so it may be
    // opened in less memory than was asked for.
    using Open = std::function<Checkpoint(bool mayStepDown)>;

    // The checkpoint that is open under `key` or, if there is none, what `open` opens, beside the others. As long as
    // `open` throws engine::Error{OutOfMemory} the one used least recently is closed and `open` is called again. If
    // opening fails, those that were closed for it are opened again (where that fails too they are gone), and the
    // error is thrown. Afterwards those used least recently go until all together take at most `budget` bytes; the one
    // that is returned stays, whatever it takes.
    Id open(const Key& key, std::uint64_t budget, const Open& open) {
        auto found = std::find_if(m_entries.begin(), m_entries.end(),
                                  [&key](const Entry& entry) { return entry.shared && entry.key == key; });
        if (found == m_entries.end()) {
            found = add(key, open);
        } else {
            m_entries.splice(m_entries.begin(), m_entries, found);
        }
        while (m_entries.size() > 1 && bytes() > budget) {
            m_entries.pop_back();
        }
        return found->id;
    }

    // The open checkpoint with that id, which counts as used by that; null: it is not open any more.
    Checkpoint* use(Id id) {
        const auto found = at(id);
        if (found == m_entries.end()) {
            return nullptr;
        }
        m_entries.splice(m_entries.begin(), m_entries, found);
        return &found->checkpoint;
    }

    // It is not what its key says any more: opening under that key opens another one. It stays open.
    void forgetKey(Id id) {
        if (const auto found = at(id); found != m_entries.end()) {
            found->shared = false;
        }
    }

    void close(Id id) {
        m_entries.remove_if([id](const Entry& entry) { return entry.id == id; });
    }

    // Most recently used first.
    [[nodiscard]] std::vector<Id> ids() const {
        std::vector<Id> result;
        for (const Entry& entry : m_entries) {
            result.push_back(entry.id);
        }
        return result;
    }

    [[nodiscard]] std::uint64_t bytes() const {
        std::uint64_t sum = 0;
        for (const Entry& entry : m_entries) {
            sum += entry.checkpoint.bytes();
        }
        return sum;
    }

private:
    struct Entry {
        Id id = 0;
        Key key;
        bool shared = true;  // whoever opens under `key` gets this one
        Checkpoint checkpoint;
    };
    using Entries = std::list<Entry>;  // most recently used first

    typename Entries::iterator at(Id id) {
        return std::find_if(m_entries.begin(), m_entries.end(), [id](const Entry& entry) { return entry.id == id; });
    }

    typename Entries::iterator add(const Key& key, const Open& open) {
        Entries closed;  // most recently used first, as in m_entries
        try {
            while (true) {
                try {
                    m_entries.push_front({m_lastId + 1, key, true, open(m_entries.empty())});
                    ++m_lastId;
                    return m_entries.begin();
                } catch (const engine::Error& error) {
                    if (error.code() != engine::ErrorCode::OutOfMemory || m_entries.empty()) {
                        throw;
                    }
                }
                m_entries.back().checkpoint.close();
                closed.splice(closed.begin(), m_entries, std::prev(m_entries.end()));
            }
        } catch (...) {
            restore(closed);
            throw;
        }
    }

    // Most recently used first, so that those are back that will be needed soonest where not all find room again.
    void restore(Entries& closed) {
        while (!closed.empty()) {
            try {
                closed.front().checkpoint.reopen();
                m_entries.splice(m_entries.end(), closed, closed.begin());
            } catch (...) {
                closed.pop_front();  // whoever uses it next hears that it is not open
            }
        }
    }

    Entries m_entries;
    Id m_lastId = 0;
};

}  // namespace alcove
