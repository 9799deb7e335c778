// Finds stop strings in a growing text and never lets part of one through.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace alcove::engine {

// Text goes in piece by piece; what can no longer be the beginning of a stop string comes out. The first
// stop string to be complete ends the text; of several complete at the same byte, the longest. What comes
// out does not depend on how the text was cut into pieces. If pieces are whole UTF-8 characters, so is
// what comes out.
class StopMatcher {
public:
    // Empty stop strings are ignored.
    explicit StopMatcher(std::vector<std::string> stopStrings);

    // The text that is safe to show now. Nothing after a stop string was found.
    [[nodiscard]] std::string push(std::string_view text);

    // The end of the text: what was held back and did not become a stop string.
    [[nodiscard]] std::string flush();

    [[nodiscard]] bool stopped() const { return m_stopped; }

private:
    [[nodiscard]] std::size_t longestPossibleBeginning() const;

    std::vector<std::string> m_stopStrings;  // longest first
    std::string m_held;
    bool m_stopped = false;
};

}  // namespace alcove::engine
