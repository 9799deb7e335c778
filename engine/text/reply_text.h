// From the bytes of generated tokens to the text of a reply.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/text/stop_matcher.h"
#include "engine/text/utf8_stream.h"

namespace alcove::engine {

enum class Trim {
    Nothing,       // exactly the text
    LeadingSpace,  // one space at the very beginning, the one SentencePiece puts before a text
    BothEnds,      // spaces and line breaks at both ends, as in a chat
};

// Whole UTF-8 characters only, nothing of a stop string, trimmed as asked.
class ReplyText {
public:
    ReplyText(std::vector<std::string> stopStrings, Trim trim);

    // The text goes on one that is there: nothing is trimmed at its beginning.
    void goOn() { m_begun = true; }

    // The text that the next token's bytes make showable.
    [[nodiscard]] std::string push(std::string_view bytes);

    // The end of the reply: whatever was held back and belongs to it.
    [[nodiscard]] std::string finish();

    // A stop string was found; what follows it is not part of the reply.
    [[nodiscard]] bool stopped() const { return m_stops.stopped(); }

private:
    [[nodiscard]] std::string trimmed(std::string text);

    Utf8Stream m_characters;
    StopMatcher m_stops;
    Trim m_trim;
    bool m_begun = false;     // something of the reply has been seen
    std::string m_heldSpace;  // white space that is dropped if nothing follows
};

}  // namespace alcove::engine
