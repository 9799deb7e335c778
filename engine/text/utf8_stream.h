// Bytes in as they come, whole UTF-8 characters out.
#pragma once

#include <string>
#include <string_view>

#include "engine/text/utf8.h"

namespace alcove::engine {

// What comes out, put together, is repairUtf8 of what went in, however it was cut into pieces.
class Utf8Stream {
public:
    // The characters that are complete now. Holds back at most three bytes.
    [[nodiscard]] std::string push(std::string_view bytes);

    // The end of the text: U+FFFD if a character was cut off, else nothing. The stream is fresh then.
    [[nodiscard]] std::string flush();

private:
    std::string m_pending;
};

}  // namespace alcove::engine
