#include "engine/base/sentence.h"

namespace alcove::engine {

Sentence Sentence::verbatim(std::string text) {
    Sentence result;
    result.m_source = std::move(text);
    return result;
}

Sentence Sentence::sequence(std::vector<Sentence> parts) {
    Sentence result;
    std::erase_if(parts, [](const Sentence& part) { return part.empty(); });
    result.m_arguments = std::move(parts);
    return result;
}

Sentence Sentence::joined(std::vector<Sentence> parts) {
    std::vector<Sentence> spaced;
    for (Sentence& part : parts) {
        if (!part.empty()) {
            spaced.push_back(verbatim(spaced.empty() ? "" : " "));
            spaced.push_back(std::move(part));
        }
    }
    return sequence(std::move(spaced));
}

Sentence Sentence::kept(std::string source, std::vector<Sentence> arguments) {
    Sentence result;
    result.m_source = std::move(source);
    result.m_arguments = std::move(arguments);
    result.m_translatable = true;
    return result;
}

std::string Sentence::english() const {
    if (!m_translatable) {
        std::string result = m_source;
        for (const Sentence& part : m_arguments) {
            result += part.english();
        }
        return result;
    }
    // In one pass: an argument may contain "%1" itself.
    std::string result;
    for (std::size_t i = 0; i < m_source.size(); ++i) {
        const char next = m_source[i] == '%' && i + 1 < m_source.size() ? m_source[i + 1] : '\0';
        if (next >= '1' && next <= '9' && static_cast<std::size_t>(next - '1') < m_arguments.size()) {
            result += m_arguments[static_cast<std::size_t>(next - '1')].english();
            ++i;
        } else {
            result += m_source[i];
        }
    }
    return result;
}

}  // namespace alcove::engine
