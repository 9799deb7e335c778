#include "app/cli/token_table.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "app/cli/numbers.h"

namespace alcove::cli {

namespace {

constexpr int kDigits = 4;
constexpr std::size_t kLogarithmWidth = 9;

nlohmann::ordered_json rankedJson(const engine::RankedToken& ranked, const engine::Tokenizer& tokenizer) {
    const std::string& bytes = tokenizer.tokenBytes(ranked.token);
    return {{"id", ranked.token},
            {"text", bytes.empty() ? tokenizer.piece(ranked.token) : bytes},  // a control token adds nothing
            {"logprob", ranked.logProbability}};
}

}  // namespace

nlohmann::ordered_json tokenJson(const engine::TokenReport& report, const engine::Tokenizer& tokenizer) {
    nlohmann::ordered_json json = rankedJson(report.written, tokenizer);
    nlohmann::ordered_json top = nlohmann::ordered_json::array();
    for (const engine::RankedToken& ranked : report.top) {
        top.push_back(rankedJson(ranked, tokenizer));
    }
    json["top"] = top;
    return json;
}

std::string tokenLine(const engine::TokenReport& report, const engine::Tokenizer& tokenizer) {
    std::string line = decimal(report.written.logProbability, kDigits);
    line.insert(0, kLogarithmWidth - std::min(kLogarithmWidth, line.size()), ' ');
    line += "  " + tokenizer.piece(report.written.token);
    for (const engine::RankedToken& ranked : report.top) {
        line += "  " + tokenizer.piece(ranked.token) + " " + decimal(ranked.logProbability, kDigits);
    }
    return line + "\n";
}

}  // namespace alcove::cli
