#include "app/cli/output.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <unistd.h>

#include <QByteArray>
#include <nlohmann/json.hpp>

#include "app/process/terminal_text.h"
#include "app/translation/engine_sentences.h"

namespace alcove::cli {

namespace {

bool isTerminal(int descriptor) {
    return ::isatty(descriptor) == 1;
}

// False if not all of it could be written.
bool write(std::FILE* stream, std::string_view text, Shown how) {
    static VisibleText output;
    static VisibleText errors;
    QByteArray shown;
    if (isTerminal(::fileno(stream))) {
        shown = (stream == stdout ? output : errors).next(QByteArrayView(text.data(), text.size()), how);
        text = std::string_view(shown.constData(), shown.size());
    }
    return std::fwrite(text.data(), 1, text.size(), stream) == text.size() && std::fflush(stream) == 0;
}

void writeOutput(std::string_view text, Shown how) {
    if (!write(stdout, text, how)) {
        throw OutputError(std::string("The output could not be written: ") + std::strerror(errno) + ".");
    }
}

}  // namespace

void writeText(std::string_view text) {
    writeOutput(text, Shown::AsPicture);
}

void writeJson(const nlohmann::ordered_json& value) {
    writeJsonPiece(value);
    writeJsonPunctuation("\n");
}

void writeJsonPunctuation(std::string_view text) {
    writeOutput(text, Shown::AsJsonEscape);
}

void writeJsonPiece(const nlohmann::ordered_json& value) {
    writeJsonPunctuation(value.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
}

void JsonArrayOutput::add(const nlohmann::ordered_json& value) {
    writeJsonPunctuation(m_first ? "" : ",");
    writeJsonPiece(value);
    m_first = false;
}

void writeSentence(const QString& sentence) {
    static_cast<void>(write(stderr, sentence.toStdString() + "\n", Shown::AsPicture));
}

void writeSentenceOverLine(const QString& sentence) {
    if (isTerminal(STDERR_FILENO)) {
        std::fputs("\r", stderr);
    }
    writeSentence(sentence);
}

void writeTable(const std::vector<TableRow>& rows) {
    qsizetype width = 0;
    for (const TableRow& row : rows) {
        width = std::max(width, inWords(row.name).size());
    }
    for (const TableRow& row : rows) {
        if (inWords(row.value).isEmpty()) {
            continue;
        }
        writeText((inWords(row.name).leftJustified(width + 2) + inWords(row.value) + u'\n').toStdString());
    }
}

void finishText(std::string_view text) {
    if (!text.ends_with('\n') && isTerminal(STDOUT_FILENO)) {
        writeText("\n");
    }
}

}  // namespace alcove::cli
