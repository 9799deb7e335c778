// What alcove-cli writes: results to standard output, exactly the text or JSON; sentences to standard error.
//
// Where a stream is a terminal, characters that it would obey are made visible (app/process/terminal_text.h); each
// stream is looked at for itself, so that a file or a pipe gets every byte while the other one is a terminal.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <QString>
#include <nlohmann/json_fwd.hpp>

#include "engine/base/sentence.h"

namespace alcove::cli {

// Writing to standard output failed; the message is a sentence.
class OutputError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// Each function writes through at once and throws OutputError where that fails. A text may end within a character, and
// the next one begin with the rest of it.
void writeText(std::string_view text);
void writeJson(const nlohmann::ordered_json& value);  // one line; invalid UTF-8 becomes U+FFFD

// One line of JSON in pieces, for what is not held as a whole. writeJson() is for what is.
void writeJsonPunctuation(std::string_view text);
void writeJsonPiece(const nlohmann::ordered_json& value);

// The pieces of an array, and what is between them.
class JsonArrayOutput {
public:
    JsonArrayOutput() { writeJsonPunctuation("["); }
    void add(const nlohmann::ordered_json& value);
    void end() { writeJsonPunctuation("]"); }

private:
    bool m_first = true;
};

struct TableRow {
    engine::Sentence name;
    engine::Sentence value;
};

// Lines "name   value" with the values in one column, in the language of the person. A row without a value is left out.
void writeTable(const std::vector<TableRow>& rows);

// A sentence to standard error, with a line break. That it cannot be written is nobody's to hear.
void writeSentence(const QString& sentence);
// The same over the line that a terminal shows at the moment, such as one of progress.
void writeSentenceOverLine(const QString& sentence);

// After a text that is printed exactly: on a terminal a line break if it does not end in one, so that the
// prompt of the shell stands on a line of its own. Nothing where the output goes to a file or a pipe.
void finishText(std::string_view text);

}  // namespace alcove::cli
