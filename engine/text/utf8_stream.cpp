#include "engine/text/utf8_stream.h"

namespace alcove::engine {

std::string Utf8Stream::push(std::string_view bytes) {
    m_pending += bytes;
    std::string_view rest = m_pending;
    std::string result;
    while (!rest.empty()) {
        const Utf8Step step = scanUtf8(rest);
        if (step.kind == Utf8Scan::CutOff) {
            break;
        }
        result += step.kind == Utf8Scan::Whole ? rest.substr(0, step.length) : kReplacementCharacter;
        rest.remove_prefix(step.length);
    }
    m_pending.erase(0, m_pending.size() - rest.size());
    return result;
}

std::string Utf8Stream::flush() {
    std::string result(m_pending.empty() ? std::string_view() : kReplacementCharacter);
    m_pending.clear();
    return result;
}

}  // namespace alcove::engine
