#include "engine/text/reply_text.h"

#include <algorithm>
#include <utility>

namespace alcove::engine {

namespace {
constexpr std::string_view kWhiteSpace = " \t\r\n";
}

ReplyText::ReplyText(std::vector<std::string> stopStrings, Trim trim) : m_stops(std::move(stopStrings)), m_trim(trim) {
}

std::string ReplyText::push(std::string_view bytes) {
    return trimmed(m_stops.push(m_characters.push(bytes)));
}

std::string ReplyText::finish() {
    std::string rest = m_stops.push(m_characters.flush());
    rest += m_stops.flush();
    return trimmed(std::move(rest));
}

std::string ReplyText::trimmed(std::string text) {
    if (m_trim == Trim::Nothing || text.empty()) {
        return text;
    }
    if (m_trim == Trim::LeadingSpace) {
        if (!m_begun && text.front() == ' ') {
            text.erase(0, 1);
        }
        m_begun = true;
        return text;
    }
    if (!m_begun) {
        text.erase(0, std::min(text.find_first_not_of(kWhiteSpace), text.size()));
        m_begun = !text.empty();
    }
    text.insert(0, std::exchange(m_heldSpace, {}));
    const std::size_t last = text.find_last_not_of(kWhiteSpace);
    const std::size_t end = last == std::string::npos ? 0 : last + 1;
    m_heldSpace = text.substr(end);
    text.erase(end);
    return text;
}

}  // namespace alcove::engine
