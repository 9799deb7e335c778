#include "engine/text/stop_matcher.h"

#include <algorithm>

namespace alcove::engine {

StopMatcher::StopMatcher(std::vector<std::string> stopStrings) : m_stopStrings(std::move(stopStrings)) {
    std::erase_if(m_stopStrings, [](const std::string& stop) { return stop.empty(); });
    std::stable_sort(m_stopStrings.begin(), m_stopStrings.end(),
                     [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
}

std::string StopMatcher::push(std::string_view text) {
    std::string result;
    for (const char byte : text) {
        if (m_stopped) {
            break;
        }
        m_held += byte;
        for (const std::string& stop : m_stopStrings) {
            if (m_held.ends_with(stop)) {
                result.append(m_held, 0, m_held.size() - stop.size());
                m_held.clear();
                m_stopped = true;
                break;
            }
        }
        const std::size_t safe = m_held.size() - longestPossibleBeginning();
        result.append(m_held, 0, safe);
        m_held.erase(0, safe);
    }
    return result;
}

std::string StopMatcher::flush() {
    std::string result = std::move(m_held);
    m_held.clear();
    return result;
}

// Length of the longest end of m_held that a stop string could begin with. m_held itself was such an end
// before its last byte came, so nothing before it matters.
std::size_t StopMatcher::longestPossibleBeginning() const {
    std::size_t longest = 0;
    const std::string_view held = m_held;
    for (const std::string& stop : m_stopStrings) {
        for (std::size_t length = std::min(held.size(), stop.size() - 1); length > longest; --length) {
            if (held.substr(held.size() - length) == std::string_view(stop).substr(0, length)) {
                longest = length;
            }
        }
    }
    return longest;
}

}  // namespace alcove::engine
